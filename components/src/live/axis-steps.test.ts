// @vitest-environment node
import { expect, test } from "vitest"
import { commonRange, stepAbove, stickyEnd, ticks } from "./axis-steps"
import { columns } from "./curve-columns"

test("axis ends go by 1, 2 and 5", () => {
  expect([0.7, 1.2, 3, 6, 10, 0.03, 840].map(stepAbove)).toEqual([1, 2, 5, 10, 10, 0.05, 1000])
  expect([0, -1, Number.NaN, Infinity].map(stepAbove)).toEqual([1, 1, 1, 1])
})

test("an axis grows at once but shrinks only when little of it is used", () => {
  expect(stickyEnd(1.2, 1)).toBe(2)
  expect(stickyEnd(0.9, 2)).toBe(2)
  expect(stickyEnd(0.5, 2)).toBe(0.5)
})

test("ticks are round and never beyond the end", () => {
  expect(ticks(1, 2)).toEqual([0, 0.5, 1])
  expect(ticks(500, 4)).toEqual([0, 200, 400])
})

test("truth and answer share one axis that ends on round numbers", () => {
  expect(commonRange([41, 338])).toEqual({ low: 0, high: 400, step: 100 })
  expect(commonRange([])).toMatchObject({ low: -1, high: 1 })
})

const point = (step: number, train: number | null, test: number | null) => ({
  step,
  epoch: 0,
  train_loss: train,
  test_loss: test,
})

test("the best point is the lowest loss on cases the network does not learn from", () => {
  const curve = columns([point(0, 0.9, 0.8), point(10, 0.5, 0.3), point(20, 0.1, 0.6)])
  expect(curve).toMatchObject({ heldName: "test", best: 1, largest: 0.9 })
})

test("a loss that is no number leaves a gap and not a broken axis", () => {
  const curve = columns([point(0, 0.9, null), point(10, Number.NaN, null), point(20, Infinity, null)])
  expect(curve).toMatchObject({ heldName: null, best: 0, largest: 0.9, train: [0.9, null, null] })
})

test("a long run is thinned and keeps its last point", () => {
  const curve = columns(Array.from({ length: 5000 }, (_, n) => point(n, 1, 1)))
  expect(curve.steps.length).toBeLessThan(1300)
  expect(curve.steps.at(-1)).toBe(4999)
})
