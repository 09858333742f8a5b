import { describe, expect, test } from "vitest"
import { moveNodes } from "./edits"
import { sample } from "./sample"
import { tidied } from "./tidy"

const size = () => ({ width: 160, height: 120 })

describe("tidy", () => {
  test("draws from left to right without overlap, and keeps the upper left corner", () => {
    const messy = moveNodes(sample(), { hidden: { x: 30, y: 20 }, last: { x: -50, y: 90 }, output: { x: 10, y: -40 } })
    const { nodes } = tidied(messy, size).layout
    expect(nodes.input!.x).toBeLessThan(nodes.hidden!.x - 160)
    expect(nodes.hidden!.x).toBeLessThan(nodes.last!.x - 160)
    expect(Math.min(...Object.values(nodes).map((at) => at.x))).toBe(-50)
    expect(Math.min(...Object.values(nodes).map((at) => at.y))).toBe(-40)
  })

  test("with two or more chosen only those move", () => {
    const before = sample()
    const after = tidied(before, size, ["hidden", "last"])
    expect(after.layout.nodes.input).toBe(before.layout.nodes.input)
    expect(after.layout.nodes.output).toBe(before.layout.nodes.output)
  })

  test("what is tidy already stays as it is, to the pixel", () => {
    const once = tidied(sample(), size)
    expect(tidied(once, size)).toBe(once)
  })
})
