import { describe, expect, it } from "vitest"
import { canGoOn, counted, duration, matching, sparkline, when, type RunEntry } from "./list"

const run = (change: Partial<RunEntry> = {}): RunEntry => ({
  id: "k2m",
  name: "Circle",
  data: "Circle",
  state: "finished",
  score: "99.0 % right",
  steps: 5000,
  seconds: 12,
  parameters: 13,
  started: 0,
  curve: [0.7, 0.1],
  ...change,
})

describe("the list of runs", () => {
  const runs = [run(), run({ id: "b", name: "Spiral", data: "Spiral", state: "running" }), run({ id: "c", state: "failed" })]

  it("finds every word of the search anywhere in the row", () => {
    expect(matching(runs, "spiral train", "all").map(({ id }) => id)).toEqual(["b"])
    expect(matching(runs, "spiral finished", "all")).toEqual([])
    expect(matching(runs, "  ", "all")).toHaveLength(3)
  })

  it("filters by state", () => {
    expect(matching(runs, "", "running").map(({ id }) => id)).toEqual(["b"])
    expect(matching(runs, "", "stopped").map(({ id }) => id)).toEqual(["c"])
  })

  it("offers to train on only what stands still and is whole", () => {
    expect(canGoOn(run({ state: "interrupted" }))).toBe(true)
    expect(canGoOn(run({ state: "running" }))).toBe(false)
    expect(canGoOn(run({ state: "failed" }))).toBe(false)
  })

  it("counts what is shown", () => {
    expect(counted(1, 1)).toBe("1 run")
    expect(counted(2, 3)).toBe("2 of 3 runs")
  })
})

describe("words for time", () => {
  it("says seconds, minutes and hours", () => {
    expect([0.2, 12, 125, 7260].map(duration)).toEqual(["< 1 s", "12 s", "2 min 5 s", "2 h 1 min"])
  })

  it("says today and yesterday", () => {
    const now = new Date(2026, 5, 10, 15, 0)
    expect(when(new Date(2026, 5, 10, 9, 0).getTime() / 1000, now)).toMatch(/^Today /)
    expect(when(new Date(2026, 5, 9, 9, 0).getTime() / 1000, now)).toMatch(/^Yesterday /)
    expect(when(new Date(2025, 0, 2).getTime() / 1000, now)).toContain("2025")
  })
})

describe("the small curve", () => {
  it("falls from the top left to the bottom right", () => {
    expect(sparkline([1, 0.5, 0], 100, 20)).toBe("M0.0,1.0 L50.0,10.0 L100.0,19.0")
  })

  it("leaves out what is no number and needs two points", () => {
    expect(sparkline([1, Number.NaN, 0], 100, 20)).toBe("M0.0,1.0 L100.0,19.0")
    expect(sparkline([1], 100, 20)).toBe("")
  })

  it("is logarithmic when the loss falls far", () => {
    expect(sparkline([1, 0.1, 0.01], 100, 20)).toBe("M0.0,1.0 L50.0,10.0 L100.0,19.0")
  })
})
