/** Text from anywhere, pasted: refused, or words on a card. */
import { describe, expect, test } from "vitest"
import { catalogue } from "../../dev/catalogue"
import { clipFromText, clipOf, clipToText, paste } from "./clipboard"
import { freshId, networkOf } from "./graph"
import { partProblem } from "./parts"
import { oneLine } from "./plain-text"
import { sample } from "./sample"
import { isNodeId } from "./types"

const HOSTILE = [
  "'", '"; import os #', "a\nb", "a\r\nimport os", "\u2028", "\u202eabc", "forward", "class", "None", "__class__", "__init__",
  "__import__('os').system('id')", "../../etc/passwd", "C:\\Windows", "{{7*7}}", "${HOME}", "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>", "javascript:alert(1)", "%s%n", "a".repeat(10_000), "", "\x00", "constructor", "__proto__",
  "toString", "hasOwnProperty", "日本語", "\ud800",
]
const usual = JSON.parse(clipToText(clipOf(sample(), ["hidden", "last"])))
const clip = (change: object) => clipFromText(JSON.stringify({ ...usual, ...change }))
const hidden = usual.nodes[0]

describe.each(HOSTILE)("%j", (text) => {
  test("as an id is refused, or is an ordinary word", () => {
    const read = clip({ nodes: [{ ...hidden, id: text }], edges: [], positions: { [text]: { x: 0, y: 0 } } })
    if (read === null) return
    expect(isNodeId(text)).toBe(true)
    const { document, ids } = paste(sample(), read, { x: 0, y: 0 })
    expect(ids.every(isNodeId)).toBe(true)
    expect(Object.keys(document.layout.nodes)).toContain(ids[0])
    expect(networkOf(document).nodes.map((node) => node.id)).toContain(ids[0])
  })

  test("as a kind is refused", () => {
    const read = clip({ nodes: [{ ...hidden, layer: { kind: text } }], edges: [] })
    if (read) expect(partProblem(catalogue, "layers", read.nodes[0]!.layer)).toMatch(/^There is no layer called “.{1,40}” here\.$/)
  })

  test("as the name or the value of a setting is refused", () => {
    const part = (values: object) => partProblem(catalogue, "layers", JSON.parse(JSON.stringify({ kind: "dense", ...values })))
    expect(part(Object.fromEntries([[text, 1]]))).not.toBeNull()
    for (const name of ["units", "activation", "bias"]) expect(part({ [name]: text })).not.toBeNull()
    expect(part({ activation: { kind: text } })).not.toBeNull()
  })

  test("as a title is one line of at most 60 characters, or nothing", () => {
    const title = clip({ nodes: [{ ...hidden, title: text }], edges: [] })!.nodes[0]!.title
    if (title === null) return
    expect(title).toBe(oneLine(text, 60))
    expect([...title].length).toBeLessThanOrEqual(60)
    expect(title).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
  })

  test("as a port, a wire's end, a place or something else changes nothing", () => {
    const [edge] = usual.edges
    expect(clip({ edges: [{ ...edge, source_port: text, target_port: text }] })?.edges[0]?.target_port ?? "in").toSatisfy(isNodeId)
    expect(clip({ edges: [{ ...edge, target: text }] })).toBeNull()
    expect(clip({ positions: { hidden: { x: text, y: 0 } } })!.positions).toEqual({})
    expect(Object.keys(clip({ unfolded: [text], [text]: text, format: usual.format, nodes: usual.nodes, edges: [] })!)).toEqual([
      "nodes", "edges", "positions", "blocks", "unfolded",
    ])
  })

  test("as the wish for an id gives a good one", () => {
    expect(isNodeId(freshId(networkOf(sample()), text))).toBe(true)
  })
})

test("every layer of the catalogue with its own defaults passes", () => {
  for (const entry of catalogue.layers) expect(partProblem(catalogue, "layers", { kind: entry.kind, ...entry.defaults })).toBeNull()
})

test("numbers out of their limits and parts within parts within parts are refused", () => {
  for (const units of [0, -1, 1.5, 1e9, "3", null, [3], { kind: "dense" }]) {
    expect(partProblem(catalogue, "layers", { kind: "dense", units })).toBe("Dense: this value does not suit “Units”.")
  }
  let deep: object = { kind: "dense" }
  for (let i = 0; i < 50; i++) deep = { kind: "dense", activation: deep }
  expect(partProblem(catalogue, "layers", deep)).toBe("Dense is nested too deep.")
})

test("a place beyond the canvas is not kept", () => {
  expect(clip({ positions: { hidden: { x: 1e300, y: 0 } } })!.positions).toEqual({})
})

test("nothing pasted reaches the prototype of objects", () => {
  clipFromText(`{"format":"playground/nodes@1","__proto__":{"polluted":1},"nodes":[{"id":"a","layer":{"kind":"relu","__proto__":{"polluted":1}}}],"edges":[],"positions":{"__proto__":{"x":1,"y":1}}}`)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})
