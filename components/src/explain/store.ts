/** What the Explain page knows, and what each message and each click makes of it. Framework-free. */
import type { Frame } from "../live/frames"
import {
  type CaseEntry,
  type CasesMessage,
  type ExplanationMessage,
  type FromServer,
  type RunEntry,
  TABS,
  type Tab,
  type ToServer,
} from "./messages"

/** What the network answers to a changed case. */
export interface Answer {
  probabilities: number[] | null
  answer: number | null
}

const STOPPED = "Stopped before it was done."

export interface Asking {
  task: string
  share: number
  text: string
}

export interface State {
  runs: RunEntry[] | null
  run: string | null
  cases: CasesMessage | null
  tiles: Frame | null
  tab: Tab
  chosen: number | null
  method: string
  /** Path of the layer that a method with layers reads; null: the last one. */
  layer: string | null
  target: number | null
  asking: Asking | null
  explanation: ExplanationMessage | null
  /** The network's answer to the case last explained: it stays while another method is at work. */
  said: { case: number; answer: ExplanationMessage["answer"] } | null
  picture: Frame | null
  problem: string | null
  /** The chosen case as a person changed it, and the network's answer to that. */
  changed: ({ values: number[] } & Answer) | null
}

const EMPTY: State = {
  runs: null,
  run: null,
  cases: null,
  tiles: null,
  tab: "right",
  chosen: null,
  method: "integrated_gradients",
  layer: null,
  target: null,
  asking: null,
  explanation: null,
  said: null,
  picture: null,
  problem: null,
  changed: null,
}

export class ExplainStore {
  private state: State = EMPTY
  private count = 0
  private readonly listeners = new Set<() => void>()
  send: (message: ToServer) => void = () => undefined

  private wished: string | null = null

  /** The run of the page's address. Another one than is shown replaces it as soon as the connection is open. */
  wish(run: string | null): void {
    this.wished = run
    if (run !== null && this.state.run !== null && run !== this.state.run) this.set(EMPTY)
  }

  /** Set by the page around us: shows a run under Build & train. */
  goToBuild: ((run: string) => void) | null = null

  get canBuild(): boolean {
    return this.goToBuild !== null
  }

  build(): void {
    if (this.state.run !== null) this.goToBuild?.(this.state.run)
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  readonly snapshot = (): State => this.state

  private set(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes }
    this.listeners.forEach((listener) => listener())
  }

  // ---- what a person does -----------------------------------------------------------------------------------------

  /** The connection is open, for the first time or again: what was under way ended with the one before. */
  begin(): void {
    this.send({ type: "explain_runs" })
    if (this.state.run !== null && this.state.cases === null) this.pickRun(this.state.run)
    else if (this.state.asking) this.ask()
  }

  pickRun(run: string): void {
    this.set({ ...EMPTY, runs: this.state.runs, run, method: this.state.method })
    this.send({ type: "explain_cases", run })
  }

  pickTab(tab: Tab): void {
    this.set({ tab })
    const first = casesOf(this.state, tab)[0]
    if (first) this.pickCase(first.id)
  }

  pickCase(id: number): void {
    if (id === this.state.chosen && this.state.explanation) return
    this.set({ chosen: id, target: null, changed: null })
    this.ask()
  }

  pickMethod(kind: string, layer: string | null = null): void {
    this.set({ method: kind, layer })
    this.ask()
  }

  pickTarget(target: number): void {
    this.set({ target })
    this.ask()
  }

  /** Ends what is being worked out; the page says so at once. */
  cancel(): void {
    this.drop()
    this.set({ asking: null, problem: STOPPED })
  }

  again(): void {
    this.ask()
  }

  private drop(): void {
    if (this.state.asking) this.send({ type: "cancel", task: this.state.asking.task })
  }

