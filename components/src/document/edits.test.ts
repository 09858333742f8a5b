import { describe, expect, test } from "vitest"
import {
  addNode,
  canHeal,
  connect,
  freeSpot,
  insertOnEdge,
  moveNodes,
  placeOnEdge,
  removeEdges,
  removeNodes,
  rename,
  rewire,
  setExperiment,
  setFields,
  setUnfolded,
  wire,
} from "./edits"
import { closesLoop, edgeKey, freshId, inOrder, networkOf, nodeOf } from "./graph"
import { documentOf, idsOf, sample, wiresOf } from "./sample"

const many = () => [{ name: "in", many: true }]
const key = (source: string, target: string) => edgeKey(wire(source, target))

describe("adding", () => {
  test("a new layer gets an id that says what it is, and its place", () => {
    const first = addNode(sample(), { kind: "dense", units: 8 }, { x: 5, y: 6 })
    const second = addNode(first.document, { kind: "dense", units: 8 }, { x: 0, y: 0 })
    expect([first.id, second.id]).toEqual(["dense", "dense-2"])
    expect(first.document.layout.nodes.dense).toEqual({ x: 5, y: 6 })
  })

  test("ids never hold anything but letters, digits, dash and underscore, whatever the kind is called", () => {
    expect(freshId(networkOf(sample()), "<script>'; drop")).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(freshId(networkOf(sample()), "x".repeat(90))).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(freshId(networkOf(sample()), "")).toBe("layer")
  })

  test("a layer inserted on a wire takes its place in the order of wires, and nothing else moves", () => {
    const before = sample()
    const inserted = insertOnEdge(before, key("hidden", "last"), { kind: "relu" }, null)!
    expect(wiresOf(inserted.document)).toEqual(["input→hidden", "hidden→relu", "relu→last", "last→output"])
    for (const id of idsOf(before)) expect(inserted.document.layout.nodes[id]).toBe(before.layout.nodes[id])
  })

  test("an inserted layer covers no other", () => {
    const { document, id } = insertOnEdge(sample(), key("hidden", "last"), { kind: "relu" }, null)!
    const at = document.layout.nodes[id]!
    for (const [other, place] of Object.entries(document.layout.nodes)) {
      if (other !== id) expect(Math.abs(place.x - at.x) >= 160 || Math.abs(place.y - at.y) >= 140).toBe(true)
    }
  })

  test("a free spot is where one asked when nothing is there", () => {
    expect(freeSpot(sample(), { x: 4000, y: 10 })).toEqual({ x: 4000, y: 10 })
  })

  test("a layer cannot be put on a wire of its own", () => {
    expect(placeOnEdge(sample(), key("input", "hidden"), "hidden")).toBeNull()
  })
})

describe("taking away", () => {
  test("deleting a middle layer joins its neighbours", () => {
    expect(wiresOf(removeNodes(sample(), ["hidden"]))).toEqual(["input→last", "last→output"])
  })

  test("deleting two in a row joins what is left", () => {
    expect(wiresOf(removeNodes(sample(), ["hidden", "last"]))).toEqual(["input→output"])
  })

  test("deleting the first layer leaves no wire behind", () => {
    expect(wiresOf(removeNodes(sample(), ["input"]))).toEqual(["hidden→last", "last→output"])
  })

  test("healing never doubles a wire that is already there", () => {
    const skip = connect(sample(), wire("input", "last"), many)
    expect(wiresOf(removeNodes(skip, ["hidden"]))).toEqual(["last→output", "input→last"])
  })

  test("a layer fed by two is taken out without healing", () => {
    const document = documentOf(
      ["a", "b", "sum", "end"].map((id) => ({ id, layer: { kind: "add" }, title: null })),
      [
        ["a", "sum"],
        ["b", "sum"],
        ["sum", "end"],
      ],
    )
    expect(canHeal(networkOf(document), "sum")).toBe(false)
    expect(wiresOf(removeNodes(document, ["sum"]))).toEqual([])
  })

  test("place and open state go with the layer", () => {
    const after = removeNodes(sample(), ["hidden"])
    expect(after.layout.nodes).not.toHaveProperty("hidden")
    expect(after.layout.unfolded).toEqual([])
  })

  test("deleting what is not there changes nothing", () => {
    const document = sample()
    expect(removeNodes(document, ["nobody"])).toBe(document)
    expect(removeEdges(document, ["nobody"])).toBe(document)
  })
})

