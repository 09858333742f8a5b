import { describe, expect, test } from "vitest"
import type { Catalogue, CatalogueEntry, Field } from "../protocol"
import { emptyCatalogue } from "../store"
import { fromSlider, parseNumber, toSlider } from "./form/numbers"
import { flowEdges, flowNodes, wireNear } from "./flow"
import { matching } from "./matching"
import { countText, freshPart, shapeText, summaryOf } from "./summary"
import { viewportFor } from "./use-canvas-view"
import { sample } from "../document/sample"
import { setFields } from "../document/edits"

const field = (change: Partial<Field>): Field => ({ name: "x", title: "X", type: "number", ...change })
const entry = (change: Partial<CatalogueEntry>): CatalogueEntry => ({ kind: "x", title: "X", group: "G", fields: [], ...change })

describe("search", () => {
  const items = [
    { title: "Dropout", synonyms: ["regularise"], help: "Silences units." },
    { title: "Dense", synonyms: ["fully connected", "linear"], help: "Every output looks at every input." },
    { title: "Max pooling", synonyms: ["maxpool"], help: "Keeps the largest." },
  ]
  const titles = (query: string) => matching(items, query).map((match) => match.item.title)

  test("finds a layer by another of its names and says which", () => {
    expect(matching(items, "fully conn")[0]).toMatchObject({ item: { title: "Dense" }, because: "fully connected" })
  })

  test("puts what begins with the query first", () => {
    expect(titles("d")).toEqual(["Dropout", "Dense"])
    expect(titles("den")[0]).toBe("Dense")
  })

  test("spaces, dashes and capitals do not matter", () => {
    expect(titles("MAX-POOL")[0]).toBe("Max pooling")
    expect(titles("maxpooling")[0]).toBe("Max pooling")
  })

  test("everything answers to nothing, nothing to nonsense", () => {
    expect(titles("")).toHaveLength(3)
    expect(titles("zzz")).toEqual([])
  })
})

describe("the line of settings", () => {
  const catalogue: Catalogue = { ...emptyCatalogue, layers: [entry({ kind: "tanh", title: "Tanh" })] }
  const dense = entry({
    summary: "{units} · {activation}",
    fields: [field({ name: "units", type: "integer", default: 8 }), field({ name: "activation", type: "part", catalogue: "layers", nullable: true })],
  })

  test("names the part inside and leaves out what is empty", () => {
    expect(summaryOf(catalogue, dense, { kind: "dense", units: 3, activation: { kind: "tanh" } })).toBe("3 · tanh")
    expect(summaryOf(catalogue, dense, { kind: "dense", units: 3, activation: null })).toBe("3")
  })

  test("shapes and counts are short", () => {
    expect([shapeText([64, 7, 7]), shapeText(null), countText(999), countText(1234), countText(125_450), countText(2_500_000)]).toEqual([
      "64×7×7",
      "",
      "999",
      "1,234",
      "125 k",
      "2.5 M",
    ])
  })

  test("a fresh part has the defaults, and shares none of them", () => {
    const list = entry({ kind: "conv", fields: [field({ name: "kernel", type: "list", default: [3, 3] })], defaults: { kernel: [3, 3] } })
    const one = freshPart(list)
    ;(one.kernel as number[]).push(9)
    expect(freshPart(list)).toEqual({ kind: "conv", kernel: [3, 3] })
  })
})

describe("numbers", () => {
  test("limits and whole numbers are told in words", () => {
    const units = field({ type: "integer", minimum: 1, maximum: 4096 })
    expect(parseNumber("12", units)).toEqual({ ok: true, value: 12 })
    expect(parseNumber("1.5", units)).toMatchObject({ ok: false, reason: "1.5 is not a whole number." })
    expect(parseNumber("0", units).ok).toBe(false)
    expect(parseNumber("5000", units).ok).toBe(false)
    expect(parseNumber("", units).ok).toBe(false)
    expect(parseNumber("", { ...units, nullable: true })).toEqual({ ok: true, value: null })
    expect(parseNumber("0", field({ minimum: 0, exclusive_minimum: true })).ok).toBe(false)
    expect(parseNumber("0,03", field({}))).toEqual({ ok: true, value: 0.03 })
    expect(parseNumber("−2", field({}))).toEqual({ ok: true, value: -2 })
    for (const text of ["NaN", "Infinity", "1e999", "abc"]) expect(parseNumber(text, field({})).ok).toBe(false)
  })

  test("a logarithmic slider gives back the value it was set to", () => {
    const rate = field({ minimum: 0, exclusive_minimum: true, maximum: 10, logarithmic: true })
    for (const value of [0.0001, 0.03, 1, 10]) expect(fromSlider(toSlider(value, rate), rate)).toBeCloseTo(value, 5)
  })

  test("a slider moves in the field's steps", () => {
    expect(fromSlider(0.333, field({ minimum: 0, maximum: 0.5, step: 0.05 }))).toBe(0.15)
  })
})

describe("the canvas", () => {
  const nothing = { nodes: [], edges: [] }

  test("unchanged nodes and wires are the same objects, so they are not drawn again", () => {
    const before = sample()
    const nodes = flowNodes([], before, nothing)
    const edges = flowEdges([], before, nothing)
    const after = setFields(before, "hidden", { units: 5 })
    expect(flowNodes(nodes, after, nothing)).toBe(nodes)
    expect(flowEdges(edges, after, nothing)).toBe(edges)
    const chosen = flowNodes(nodes, after, { nodes: ["hidden"], edges: [] })
    expect(chosen.filter((node, index) => node !== nodes[index]).map((node) => node.id)).toEqual(["hidden"])
  })

  test("a layer let go near a wire finds it, far from all it finds none", () => {
    const box = (id: string) => ({ ...sample().layout.nodes[id]!, width: 160, height: 100 })
    expect(wireNear(sample(), { x: 200, y: 60 }, box)).toBe("input.out→hidden.in")
    expect(wireNear(sample(), { x: 200, y: 300 }, box)).toBeNull()
    expect(wireNear(sample(), { x: 200, y: 60 }, box, "hidden")).toBeNull()
  })

  test("showing all fits everything between headline, rail and tools", () => {
    const bounds = { x: -100, y: -50, width: 3000, height: 400 }
    const { x, y, zoom } = viewportFor(bounds, 1000, 700)
    expect(bounds.x * zoom + x).toBeGreaterThanOrEqual(60)
    expect((bounds.x + bounds.width) * zoom + x).toBeLessThanOrEqual(1000)
    expect(bounds.y * zoom + y).toBeGreaterThanOrEqual(90)
  })
})