  changeValue(feature: number, value: number): void {
    const { run, explanation, changed } = this.state
    if (run === null || !explanation?.features) return
    const values = [...(changed?.values ?? explanation.features.map((credit) => credit.value ?? 0))]
    values[feature] = value
    this.changeValues(values)
  }

  /** A case with other values: the network answers, the explanation stays that of the case itself. */
  changeValues(values: number[]): void {
    const { run } = this.state
    if (run === null) return
    this.showChanged(values)
    this.send({ type: "explain_answer", task: `what-if ${++this.count}`, run, values })
  }

  /** The same while something is dragged, with an answer the page knows already. */
  showChanged(values: number[], known: Answer | null = null): void {
    const { changed } = this.state
    const answer = known ?? { probabilities: changed?.probabilities ?? null, answer: changed?.answer ?? null }
    this.set({ changed: { values, ...answer } })
  }

  restore(): void {
    this.set({ changed: null })
  }

  private ask(): void {
    const { run, chosen, method, layer, target } = this.state
    if (run === null || chosen === null) return
    this.drop()
    const task = `explain ${++this.count}`
    this.set({ asking: { task, share: 0, text: "" }, explanation: null, picture: null, problem: null })
    const part = layer === null ? { kind: method } : { kind: method, layer }
    this.send({ type: "explain", task, run, case: chosen, method: part, target })
  }

  // ---- what the server says ---------------------------------------------------------------------------------------

  hear(message: FromServer): void {
    switch (message.type) {
      case "explain_runs":
        this.set({ runs: message.runs })
        if (this.state.run === null) this.pickFirstRun(message.runs)
        return
      case "explain_cases":
        if (message.run === this.state.run) this.showCases(message)
        return
      case "explain_progress":
        if (message.task === this.state.asking?.task)
          this.set({ asking: { task: message.task, share: message.share, text: message.text } })
        return
      case "explanation":
        if (message.task === this.state.asking?.task) {
          const said = { case: message.case, answer: message.answer }
          this.set({ explanation: message, said, asking: null })
        }
        return
      case "answer": {
        const { changed } = this.state
        if (changed && message.task === `what-if ${this.count}`)
          this.set({ changed: { ...changed, probabilities: message.probabilities, answer: message.answer } })
        return
      }
      case "explain_failed":
        if (message.task === this.state.asking?.task) this.set({ asking: null, problem: message.message })
        else if (message.task === `cases ${this.state.run}`) this.set({ problem: message.message })
        return
      case "error":
        this.set({ problem: message.text, asking: null })
    }
  }

  hearFrame(frame: Frame): void {
    const header = frame.header as unknown as { type: string; run?: string; task?: string }
    if (header.type === "cases" && header.run === this.state.run) this.set({ tiles: frame })
    // The picture follows its message, or comes a moment before it.
    const task = this.state.explanation?.task ?? this.state.asking?.task
    if (header.type === "explanation" && header.task === task) this.set({ picture: frame })
  }

  private pickFirstRun(runs: RunEntry[]): void {
    const first = runs.find((run) => run.id === this.wished) ?? runs[0]
    if (first) this.pickRun(first.id)
  }

  private showCases(message: CasesMessage): void {
    const offered = message.methods.filter((method) => method.offer !== "not offered")
    const known = offered.some((method) => method.part.kind === this.state.method)
    const tab = TABS.find((name) => message.counts[name] > 0) ?? "right"
    this.set({ cases: message, tab, method: known ? this.state.method : (offered[0]?.part.kind ?? this.state.method) })
    this.pickTab(tab)
  }
}

export function casesOf(state: State, tab: Tab): CaseEntry[] {
  return state.cases?.cases.filter((entry) => entry.tab === tab) ?? []
}

/** Place of a case in the frame of tiles: the frame is in the order of the list. */
export function placeOf(state: State, id: number, tab: Tab): number {
  return state.cases?.cases.findIndex((entry) => entry.id === id && entry.tab === tab) ?? -1
}

export const store = new ExplainStore()
