import { describe, expect, it } from "vitest"
import { moveNodes } from "./edits"
import { freshNote, putNote, setFlag, setMuted, spread } from "./flags"
import { networkOf } from "./graph"
import { sample } from "./sample"

describe("flags", () => {
  it("mutes and switches on again, and leaves the others as they are", () => {
    const start = sample()
    const muted = setMuted(start, ["hidden"], true)
    expect(networkOf(muted).nodes.find((node) => node.id === "hidden")?.muted).toBe(true)
    expect(networkOf(muted).nodes[0]).toBe(networkOf(start).nodes[0])
    expect(setMuted(muted, ["hidden"], false)).toEqual(start)
    expect(setMuted(muted, ["hidden"], true)).toBe(muted)
  })

  it("pins a node so that nothing moves it", () => {
    const start = sample()
    const pinned = setFlag(start, ["hidden"], "pinned", true)
    expect(moveNodes(pinned, { hidden: { x: 999, y: 9 } })).toBe(pinned)
    const free = setFlag(pinned, ["hidden"], "pinned", false)
    expect(free).toEqual(start)
    expect(moveNodes(free, { hidden: { x: 999, y: 9 } }).layout.nodes.hidden).toEqual({ x: 999, y: 9 })
  })

  it("keeps a collapsed node collapsed when it is moved", () => {
    const collapsed = setFlag(sample(), ["hidden"], "collapsed", true)
    expect(moveNodes(collapsed, { hidden: { x: 7, y: 9 } }).layout.nodes.hidden).toEqual({ x: 7, y: 9, collapsed: true })
  })

  it("makes the gaps between boxes of different widths equal", () => {
    const start = moveNodes(sample(), { input: { x: 0, y: 0 }, hidden: { x: 30, y: 0 }, last: { x: 500, y: 0 } })
    const widths: Record<string, number> = { input: 20, hidden: 100, last: 40 }
    const placed = spread(start, ["last", "input", "hidden"], "x", (id) => widths[id]!)
    expect([placed.input!.x, placed.hidden!.x, placed.last!.x]).toEqual([0, 210, 500])
    expect(spread(start, ["last", "input"], "x", () => 10)).toEqual({})
  })

  it("keeps notes as what they are: words", () => {
    const words = "<img src=x onerror=alert(1)>"
    const one = putNote(sample(), "note-1", { x: 1, y: 2, width: 200, text: words })
    expect(one.layout.notes?.["note-1"]?.text).toBe(words)
    expect(freshNote(one)).toBe("note-2")
    expect(putNote(one, "note-1", null).layout.notes).toEqual({})
  })
})