describe("wires", () => {
  test("a port for one wire gives up the one it had", () => {
    expect(wiresOf(connect(sample(), wire("input", "last")))).toEqual(["input→hidden", "last→output", "input→last"])
  })

  test("a port for many keeps them all, in order", () => {
    expect(wiresOf(connect(sample(), wire("input", "last"), many))).toEqual(["input→hidden", "hidden→last", "last→output", "input→last"])
  })

  test("a loop is refused, also one of a single layer", () => {
    const document = sample()
    expect(connect(document, wire("last", "hidden"))).toBe(document)
    expect(connect(document, wire("hidden", "hidden"))).toBe(document)
    expect(closesLoop(networkOf(document), "last", "hidden")).toBe(true)
    expect(closesLoop(networkOf(document), "input", "last")).toBe(false)
  })

  test("a wire to nowhere and a wire twice change nothing", () => {
    const document = sample()
    expect(connect(document, wire("input", "nobody"))).toBe(document)
    expect(connect(document, wire("input", "hidden"))).toBe(document)
  })

  test("an end of a wire can be moved, and its place in the order stays", () => {
    const moved = rewire(sample(), key("hidden", "last"), wire("input", "last"))
    expect(wiresOf(moved)).toEqual(["input→hidden", "input→last", "last→output"])
  })

  test("moving an end into a loop changes nothing", () => {
    const document = sample()
    expect(rewire(document, key("input", "hidden"), wire("last", "hidden"))).toBe(document)
  })

  test("every node comes after what feeds it, and a loop does not hang the order", () => {
    expect(inOrder(networkOf(sample()))).toEqual(["input", "hidden", "last", "output"])
    const loop = documentOf(
      ["a", "b"].map((id) => ({ id, layer: { kind: "dense" }, title: null })),
      [
        ["a", "b"],
        ["b", "a"],
      ],
    )
    expect(inOrder(networkOf(loop))).toEqual(["a", "b"])
  })
})

describe("settings", () => {
  test("untouched elements keep their identity", () => {
    const before = sample()
    const after = setFields(before, "hidden", { units: 4 })
    expect(nodeOf(after, "hidden")!.layer.units).toBe(4)
    expect(nodeOf(after, "last")).toBe(nodeOf(before, "last"))
    expect(networkOf(after).edges).toBe(networkOf(before).edges)
    expect(after.layout).toBe(before.layout)
    expect(after.experiment.data).toBe(before.experiment.data)
  })

  test("the same value again is no change", () => {
    const document = sample()
    expect(setFields(document, "hidden", { units: 3, activation: { kind: "tanh" } })).toBe(document)
    expect(moveNodes(document, { input: { x: 0, y: 0 } })).toBe(document)
    expect(setUnfolded(document, "hidden", true)).toBe(document)
    expect(setExperiment(document, "training.batch_size", 10)).toBe(document)
  })

  test("settings cannot turn a layer into another kind", () => {
    expect(nodeOf(setFields(sample(), "hidden", { kind: "input", units: 5 }), "hidden")!.layer.kind).toBe("dense")
  })

  test("the experiment is set by its path, also inside lists", () => {
    const after = setExperiment(setExperiment(sample(), "training.optimizer.learning_rate", 0.1), "metrics.0", { kind: "loss" })
    expect(after.experiment.training.optimizer.learning_rate).toBe(0.1)
    expect(after.experiment.metrics).toEqual([{ kind: "loss" }])
  })

  test("a path cannot reach into the machinery", () => {
    const document = sample()
    expect(setExperiment(document, "__proto__.polluted", true)).toBe(document)
    expect(setExperiment(document, "training.constructor.x", true)).toBe(document)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test("an empty name gives the layer its usual one back", () => {
    const named = rename(sample(), "hidden", "  First  ")
    expect(nodeOf(named, "hidden")!.title).toBe("First")
    expect(nodeOf(rename(named, "hidden", "   "), "hidden")!.title).toBeNull()
  })
})
