import { describe, expect, test } from "vitest"
import { laneOf, type Card } from "./lanes"

const row = (y: number, ids: string[], height = 130): Card[] => ids.map((id, i) => ({ id, x: i * 240, y, width: 174, height }))

describe("a wire from the end of one row to the beginning of the next", () => {
  test("runs halfway between the rows", () => {
    expect(laneOf([...row(0, ["a", "b", "c"]), ...row(230, ["d", "e"])], "c", "d")).toBe(180)
  })

  test("keeps clear of the tallest card of the row above", () => {
    const [a, b, c] = row(0, ["a", "b", "c"]) as [Card, Card, Card]
    expect(laneOf([a, { ...b, height: 190 }, c, ...row(230, ["d"])], "c", "d")).toBe(210)
  })

  test("runs between the rows upwards, too", () => {
    expect(laneOf([...row(0, ["a", "b"]), ...row(230, ["c", "d"])], "d", "a")).toBe(180)
  })

  test("goes around below where there is no room between them", () => {
    expect(laneOf([...row(0, ["a", "b", "c"]), ...row(135, ["d", "e"])], "c", "d")).toBe(135 + 130 + 28)
  })
})

test("a wire back along its own row goes around below it", () => {
  expect(laneOf(row(0, ["a", "b", "c"]), "c", "a")).toBe(158)
})

test("a wire to a later column goes straight", () => {
  expect(laneOf([...row(0, ["a", "b"]), ...row(230, ["c", "d"])], "a", "d")).toBeNull()
  expect(laneOf(row(0, ["a"]), "a", "gone")).toBeNull()
})
