/** A server in the page: it answers every message of the protocol and really trains a small network on the circle. */
import { setConnection, type Connection } from "../../src/connection-api"
import { networkOf } from "../../src/document/graph"
import { encodeFrame, decodeFrame } from "../../src/live/frames"
import { live } from "../../src/live/live"
import { hear } from "../../src/live/session"
import type {
  ClientMessage,
  Facts,
  MetricsPoint,
  NetworkNode,
  NodeCosts,
  Part,
  ProjectDocument,
  RunPhase,
} from "../../src/protocol"
import { setState } from "../../src/store"
import { catalogue, circleDocument } from "./catalogue"
import { dataFrame, galleryFrame, imageArrays, networkArrays, tableArrays, type Focus } from "./frames"
import { circle, MockNetwork, random, type DenseSpec, type Sample } from "./network"

type View = Facts["view"]

const GLOSSARY = {
  loss: "How wrong the network is, as one number. Training makes it smaller.",
  epoch: "Once through all training points.",
  batch: "The handful of points it looks at before each update.",
  step: "One update of all weights.",
  "learning rate": "How far each update moves the weights.",
}

/** The circle's network with other hidden layers: for seeing many lines at once. */
function stacked(document: ProjectDocument, hidden: readonly number[]): ProjectDocument {
  const network = networkOf(document)
  const [input, first, last, output] = network.nodes as [NetworkNode, NetworkNode, NetworkNode, NetworkNode]
  const layers = hidden.map((units, n) => ({ ...first, id: `hidden${n + 1}`, layer: { ...first.layer, units } }))
  const nodes = [input, ...layers, last, output]
  const edges = nodes
    .slice(1)
    .map((node, n) => ({ source: nodes[n]!.id, target: node.id, source_port: "out", target_port: "in" }))
  const places = Object.fromEntries(
    nodes.map((node, n) => [node.id, { x: 230 * n, y: 60 - 20 * Number(node.layer.units ?? 1) }]),
  )
  return {
    ...document,
    experiment: { ...document.experiment, networks: { model: { nodes, edges } } },
    layout: { nodes: places, unfolded: nodes.map((node) => node.id), viewport: null },
  }
}

export class MockServer implements Connection {
  private document: ProjectDocument = structuredClone(circleDocument)
  private revision = 1
  private samples: Sample[] = []
  private network!: MockNetwork
  private state: RunPhase = "finished"
  private step = 0
  private perSecond: number | null = 100
  private focus: Focus | null = null
  private sample = 0
  private fresh: Record<string, number[]> = {}
  private points: MetricsPoint[] = []
  private readonly gallery = decodeFrame(galleryFrame())

  constructor(
    private readonly view: View,
    private readonly task: Facts["task"],
    hidden: readonly number[] = [],
  ) {
    if (hidden.length > 0) this.document = stacked(this.document, hidden)
    this.rebuild()
    for (let n = 0; n < 400; n++) {
      this.update()
      if (n % 10 === 0) this.points.push(this.point())
    }
  }

  start(): void {
    setConnection(this)
    setState({ connection: { state: "open", seconds: null } })
    this.say({
      type: "project",
      id: "mock",
      revision: 1,
      readonly: false,
      document: this.document,
      catalogue,
      glossary: GLOSSARY,
      run: this.run(),
      opening: "It was trained before you came.",
    })
    this.check()
    this.data()
    this.say({ type: "metrics", run: "r1", reset: true, points: this.points })
    this.frame()
    setInterval(() => this.tick(), 33)
  }

  status() {
    return { state: "open" as const, seconds: null }
  }

  subscribe() {
    return () => undefined
  }

  send(message: ClientMessage): boolean {
    setTimeout(() => this.hear(structuredClone(message)), 5)
    return true
  }

  private hear(message: ClientMessage): void {
    if (message.type === "edit") {
      this.document = message.document
      this.say({ type: "saved", seq: message.seq, revision: ++this.revision })
      this.rebuild(this.network)
      this.check()
      this.frame()
    } else if (message.type === "command") this.command(message.name, message.value ?? null)
    else if (message.type === "watch") {
      this.focus = message.focus
      this.sample = message.sample ?? 0
      this.frame()
    } else if (message.type === "weight") {
      const layer = this.network.layers.find((one) => one.id === message.node)
      if (layer) layer.weight[message.index[0]! * layer.inputs + message.index[1]!] = message.value
      this.frame()
    }
  }

  private command(name: string, value: number | null): void {
    if (name === "play") {
      if (this.state === "finished") this.rewind()
      this.state = "running"
    } else if (name === "pause") this.state = "paused"
    else if (name === "speed") this.perSecond = value
    else if (name === "rewind" || name === "start_over") {
      this.rewind()
      this.state = "idle"
    } else {
      if (this.state === "finished") this.rewind()
      this.state = "paused"
      for (let n = 0; n < (name === "epoch" ? this.perEpoch() : 1); n++) this.update()
      this.metrics()
    }
    this.say(this.run())
    this.frame()
  }

  private rewind(): void {
    this.step = 0
    this.rebuild()
    this.points = []
    this.say({ type: "metrics", run: "r1", reset: true, points: [] })
    this.metrics()
  }

