import { beforeEach, expect, test } from "vitest"
import { setConnection } from "../connection-api"
import { decodeFrame, encodeFrame } from "../live/frames"
import type { ClientMessage } from "../protocol"
import { currentMakings, forgetExports, hearExport, make, takeExport } from "./exports"

let sent: ClientMessage[] = []

beforeEach(() => {
  setConnection({ send: (message) => (sent.push(message), true), status: () => ({ state: "open", seconds: null }), subscribe: () => () => undefined })
  forgetExports()
  sent = []
})

const exported = (task: string) =>
  ({ type: "exported", task, file: "x.py", bytes: 3, step: 7, same: true, sentence: "Same outputs: …", notes: [] }) as const
const frame = (task: string, name: string) =>
  decodeFrame(encodeFrame({ type: "export", task, name } as never, [{ name: "file", values: new Uint8Array([1, 2, 3]), shape: [3] }]))

test("what was asked for arrives as a file with what was found", async () => {
  make("onnx")
  const { task } = currentMakings().onnx!
  expect(sent).toEqual([{ type: "export", task, form: "onnx" }])
  expect(hearExport({ type: "export_progress", task, share: 0.5, text: "Running it" } as never)).toBe(true)
  expect(currentMakings().onnx).toMatchObject({ share: 0.5, text: "Running it" })
  hearExport(exported(task))
  expect(takeExport(frame(task, "circle.onnx"))).toBe(true)
  const { done, file } = currentMakings().onnx!
  expect(done!.same).toBe(true)
  expect(file!.name).toBe("circle.onnx")
  expect(file!.content.size).toBe(3)
})

test.each(["../../x.py", "a/b.onnx", "con", "x.py\u202e"])("a name like %j is not used", (name) => {
  make("onnx")
  const { task } = currentMakings().onnx!
  takeExport(frame(task, name))
  expect(currentMakings().onnx!.file!.name).toBe("network.bin")
})

test("answers to what is no longer wanted change nothing", () => {
  make("weights")
  const { task } = currentMakings().weights!
  forgetExports()
  expect(sent.at(-1)).toEqual({ type: "cancel", task })
  expect(hearExport(exported(task))).toBe(true)
  expect(takeExport(frame(task, "x.py"))).toBe(true)
  expect(currentMakings()).toEqual({})
})

test("other messages and frames are not ours", () => {
  expect(hearExport({ type: "run" })).toBe(false)
  expect(takeExport(decodeFrame(encodeFrame({ type: "frame" }, [])))).toBe(false)
})

test("without a connection it says so at once", () => {
  setConnection(null)
  make("pytorch")
  expect(currentMakings().pytorch!.failed).toMatch(/server does not answer/)
})
