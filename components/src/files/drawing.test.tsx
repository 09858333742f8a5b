import { beforeEach, describe, expect, test } from "vitest"
import { sample } from "../document/sample"
import type { Catalogue, CheckedMessage } from "../protocol"
import { emptyCatalogue, initialState, setState } from "../store"
import { drawingText } from "./drawing-file"
import { MARGIN, planOf } from "./drawing-layout"
import { inks } from "./palettes"

const layer = (kind: string, silhouette: "input" | "dense" | "output") => ({ kind, title: kind, group: "Basics", silhouette, fields: [] })
const catalogue: Catalogue = { ...emptyCatalogue, layers: [layer("input", "input"), layer("dense", "dense"), layer("output", "output")] }

function checkedWith(shapes: Record<string, number[]>): CheckedMessage {
  const nodes = Object.fromEntries(
    Object.entries(shapes).map(([id, shape]) => [id, { shape, parameters: 9, flops: 0, memory: 0 }]),
  )
  const facts = { task: "binary", view: "plane", input_shape: [2], feature_names: [], classes: [], target_names: [], samples: { train: 1, validation: 0, test: 1 } } as const
  return { type: "checked", revision: 1, nodes, total: { parameters: 9, flops: 0, memory: 0 }, diagnostics: [], facts: facts as never }
}

const everyShape = () =>
  Object.fromEntries(sample().experiment.networks.model!.nodes.map((node) => [node.id, node.layer.kind === "input" ? [2] : [3]]))

beforeEach(() => setState({ ...initialState, document: sample(), catalogue, checked: checkedWith(everyShape()) }))

test("everything lies inside the picture, wherever it stands on the canvas", () => {
  const document = sample()
  const [first] = document.experiment.networks.model!.nodes
  document.layout.nodes[first!.id] = { x: -4000, y: 900 }
  const { boxes, view } = planOf(document, catalogue, checkedWith(everyShape()))
  const [left, top, width, height] = view
  for (const box of boxes) {
    expect(box.x - MARGIN).toBeGreaterThanOrEqual(left)
    expect(box.y - MARGIN).toBeGreaterThanOrEqual(top)
    expect(box.x + box.width + MARGIN).toBeLessThanOrEqual(left + width)
    expect(box.y + box.height + MARGIN).toBeLessThanOrEqual(top + height)
  }
})

test("between unfolded nodes every unit has its line, else one wire does", () => {
  const document = sample()
  const hidden = document.experiment.networks.model!.nodes.find((node) => node.layer.kind === "dense")!
  document.layout.unfolded = []
  const folded = planOf(document, catalogue, checkedWith(everyShape()))
  const edge = document.experiment.networks.model!.edges.find(({ target }) => target === hidden.id)!
  const count = (plan: typeof folded) => plan.lines.filter(({ key }) => key.startsWith(`${edge.source}-${hidden.id}-`)).length
  expect(count(folded)).toBe(2)
  document.layout.unfolded = [hidden.id]
  expect(count(planOf(document, catalogue, checkedWith(everyShape())))).toBe(6)
})

describe("the file", () => {
  test("is one SVG without anything from elsewhere", () => {
    const text = drawingText("light")!
    const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement
    expect(drawn.nodeName).toBe("svg")
    expect(drawn.getAttribute("color")).toBe(inks.light.ink)
    expect(text).not.toMatch(/<script|href=|url\(|var\(|class="react/)
    expect(drawn.querySelectorAll("path").length).toBeGreaterThan(2)
  })

  test("shows words of people as words", () => {
    const document = sample()
    document.title = "<script>alert(1)</script>"
    document.experiment.networks.model!.nodes[1]!.title = "</text><image href=x onerror=alert(1)>"
    setState({ document })
    const text = drawingText("dark")!
    const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement
    expect(drawn.querySelectorAll("script, image, parsererror")).toHaveLength(0)
    expect(drawn.querySelector("title")!.textContent).toBe("<script>alert(1)</script>")
    expect(drawn.getAttribute("color")).toBe(inks.dark.ink)
  })

  test("there is none before a project is open", () => {
    setState({ document: null })
    expect(drawingText("light")).toBeNull()
  })
})
