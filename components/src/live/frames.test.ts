// @vitest-environment node
import { expect, test } from "vitest"
import { decodeFrame, encodeFrame, FrameError, maximumOf } from "./frames"

const header = { type: "frame" as const, run: "r1", step: 7 }

test("a frame survives encoding and decoding", () => {
  const buffer = encodeFrame(header, [
    { name: "output", shape: [1, 3], values: Uint8Array.of(1, 128, 255), maximum: 2 },
    { name: "weight/hidden", shape: [1, 2], values: Float32Array.of(0.5, -1.25) },
    { name: "confusion", shape: [1, 1], values: Int32Array.of(-3) },
  ])
  const { header: read, arrays } = decodeFrame(buffer)
  expect(read).toMatchObject(header)
  expect([...arrays.get("output")!.values]).toEqual([1, 128, 255])
  expect([...arrays.get("weight/hidden")!.values]).toEqual([0.5, -1.25])
  expect([...arrays.get("confusion")!.values]).toEqual([-3])
})

test("arrays are views on the received bytes, not copies", () => {
  const buffer = encodeFrame(header, [{ name: "output", shape: [2], values: Uint8Array.of(4, 5) }])
  expect(decodeFrame(buffer).arrays.get("output")!.values.buffer).toBe(buffer)
})

test("names beyond ASCII keep header and arrays aligned", () => {
  const buffer = encodeFrame({ ...header, labels: ["größe", "花"] }, [
    { name: "bias/hidden", shape: [1], values: Float32Array.of(3) },
  ])
  expect(decodeFrame(buffer).header.labels).toEqual(["größe", "花"])
  expect(decodeFrame(buffer).arrays.get("bias/hidden")!.values[0]).toBe(3)
})

test("a frame cut short is refused whole", () => {
  const buffer = encodeFrame(header, [{ name: "output", shape: [100], values: new Uint8Array(100) }])
  expect(() => decodeFrame(buffer.slice(0, buffer.byteLength - 8))).toThrow(FrameError)
  expect(() => decodeFrame(new ArrayBuffer(2))).toThrow(FrameError)
  expect(() => decodeFrame(Uint32Array.of(4000, 0).buffer)).toThrow(FrameError)
})

test("the maximum is one number for all units or one for each", () => {
  const buffer = encodeFrame(header, [
    { name: "a", shape: [1], values: Uint8Array.of(1), maximum: 2.5 },
    { name: "b", shape: [2], values: Uint8Array.of(1, 2), maximum: [1, 4] },
    { name: "c", shape: [1], values: Uint8Array.of(1) },
  ])
  const { arrays } = decodeFrame(buffer)
  expect(["a", "b", "c"].map((name) => maximumOf(arrays.get(name)!, 1))).toEqual([2.5, 4, null])
})
