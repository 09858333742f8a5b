// @vitest-environment node
import { beforeEach, expect, test } from "vitest"
import { encodeFrame, type ArrayInput, type FrameHeader } from "./frames"
import { LiveStore } from "./live-store"

let now: number
let soon: (() => void)[]
let later: (() => void)[]
let store: LiveStore

beforeEach(() => {
  now = 0
  soon = []
  later = []
  store = new LiveStore({ now: () => now, soon: (task) => soon.push(task), later: (task) => later.push(task) })
})

const paint = (): void => soon.splice(0).forEach((task) => task())
const bytes = (name: string, ...values: number[]): ArrayInput => ({
  name,
  shape: [values.length],
  values: Uint8Array.from(values),
})

function frame(header: Partial<FrameHeader>, ...arrays: ArrayInput[]): void {
  store.receive(encodeFrame({ type: "frame", run: "r1", step: 1, ...header }, arrays))
}

test("many frames between two paintings draw once, with the newest values", () => {
  const drawn: number[] = []
  store.onArrays(["output"], () => drawn.push(store.array("output")?.values[0] ?? -1))
  for (let step = 1; step <= 5; step++) frame({ step }, bytes("output", step))
  paint()
  expect(drawn).toEqual([-1, 5])
})

test("an array that a newer frame leaves out stays", () => {
  frame({ step: 1 }, bytes("confusion", 9), bytes("output", 1))
  frame({ step: 2 }, bytes("output", 2))
  expect(store.array("confusion")?.values[0]).toBe(9)
})

test("drawings that need other arrays rest", () => {
  let drawn = 0
  store.onArrays(["picture/hidden"], () => drawn++)
  frame({}, bytes("output", 1))
  paint()
  expect(drawn).toBe(1)
})

test("numbers reach React at most five times a second, and the last one always does", () => {
  let renders = 0
  store.subscribe(() => renders++)
  frame({ step: 1 }, bytes("output", 1))
  for (let step = 2; step <= 30; step++) {
    now += 5
    frame({ step }, bytes("output", 1))
  }
  expect(renders).toBeLessThanOrEqual(2)
  now += 200
  later.splice(0).forEach((task) => task())
  expect(store.snapshot().step).toBe(30)
})

test("pictures of a layer that was taken away go with it", () => {
  frame({ revision: 1, nodes: { a: {}, b: {} } }, bytes("picture/a", 1), bytes("picture/b", 1), bytes("focus/b/2", 1))
  frame({ revision: 2, nodes: { a: {} } }, bytes("picture/a", 2))
  expect([...store.arrays.keys()]).toEqual(["picture/a"])
})

test("frames of a run that was replaced are dropped", () => {
  store.setRun({ id: "r1", state: "running", step: 5, epoch: 0, message: null })
  store.setRun({ id: "r2", state: "running", step: 0, epoch: 0, message: null })
  frame({ run: "r1", step: 6 }, bytes("output", 6))
  frame({ run: "r2", step: 1 }, bytes("output", 1))
  expect(store.array("output")?.values[0]).toBe(1)
})

test("rewinding the curve drops what lies ahead", () => {
  const point = (step: number) => ({ step, epoch: 0, train_loss: 1 })
  store.addPoints([point(0), point(10), point(20)], false)
  store.addPoints([point(10)], false)
  expect(store.points.map((p) => p.step)).toEqual([0, 10])
  store.addPoints([point(0)], true)
  expect(store.points.map((p) => p.step)).toEqual([0])
})

test("a change while training leaves a mark that rewinding takes away", () => {
  frame({ step: 10, revision: 1 })
  frame({ step: 20, revision: 2 })
  store.setRun({ id: "r1", state: "paused", step: 20, epoch: 0, message: null })
  expect(store.snapshot().marks).toEqual([{ step: 20, revision: 2 }])
  frame({ step: 0, revision: 2 })
  store.setRun({ id: "r1", state: "idle", step: 0, epoch: 0, message: null })
  expect(store.snapshot().marks).toEqual([])
})

test("other data take every picture of the old ones away, but not what the new data brought", () => {
  store.setData("plane", "circle", 1)
  frame({}, bytes("output", 1), bytes("picture/hidden", 1), bytes("weight/hidden", 1), bytes("points", 1))
  store.receive(encodeFrame({ type: "data", labels: ["a"] }, [bytes("gallery", 1)]))
  store.setData("image", "clothes", 2)
  expect([...store.arrays.keys()].sort()).toEqual(["gallery", "weight/hidden"])
  frame({ revision: 1 }, bytes("output", 9))
  frame({}, bytes("output", 9))
  expect(store.array("output")).toBeUndefined()
  frame({ revision: 2 }, bytes("sample", 9))
  expect(store.array("sample")).toBeDefined()
})

test("a check of the same data leaves the pictures alone", () => {
  store.setData("plane", "circle", 1)
  frame({}, bytes("output", 1))
  store.setData("plane", "circle", 1)
  expect(store.array("output")).toBeDefined()
})
