/** Enough of a server to draw against: it answers edits with shapes, and plays a small network of random weights. */
import type { CheckedMessage, ClientMessage, Diagnostic, NodeCosts, ProjectDocument, RunPhase, ServerMessage } from "../src/protocol"
import { inOrder, networkOf } from "../src/document/graph"
import { catalogue, glossary } from "./catalogue"
import { big, documents } from "./documents"
import { encodeFrame, pictures, points } from "./mock-frames"

export class MockSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readyState = 0
  binaryType = "blob"
  protocol = "pg.v1"
  bufferedAmount = 0
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  private document = documents.circle!
  private start = documents.circle!
  private revision = 1
  private state: RunPhase = "paused"
  private step = 840
  private timer = 0

  constructor(readonly url: string) {
    super()
    setTimeout(() => {
      this.readyState = 1
      this.emit(new Event("open"), this.onopen)
    }, 20)
  }

  send(text: string): void {
    setTimeout(() => this.handle(JSON.parse(text) as ClientMessage), 15)
  }

  close(): void {
    this.readyState = 3
    clearInterval(this.timer)
    this.emit(new CloseEvent("close", { code: 1000 }), this.onclose)
  }

  private emit<E extends Event>(event: E, handler: ((event: E) => void) | null): void {
    this.dispatchEvent(event)
    handler?.(event)
  }

  private say(message: ServerMessage | ArrayBuffer): void {
    if (this.readyState !== 1) return
    const data = message instanceof ArrayBuffer ? message : JSON.stringify(message)
    this.emit(new MessageEvent("message", { data }), this.onmessage)
  }

  private handle(message: ClientMessage): void {
    ;(window as unknown as { sent: ClientMessage[] }).sent = [...((window as unknown as { sent?: ClientMessage[] }).sent ?? []), message]
    switch (message.type) {
      case "open": {
        this.document = message.project.startsWith("big") ? big(Number(message.project.slice(3)) || 1000) : (documents[message.project.replace("readonly-", "")] ?? documents.circle!)
        this.start = this.document
        this.say({
          type: "project", id: message.project, revision: this.revision, readonly: message.project.startsWith("readonly-"),
          document: this.document, catalogue, glossary, run: this.run(), opening: "",
        })
        this.check()
        this.data()
        this.frame()
        this.metrics(true)
        return
      }
      case "edit":
        this.document = message.document
        this.revision += 1
        this.say({ type: "saved", seq: message.seq, revision: this.revision })
        this.check()
        if (message.label.startsWith("Add")) this.say({ type: "toast", level: "note", text: "Dense added. 13 of 25 weights were kept; the 12 new ones are outlined." })
        if (this.state !== "running") this.frame()
        return
      case "command":
        if (message.name === "play") this.play()
        if (message.name === "pause") this.pause()
        if (message.name === "step") this.step += 1
        if (message.name === "rewind") this.step = 0
        if (message.name === "start_over") this.say({ type: "propose", label: "Start over", document: this.start })
        this.say(this.run())
        this.frame()
        return
      case "template":
      case "dataset":
        this.say({ type: "propose", label: `Open ${message.kind}`, document: documents[message.kind] ?? documents.deep! })
        return
      case "copy":
        this.say({ type: "redirect", project: "circle" })
        return
    }
  }

  private play(): void {
    this.state = "running"
    clearInterval(this.timer)
    this.timer = window.setInterval(() => {
      this.step += 3
      this.frame()
      if (this.step % 30 === 0) this.metrics(false)
    }, 40)
  }

  private pause(): void {
    this.state = "paused"
    clearInterval(this.timer)
  }

  private run(): ServerMessage & { type: "run" } {
    return { type: "run", id: "r1", state: this.state, step: this.step, epoch: Math.floor(this.step / 25), message: null }
  }

  private data(): void {
    const { xs, targets, parts } = points()
    this.say(encodeFrame({ type: "data", domain: [-6, 6], labels: ["orange", "blue"] }, [
      { name: "points", shape: [targets.length, 2], values: xs },
      { name: "targets", shape: [targets.length], values: targets },
      { name: "part", shape: [parts.length], values: parts },
    ]))
  }

  private frame(): void {
    if (this.document.layout.nodes && Object.keys(this.document.layout.nodes).length > 40) return
    const loss = 0.02 + 0.5 * Math.exp(-this.step / 250)
    this.say(encodeFrame(
      { type: "frame", run: "r1", step: this.step, epoch: Math.floor(this.step / 25), revision: this.revision, steps_per_second: 75, values: { train_loss: loss, test_loss: loss * 1.1, accuracy: 1 - loss / 2 }, nodes: {} },
      pictures(this.document, this.step),
    ))
  }

  private metrics(reset: boolean): void {
    const at = (step: number) => ({ step, epoch: Math.floor(step / 25), train_loss: 0.02 + 0.5 * Math.exp(-step / 250), test_loss: 0.03 + 0.52 * Math.exp(-step / 260) })
    const points = reset ? Array.from({ length: 85 }, (_, i) => at(i * 10)) : [at(this.step)]
    this.say({ type: "metrics", run: "r1", reset, points })
  }

  private check(): void {
    this.say(checked(this.document, this.revision))
  }
}

