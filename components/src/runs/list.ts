/** What the run list knows and how it is worded. No screen here. */

export type RunState = "starting" | "queued" | "running" | "paused" | "finished" | "failed" | "interrupted"

export interface RunEntry {
  id: string
  name: string
  data: string
  state: RunState
  /** "99.0 % right", or empty. */
  score: string
  steps: number
  seconds: number
  parameters: number
  /** Seconds since 1970; 0 for the sample. */
  started: number
  /** The loss, a few dozen points from first to last; newest last. */
  curve: number[]
}

export interface RunsData {
  runs: RunEntry[]
  /** Shown, labelled as such, while there is nothing else. */
  sample: RunEntry
}

export type StateFilter = "all" | "running" | "finished" | "stopped"

/** The word, and the sign beside it: colour is never alone. */
export const STATES: Record<RunState, { word: string; sign: string; group: Exclude<StateFilter, "all"> }> = {
  starting: { word: "Starting", sign: "◔", group: "running" },
  queued: { word: "Queued", sign: "◷", group: "running" },
  running: { word: "Training", sign: "▶", group: "running" },
  paused: { word: "Paused", sign: "❚❚", group: "stopped" },
  finished: { word: "Finished", sign: "✓", group: "finished" },
  failed: { word: "Failed", sign: "✕", group: "stopped" },
  interrupted: { word: "Interrupted", sign: "◦", group: "stopped" },
}

/** Whether training can go on from where it stands. */
export function canGoOn(run: RunEntry): boolean {
  return run.state === "paused" || run.state === "interrupted" || run.state === "finished"
}

/** Every word of the search stands somewhere in the row. */
export function matching(runs: readonly RunEntry[], search: string, filter: StateFilter): RunEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter((run) => {
    if (filter !== "all" && STATES[run.state].group !== filter) return false
    const row = `${run.name} ${run.data} ${STATES[run.state].word} ${run.score} ${run.id}`.toLowerCase()
    return words.every((word) => row.includes(word))
  })
}

export function duration(seconds: number): string {
  if (seconds < 1) return "< 1 s"
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

export function when(started: number, now: Date = new Date()): string {
  if (started <= 0) return ""
  const date = new Date(started * 1000)
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
  if (date.toDateString() === now.toDateString()) return `Today ${time}`
  const yesterday = new Date(now.getTime() - 86_400_000)
  if (date.toDateString() === yesterday.toDateString()) return `Yesterday ${time}`
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" })
}

/** "M0,3 L4,9 …": the loss from the upper left to the lower right of a small box. Logarithmic when it falls far. */
export function sparkline(curve: readonly number[], width: number, height: number): string {
  const known = curve.filter((value) => Number.isFinite(value))
  if (known.length < 2) return ""
  const positive = known.every((value) => value > 0) && Math.max(...known) / Math.min(...known) > 20
  const values = positive ? known.map(Math.log) : known
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  return values
    .map((value, at) => {
      const x = (at / (values.length - 1)) * width
      const y = 1 + (1 - (value - low) / span) * (height - 2)
      return `${at === 0 ? "M" : "L"}${x.toFixed(1)},${y.toFixed(1)}`
    })
    .join(" ")
}

export function counted(shown: number, all: number): string {
  const runs = all === 1 ? "1 run" : `${all.toLocaleString("en")} runs`
  return shown === all ? runs : `${shown.toLocaleString("en")} of ${runs}`
}
