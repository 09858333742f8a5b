/** What the operator's page knows and how it is worded. No screen here. */

export interface ServerState {
  viewers: number
  shared: boolean
  running: number
  queued: number
  tasks: number
  workers: number
  jobs: number
  held: boolean
  memory: { used: number; total: number } | null
}

export interface OperatorData {
  /** Null while the engine does not answer. */
  state: ServerState | null
}

export type Order = "pause" | "hold" | "go_on"

const count = (n: number, one: string, many: string): string => `${n.toLocaleString("en")} ${n === 1 ? one : many}`

/** The whole state in one line, readable from across the room. */
export function headline({ viewers, running, held }: ServerState): string {
  const looking = count(viewers, "page is open", "pages are open")
  if (held) return `Training is held. ${looking[0]!.toUpperCase()}${looking.slice(1)}.`
  const training = running === 0 ? "nothing trains" : count(running, "run is training", "runs are training")
  return `${looking[0]!.toUpperCase()}${looking.slice(1)}, ${training}.`
}

export interface Row {
  id: string
  title: string
  value: string
  says: string
  /** How full, 0 to 1, where there is a limit to be near. */
  share?: number
}

export function rows(state: ServerState): Row[] {
  const { viewers, running, queued, tasks, workers, jobs, memory } = state
  const found: Row[] = [
    { id: "viewers", title: "Pages open", value: viewers.toLocaleString("en"), says: "Build pages that look at a project now." },
    {
      id: "running",
      title: "Training",
      value: running.toLocaleString("en"),
      says: `Of ${count(jobs, "run", "runs")} in memory; they share ${count(workers, "worker", "workers")}.`,
    },
    { id: "queued", title: "Queued", value: queued.toLocaleString("en"), says: "Begin by themselves when there is room." },
    { id: "tasks", title: "Tasks", value: tasks.toLocaleString("en"), says: "Explanations, exports and data being read." },
  ]
  if (memory) {
    const share = memory.used / memory.total
    found.push({
      id: "memory",
      title: "Memory",
      value: `${Math.round(100 * share)} %`,
      says: `${gigabytes(memory.used)} of ${gigabytes(memory.total)} GB of this machine.`,
      share,
    })
  }
  return found
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)
}
