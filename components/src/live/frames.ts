/** Binary frames: one length, one JSON header, then arrays. Views share the received buffer; nothing is copied. */

export type Dtype = "u8" | "f32" | "i32"

export interface ArrayHeader {
  name: string
  dtype: Dtype
  shape: number[]
  offset: number
  maximum?: number | number[]
  index?: number[]
  range?: [number, number]
  /** Which cases a table of answers is about: "test", "validation" or "train". */
  part?: string
}

export interface NodeNumbers {
  units?: number
  dead?: number
  saturated?: number
  nan?: boolean
  new?: number[]
}

export interface FrameHeader {
  type: "frame" | "data"
  run?: string | null
  step?: number
  epoch?: number
  revision?: number
  steps_per_second?: number | null
  values?: Record<string, number | null>
  nodes?: Record<string, NodeNumbers>
  domain?: [number, number]
  labels?: string[]
  arrays: ArrayHeader[]
}

export type Values = Uint8Array | Float32Array | Int32Array

export interface LiveArray {
  name: string
  shape: number[]
  values: Values
  maximum: number | number[] | null
  index: number[] | null
  range: [number, number] | null
  part: string | null
}

export interface Frame {
  header: FrameHeader
  arrays: Map<string, LiveArray>
}

export class FrameError extends Error {}

const BYTES: Record<Dtype, number> = { u8: 1, f32: 4, i32: 4 }
const text = new TextDecoder()

function size(shape: number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

function view(buffer: ArrayBuffer, dtype: Dtype, start: number, count: number): Values {
  if (dtype === "u8") return new Uint8Array(buffer, start, count)
  return dtype === "f32" ? new Float32Array(buffer, start, count) : new Int32Array(buffer, start, count)
}

/** Reads one binary message. A frame that does not fit its own header is refused whole. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < 4) throw new FrameError("The frame is shorter than its length field.")
  const length = new DataView(buffer).getUint32(0, true)
  const body = 4 + length
  if (length % 4 !== 0 || body > buffer.byteLength) {
    throw new FrameError(`The header claims ${length} bytes; the frame has ${buffer.byteLength}.`)
  }
  const header = JSON.parse(text.decode(new Uint8Array(buffer, 4, length))) as FrameHeader
  const arrays = new Map<string, LiveArray>()
  for (const entry of header.arrays ?? []) {
    const width = BYTES[entry.dtype]
    if (width === undefined) continue
    const count = size(entry.shape)
    const start = body + entry.offset
    if (entry.offset < 0 || start % 4 !== 0 || start + count * width > buffer.byteLength) {
      throw new FrameError(`The array ${entry.name} lies outside its frame.`)
    }
    arrays.set(entry.name, {
      name: entry.name,
      shape: entry.shape,
      values: view(buffer, entry.dtype, start, count),
      maximum: entry.maximum ?? null,
      index: entry.index ?? null,
      range: entry.range ?? null,
      part: entry.part ?? null,
    })
  }
  return { header, arrays }
}

export interface ArrayInput {
  name: string
  values: Values
  shape: number[]
  maximum?: number | number[]
  index?: number[]
  range?: [number, number]
}

/** The inverse of `decodeFrame`: for the mock connection and the tests. */
export function encodeFrame(header: Omit<FrameHeader, "arrays">, inputs: ArrayInput[]): ArrayBuffer {
  let offset = 0
  const entries = inputs.map(({ values, ...rest }) => {
    const dtype: Dtype = values instanceof Uint8Array ? "u8" : values instanceof Float32Array ? "f32" : "i32"
    const entry: ArrayHeader = { ...rest, dtype, offset }
    offset += Math.ceil(values.byteLength / 4) * 4
    return entry
  })
  const json = new TextEncoder().encode(JSON.stringify({ ...header, arrays: entries }))
  const length = Math.ceil(json.length / 4) * 4
  const bytes = new Uint8Array(4 + length + offset)
  new DataView(bytes.buffer).setUint32(0, length, true)
  bytes.fill(32, 4, 4 + length)
  bytes.set(json, 4)
  entries.forEach((entry, position) => {
    const values = inputs[position]!.values
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 4 + length + entry.offset)
  })
  return bytes.buffer
}

/** The maximum that belongs to one unit of an array (one number for all, or one each). */
export function maximumOf(array: LiveArray, unit = 0): number | null {
  if (array.maximum === null) return null
  return typeof array.maximum === "number" ? array.maximum : (array.maximum[unit] ?? null)
}
