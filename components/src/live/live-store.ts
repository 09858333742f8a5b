/**
 * What the running network looks like right now. It lives outside React: arrays are replaced as frames arrive
 * (newest wins, array by array) and drawn once per animation frame; React hears of numbers at most five times a second.
 */
import { decodeFrame, type Frame, type FrameHeader, type LiveArray, type NodeNumbers } from "./frames"

export interface RunState {
  id: string | null
  state: string
  step: number
  epoch: number
  message: string | null
  /** Updates a second the run is held to; null or absent: full speed. */
  speed?: number | null
}

export type Point = { step: number; epoch: number } & Record<string, number | null>

export interface LiveNumbers {
  run: RunState | null
  step: number
  epoch: number
  stepsPerSecond: number | null
  values: Record<string, number | null>
  nodes: Record<string, NodeNumbers>
  domain: [number, number] | null
  labels: string[]
  /** Training was seen to run, or was stepped, since this page opened. */
  trainedHere: boolean
  /** Names and shapes of the arrays at hand; changes only when a drawing must be laid out anew. */
  layout: string
  shownSample: number | null
  /** Steps at which the experiment was changed while it trained. */
  marks: readonly Mark[]
}

export interface Mark {
  step: number
  revision: number
}

type Draw = () => void
type Clock = { now(): number; soon(task: () => void): void; later(task: () => void, milliseconds: number): void }

const BROWSER: Clock = {
  now: () => performance.now(),
  soon: (task) => void requestAnimationFrame(task),
  later: (task, milliseconds) => void setTimeout(task, milliseconds),
}

const START: LiveNumbers = {
  run: null,
  step: 0,
  epoch: 0,
  stepsPerSecond: null,
  values: {},
  nodes: {},
  domain: null,
  labels: [],
  trainedHere: false,
  layout: "",
  shownSample: null,
  marks: [],
}

const NUMBERS_EVERY = 200
/** What a `data` frame of each view brings; it may arrive before the check that tells of the new data. */
const OF_VIEW: Record<string, string[]> = {
  plane: ["points", "targets", "part"],
  image: ["gallery", "gallery_target"],
}
const NODE_ARRAYS = ["picture/", "histogram/", "units/", "weight/", "bias/", "focus/"]

export class LiveStore {
  readonly arrays = new Map<string, LiveArray>()
  points: Point[] = []
  private numbers: LiveNumbers = START
  private incoming: LiveNumbers = START
  private readonly drawers = new Map<string, Set<Draw>>()
  private readonly dirty = new Set<string>()
  private readonly listeners = new Set<() => void>()
  private readonly finished = new Set<string>()
  private revision: number | null = null
  private data: string | null = null
  /** The revision the present data came with: frames from before it show other data. */
  private dataSince = -Infinity
  /** What was shown when Train was pressed, until it is known whether it trains. */
  private untouched: Pick<LiveNumbers, "values" | "step" | "epoch" | "trainedHere"> | null = null
  private drawing = false
  private announcing = false
  private announced = -Infinity

  constructor(private readonly clock: Clock = BROWSER) {}

  array(name: string): LiveArray | undefined {
    return this.arrays.get(name)
  }

  /** The plane's range now, without waiting for the next announcement. */
  latestDomain(): [number, number] | null {
    return this.incoming.domain
  }

  latestStep(): number {
    return this.incoming.step
  }

