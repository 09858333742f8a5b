import { describe, expect, test } from "vitest"
import { setFields } from "./edits"
import { HISTORY_LIMIT, emptyHistory, gestureEnded, recorded, redone, undone } from "./history"
import { sample } from "./sample"
import type { ProjectDocument } from "./types"

const withUnits = (units: number): ProjectDocument => setFields(sample(), "hidden", { units })

describe("undo", () => {
  test("goes back to the very document that was there, and forward again", () => {
    const before = sample()
    const after = withUnits(9)
    const back = undone(recorded(emptyHistory, before, "Change", null), after)!
    expect(back.document).toBe(before)
    expect(redone(back.history, back.document)!.document).toBe(after)
  })

  test("a sweep is one step", () => {
    const before = sample()
    let history = emptyHistory
    let now = before
    for (const units of [4, 5, 6, 7]) {
      history = recorded(history, now, "Change settings", "field:hidden.units")
      now = withUnits(units)
    }
    expect(history.past).toHaveLength(1)
    expect(undone(history, now)!.document).toBe(before)
  })

  test("the same gesture after it ended is a step of its own", () => {
    let history = recorded(emptyHistory, withUnits(1), "Move", "move")
    history = recorded(gestureEnded(history), withUnits(2), "Move", "move")
    expect(history.past).toHaveLength(2)
  })

  test("keeps a hundred steps and more, and not without end", () => {
    let history = emptyHistory
    for (let i = 0; i < HISTORY_LIMIT + 50; i++) history = recorded(history, withUnits(i + 1), "Change", null)
    expect(HISTORY_LIMIT).toBeGreaterThanOrEqual(100)
    expect(history.past).toHaveLength(HISTORY_LIMIT)
  })

  test("a new change ends the way forward", () => {
    const back = undone(recorded(emptyHistory, withUnits(1), "Change", null), withUnits(2))!
    expect(recorded(back.history, back.document, "Other", null).future).toEqual([])
  })

  test("with nothing to undo there is nothing to do", () => {
    expect(undone(emptyHistory, sample())).toBeNull()
    expect(redone(emptyHistory, sample())).toBeNull()
  })
})