function checked(document: ProjectDocument, revision: number): CheckedMessage {
  const network = networkOf(document)
  const images = document.experiment.data.dataset.kind === "images"
  const nodes: Record<string, NodeCosts> = {}
  const diagnostics: Diagnostic[] = []
  for (const id of inOrder(network)) {
    const node = network.nodes.find((other) => other.id === id)!
    const into = network.edges.filter((edge) => edge.target === id)
    const shapes = into.map((edge) => nodes[edge.source]?.shape ?? null)
    const input = shapes[0] ?? null
    let shape: number[] | null = input
    let parameters = 0
    const say = (code: string, message: string, fixes: Diagnostic["fixes"] = []) => {
      diagnostics.push({ node: id, edge: null, code, severity: "error", message, fixes })
      shape = null
    }
    const { layer } = node
    if (layer.kind === "input") shape = images ? [1, 28, 28] : [2]
    else if (into.length === 0) say("unwired", "Nothing reaches this layer. Draw a wire to it.")
    else if (layer.kind === "dense" && input) {
      if (input.length !== 1) {
        const numbers = input.reduce((a, b) => a * b, 1)
        say("rank", `This picture is ${input.join(" × ")}; the layer needs one row of ${numbers}.`, [
          { label: "Insert Flatten", ops: [{ op: "insert", source: into[0]!.source, target: id, layer: { kind: "flatten" } }] },
        ])
      } else {
        shape = [Number(layer.units)]
        parameters = (input[0]! + 1) * Number(layer.units)
      }
    } else if (layer.kind === "flatten" && input) shape = [input.reduce((a, b) => a * b, 1)]
    else if (layer.kind === "conv2d" && input) {
      if (input.length !== 3) say("rank", "A convolution needs a picture, not a row of numbers.")
      else {
        shape = [Number(layer.filters), input[1]!, input[2]!]
        parameters = Number(layer.filters) * (input[0]! * Number(layer.kernel_size) ** 2 + 1)
      }
    } else if (layer.kind === "max_pool" && input) shape = [input[0]!, Math.floor(input[1]! / 2), Math.floor(input[2]! / 2)]
    else if (layer.kind === "add" && shapes.length > 1) {
      const [a, b] = shapes
      if (a && b && a.join() !== b.join()) say("shapes", `These two cannot be added: ${a.join("×")} and ${b.join("×")}. Make both the same.`)
    }
    nodes[id] = { shape, parameters, flops: parameters * 2, memory: parameters * 4 + 4 * (shape?.reduce((a, b) => a * b, 1) ?? 0) }
  }
  const total = Object.values(nodes).reduce(
    (sum, costs) => ({ parameters: sum.parameters + costs.parameters, flops: sum.flops + costs.flops, memory: sum.memory + costs.memory }),
    { parameters: 0, flops: 0, memory: 0 },
  )
  return {
    type: "checked", revision, nodes, total, diagnostics,
    facts: {
      task: "binary", input_shape: images ? [1, 28, 28] : [2], feature_names: images ? [] : ["x1", "x2"], classes: ["orange", "blue"],
      target_names: ["class"], view: images ? "image" : "plane", samples: { train: 250, validation: 0, test: 250 },
    },
  }
}