  /** Calls `draw` in the next animation frame after any of the names changed (also once now). "*" hears everything. */
  onArrays(names: readonly string[], draw: Draw): () => void {
    for (const name of names) {
      const set = this.drawers.get(name) ?? new Set()
      this.drawers.set(name, set.add(draw))
    }
    draw()
    return () => names.forEach((name) => this.drawers.get(name)?.delete(draw))
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  readonly snapshot = (): LiveNumbers => this.numbers

  receive(buffer: ArrayBuffer): void {
    this.take(decodeFrame(buffer))
  }

  take({ header, arrays }: Frame): void {
    if (header.run && this.finished.has(header.run)) return
    if (header.type === "frame" && (header.revision ?? -Infinity) < this.dataSince) return
    if (header.type === "data") this.takeData(header, arrays)
    else this.takeFrame(header, arrays)
    for (const [name, array] of arrays) {
      this.arrays.set(name, array)
      this.touch(name)
    }
    this.relayout()
    this.announce(false)
  }

  private takeData(header: FrameHeader, arrays: Map<string, LiveArray>): void {
    for (const name of ["points", "targets", "part", "gallery", "gallery_target"]) {
      if (!arrays.has(name)) this.drop(name)
    }
    this.change({ domain: header.domain ?? this.incoming.domain, labels: header.labels ?? [] })
  }

  private takeFrame(header: FrameHeader, arrays: Map<string, LiveArray>): void {
    const nodes = header.nodes ?? this.incoming.nodes
    if (header.nodes) {
      for (const name of [...this.arrays.keys()]) {
        const kind = NODE_ARRAYS.find((prefix) => name.startsWith(prefix))
        if (!kind) continue
        const path = nodePath(name, kind)
        const replaced = arrays.has(`picture/${path}`)
          ? kind === "histogram/"
          : arrays.has(`histogram/${path}`) && kind === "picture/"
        if (replaced || (header.revision !== undefined && !(path in header.nodes) && !arrays.has(name))) this.drop(name)
      }
    }
    if (arrays.has("output")) this.drop("output_class", "output_confidence")
    else if (arrays.has("output_class")) this.drop("output")
    if (arrays.has("scatter")) this.drop("confusion")
    else if (arrays.has("confusion")) this.drop("scatter")
    const run = this.incoming.run
    const step = header.step ?? this.incoming.step
    const epoch = header.epoch ?? this.incoming.epoch
    this.mark(step, header.revision)
    this.change({
      nodes,
      step,
      epoch,
      run: run && { ...run, step, epoch },
      values: header.values ?? this.incoming.values,
      stepsPerSecond: header.steps_per_second ?? null,
    })
  }

  setRun(run: RunState | null): void {
    const before = this.incoming.run
    if ((run?.state === "idle" || run?.state === "queued") && run.step > 0 && this.untouched) {
      // Train did not begin after all: what was shown before it was pressed is still what the run shows.
      this.change(this.untouched)
    }
    if (run && run.state !== "starting") this.untouched = null
    if (before?.id && before.id !== run?.id) this.finished.add(before.id)
    if (run?.id) this.finished.delete(run.id)
    if (run?.state === "running" || run?.state === "starting") this.change({ trainedHere: true })
    const moved = run !== null && (run.state !== "running" || before?.state !== "running")
    // What was known of a later step says nothing about an earlier one.
    const back = moved && run.step < this.incoming.step
    this.change({ run, ...(moved ? { step: run.step, epoch: run.epoch } : {}), ...(back ? { values: {} } : {}) })
    if (run && (run.step === 0 || run.id !== before?.id) && run.state !== "running")
      this.change({ stepsPerSecond: null })
    this.announce(true)
  }

  addPoints(points: Point[], reset: boolean): void {
    if (reset) this.points = []
    const last = this.points.at(-1)?.step ?? -1
    const first = points[0]?.step ?? Infinity
    if (first <= last) this.points = this.points.filter((point) => point.step < first)
    this.points = this.points.concat(points)
    this.touch("curve")
  }

  /** Train was pressed on the network that was trained before: it goes back to nothing, and says so at once. */
  beginAgain(): void {
    const { run, values, step, epoch } = this.incoming
    this.untouched = { values, step, epoch, trainedHere: false }
    const starting = run && { ...run, state: "starting", step: 0, epoch: 0, message: null }
    this.change({ trainedHere: true, run: starting, step: 0, epoch: 0, values: {} })
    this.announce(true)
  }

  markTrainedHere(): void {
    if (this.incoming.trainedHere) return
    this.change({ trainedHere: true })
    this.announce(true)
  }

  showSample(sample: number | null): void {
    this.change({ shownSample: sample })
    this.announce(true)
  }

  /**
   * The drawing was checked against its data. Other data make every picture of the old ones untrue, so they go at once:
   * a drawing that does not fit its new data has no run, and nothing would ever replace them.
   */
  setData(view: string, key: string, revision: number): void {
    const before = this.data
    this.data = key
    if (before === null || before === key) return
    this.dataSince = revision
    const kept = OF_VIEW[view] ?? []
    for (const name of [...this.arrays.keys()]) {
      if (!kept.includes(name) && !/^(weight|bias)\//.test(name)) this.drop(name)
    }
    this.relayout()
    this.announce(true)
  }

  /** The project was opened anew: the next check tells which data are shown, and frames may carry any revision. */
  forgetData(): void {
    this.data = null
    this.dataSince = -Infinity
  }

  /** Another project or another run's leftovers: forget everything. */
  clear(): void {
    const names = [...this.arrays.keys()]
    this.arrays.clear()
    this.points = []
    this.finished.clear()
    this.revision = null
    this.forgetData()
    this.incoming = START
    names.forEach((name) => this.touch(name))
    this.touch("curve")
    this.announce(true)
  }

  /** Everything is drawn anew, for instance after the colours changed. */
  redraw(): void {
    for (const name of this.drawers.keys()) this.touch(name)
  }

  touch(name: string): void {
    this.dirty.add(name)
    if (this.drawing) return
    this.drawing = true
    this.clock.soon(() => this.flush())
  }

  private flush(): void {
    this.drawing = false
    const names = [...this.dirty]
    this.dirty.clear()
    const due = new Set<Draw>()
    for (const name of names) this.drawers.get(name)?.forEach((draw) => due.add(draw))
    this.drawers.get("*")?.forEach((draw) => due.add(draw))
    due.forEach((draw) => draw())
  }

  /** Remembers where a change took effect; rewinding forgets what then lies ahead. */
  private mark(step: number, revision: number | undefined): void {
    const marks = this.incoming.marks.filter((mark) => mark.step <= step)
    const changed = revision !== undefined && this.revision !== null && revision !== this.revision && step > 0
    if (revision !== undefined) this.revision = revision
    if (changed) this.change({ marks: [...marks.slice(-40), { step, revision }] })
    else if (marks.length !== this.incoming.marks.length) this.change({ marks })
  }

  private drop(...names: string[]): void {
    for (const name of names) if (this.arrays.delete(name)) this.touch(name)
  }

  private change(part: Partial<LiveNumbers>): void {
    this.incoming = { ...this.incoming, ...part }
  }

  private relayout(): void {
    const names = [...this.arrays.values()].map((array) => `${array.name}:${array.shape.join("x")}`)
    const layout = names
      .filter((name) => !name.startsWith("focus/"))
      .sort()
      .join(" ")
    if (layout !== this.incoming.layout) {
      this.change({ layout })
      this.announce(true)
    }
  }

  private announce(now: boolean): void {
    const wait = this.announced + NUMBERS_EVERY - this.clock.now()
    if (now || wait <= 0) {
      if (this.incoming === this.numbers) return
      this.announced = this.clock.now()
      this.numbers = this.incoming
      this.listeners.forEach((listener) => listener())
    } else if (!this.announcing) {
      this.announcing = true
      this.clock.later(() => {
        this.announcing = false
        this.announce(true)
      }, wait)
    }
  }
}

/** "focus/hidden/2" → "hidden"; "picture/encoder[2].attention" → "encoder[2].attention". */
function nodePath(name: string, prefix: string): string {
  const rest = name.slice(prefix.length)
  return prefix === "focus/" ? rest.slice(0, rest.lastIndexOf("/")) : rest
}