  private rebuild(before?: MockNetwork): void {
    const { dataset } = this.document.experiment.data
    this.samples = circle(Number(dataset.samples), Number(dataset.noise), Number(dataset.seed))
    const specs: DenseSpec[] = networkOf(this.document)
      .nodes.filter((node) => node.layer.kind === "dense")
      .sort((a, b) => (this.document.layout.nodes[a.id]?.x ?? 0) - (this.document.layout.nodes[b.id]?.x ?? 0))
      .map(({ id, layer }) => ({
        id,
        units: Number(layer.units),
        activation: (layer.activation as Part | null)?.kind ?? null,
      }))
    if (specs.at(-1)?.units !== 1) specs.push({ id: "last", units: 1, activation: null })
    const next = new MockNetwork(specs, this.document.experiment.seed, before)
    this.fresh = {}
    for (const layer of next.layers) {
      const old = before?.layers.find((one) => one.id === layer.id)
      const known = old?.units ?? (before ? 0 : layer.units)
      this.fresh[layer.id] = Array.from({ length: Math.max(0, layer.units - known) }, (_, n) => known + n)
    }
    this.network = next
    this.data()
  }

  private data(): void {
    live.receive(this.view === "image" ? galleryFrame() : dataFrame(this.samples))
  }

  private perEpoch(): number {
    return Math.max(1, Math.floor(this.samples.length / 2 / this.document.experiment.training.batch_size))
  }

  private trainPoints(): Sample[] {
    return this.samples.filter((_, n) => n % 4 < 2)
  }

  private update(): void {
    const next = random(this.step + 11)
    const all = this.trainPoints()
    const batch = Array.from(
      { length: this.document.experiment.training.batch_size },
      () => all[Math.floor(next() * all.length)]!,
    )
    this.network.train(batch, Number(this.document.experiment.training.optimizer.learning_rate))
    this.step += 1
  }

  private due = 0
  private tick(): void {
    if (this.state !== "running") return
    this.due += (this.perSecond ?? 150) / 30
    for (; this.due >= 1; this.due--) {
      this.update()
      if (this.step % 10 === 0) this.metrics()
    }
    this.frame()
  }

  private values(): Record<string, number> {
    const judge = (points: readonly Sample[]): [number, number] => {
      let [loss, right] = [0, 0]
      for (const [x, y, target] of points) {
        const p = Math.min(1 - 1e-7, Math.max(1e-7, this.network.probability(x, y)))
        loss -= Math.log(target ? p : 1 - p)
        right += Number(p > 0.5 === target > 0.5)
      }
      return [loss / points.length, right / points.length]
    }
    const [train] = judge(this.trainPoints())
    const [test, accuracy] = judge(this.samples.filter((_, n) => n % 4 >= 2))
    return this.task === "regression"
      ? { train_loss: train, test_loss: test, r2: accuracy }
      : { train_loss: train, test_loss: test, accuracy }
  }

  private point(): MetricsPoint {
    const { train_loss = 0, test_loss = 0 } = this.values()
    return { step: this.step, epoch: this.step / this.perEpoch(), train_loss, test_loss }
  }

  private metrics(): void {
    const point = this.point()
    this.points.push(point)
    this.say({ type: "metrics", run: "r1", reset: false, points: [point] })
  }

  private run() {
    return {
      type: "run" as const,
      id: "r1",
      state: this.state,
      step: this.step,
      epoch: this.step / this.perEpoch(),
      message: null,
      speed: this.perSecond,
    }
  }

  private frame(): void {
    const nodes = Object.fromEntries(
      this.network.layers.map((layer) => [
        layer.id,
        { units: layer.units, dead: 0, saturated: 0, new: this.step < 1e9 ? (this.fresh[layer.id] ?? []) : [] },
      ]),
    )
    const target = this.gallery.arrays.get("gallery_target")!.values as Int32Array
    const arrays =
      this.view === "plane"
        ? networkArrays(this.network, this.focus)
        : this.view === "image"
          ? imageArrays(this.sample, this.step, this.gallery.arrays.get("gallery")!.values as Uint8Array, target)
          : tableArrays(this.step)
    live.receive(
      encodeFrame(
        {
          type: "frame",
          run: "r1",
          step: this.step,
          epoch: this.step / this.perEpoch(),
          revision: this.revision,
          steps_per_second: this.perSecond ?? 150,
          values: this.values(),
          nodes,
        },
        arrays,
      ),
    )
  }

  private check(): void {
    const nodes: Record<string, NodeCosts> = {}
    let shape = [2]
    let parameters = 0
    for (const { id, layer } of networkOf(this.document).nodes) {
      const inputs = shape[0]!
      const own = layer.kind === "dense" ? (inputs + 1) * Number(layer.units) : 0
      if (layer.kind === "dense") shape = [Number(layer.units)]
      nodes[id] = { shape, parameters: own, flops: 2 * own, memory: 4 * own }
      parameters += own
    }
    const facts: Facts = {
      task: this.task,
      input_shape: [2],
      feature_names: ["x1", "x2"],
      view: this.view,
      classes:
        this.task === "binary"
          ? ["orange", "blue"]
          : this.task === "classes"
            ? ["setosa", "versicolor", "virginica"]
            : [],
      target_names: ["progression"],
      samples: { train: 250, validation: 0, test: 250 },
    }
    this.say({
      type: "checked",
      revision: this.revision,
      nodes,
      total: { parameters, flops: 0, memory: 0 },
      diagnostics: [],
      facts,
    })
  }

  private say(message: Parameters<typeof hear>[0]): void {
    hear(structuredClone(message))
  }
}
