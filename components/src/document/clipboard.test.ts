import { describe, expect, test } from "vitest"
import { clipFromText, clipOf, clipToText, paste } from "./clipboard"
import { idsOf, sample, wiresOf } from "./sample"

const copied = (...ids: string[]) => clipFromText(clipToText(clipOf(sample(), ids)))!

describe("copy and paste", () => {
  test("inner wires come along, wires to the outside do not", () => {
    const { document, ids } = paste(sample(), copied("hidden", "last"), { x: 0, y: 400 })
    expect(ids).toEqual(["hidden-2", "last-2"])
    expect(wiresOf(document)).toEqual([...wiresOf(sample()), "hidden-2→last-2"])
  })

  test("copies stand as the originals did, from the corner on", () => {
    const { document } = paste(sample(), copied("hidden", "last"), { x: 10, y: 400 })
    expect(document.layout.nodes["hidden-2"]).toEqual({ x: 10, y: 400 })
    expect(document.layout.nodes["last-2"]).toEqual({ x: 250, y: 400 })
    expect(document.layout.unfolded).toEqual(["hidden", "hidden-2"])
  })

  test("pasting again and again never repeats an id", () => {
    let document = sample()
    for (let i = 0; i < 4; i++) document = paste(document, copied("hidden", "last"), { x: 0, y: 0 }).document
    expect(new Set(idsOf(document)).size).toBe(idsOf(document).length)
  })

  test("text that is not ours is left alone", () => {
    for (const text of ["", "hello", "{}", "[]", '{"format":"playground/nodes@1"}', '{"format":"playground/nodes@1","nodes":[],"edges":[]}']) {
      expect(clipFromText(text)).toBeNull()
    }
  })

  test("hostile ids, kinds and shapes are refused", () => {
    const clip = (change: object) => clipFromText(JSON.stringify({ ...JSON.parse(clipToText(clipOf(sample(), ["hidden"]))), ...change }))
    expect(clip({ nodes: [{ id: "a b", layer: { kind: "dense" } }] })).toBeNull()
    expect(clip({ nodes: [{ id: "x'; import os", layer: { kind: "dense" } }] })).toBeNull()
    expect(clip({ nodes: [{ id: "ok", layer: { kind: "../../etc" } }] })).toBeNull()
    expect(clip({ nodes: [{ id: "ok", layer: "dense" }] })).toBeNull()
    expect(clip({ nodes: [{ id: "a", layer: { kind: "dense" } }, { id: "a", layer: { kind: "dense" } }] })).toBeNull()
    expect(clip({ edges: [{ source: "hidden", target: "elsewhere" }] })).toBeNull()
    expect(clip({ nodes: Array.from({ length: 501 }, (_, i) => ({ id: `n${i}`, layer: { kind: "dense" } })) })).toBeNull()
    expect(clip({ positions: { hidden: { x: "1e999", y: null } } })!.positions).toEqual({})
  })

  test("a title that is no text, or too long, is made harmless", () => {
    const text = JSON.stringify({
      format: "playground/nodes@1",
      nodes: [
        { id: "a", layer: { kind: "dense" }, title: { evil: true } },
        { id: "b", layer: { kind: "dense" }, title: "x".repeat(500) },
      ],
      edges: [],
    })
    expect(clipFromText(text)!.nodes.map((node) => node.title?.length ?? null)).toEqual([null, 60])
  })
})
