// @vitest-environment node
import { expect, test } from "vitest"
import { headline, rows, type ServerState } from "./state"

const state: ServerState = {
  viewers: 12,
  shared: true,
  running: 7,
  queued: 2,
  tasks: 1,
  workers: 2,
  jobs: 9,
  held: false,
  memory: { used: 6e9, total: 8e9 },
}

test("the headline is the whole state in one sentence", () => {
  expect(headline(state)).toBe("12 pages are open, 7 runs are training.")
  expect(headline({ ...state, viewers: 1, running: 0 })).toBe("1 page is open, nothing trains.")
  expect(headline({ ...state, held: true })).toBe("Training is held. 12 pages are open.")
})

test("memory stands in the list where the system tells it", () => {
  expect(rows(state).find((row) => row.id === "memory")).toMatchObject({ value: "75 %", share: 0.75, says: "6.0 of 8.0 GB of this machine." })
  expect(rows({ ...state, memory: null }).some((row) => row.id === "memory")).toBe(false)
})
