/** Stand-in pictures for the editor's test bench: waves through every unit, and the circle's points. */
import { inOrder, networkOf, nodeOf } from "../src/document/graph"
import { type ArrayInput, encodeFrame } from "../src/live/frames"
import type { ProjectDocument } from "../src/protocol"
import { circle } from "./live/network"

export { encodeFrame }

export function points() {
  const samples = circle(500, 0.05, 0)
  return {
    xs: Float32Array.from(samples.flatMap(([x, y]) => [x, y])),
    targets: Float32Array.from(samples, ([, , target]) => target),
    parts: Uint8Array.from(samples, (_, n) => (n % 4 < 2 ? 0 : 2)),
  }
}

const wave = (size: number, turn: number, at: number): number => {
  const [x, y] = [(at % size) / size - 0.5, Math.floor(at / size) / size - 0.5]
  return 128 + Math.round(110 * Math.tanh(5 * (x * Math.cos(turn) + y * Math.sin(turn))))
}

export function pictures(document: ProjectDocument, step: number): ArrayInput[] {
  const turn = step / 200
  const ring = (at: number): number => {
    const [x, y] = [(at % 100) / 50 - 1, Math.floor(at / 100) / 50 - 1]
    return 128 + Math.round(120 * Math.tanh(4 * (0.55 - Math.hypot(x, y) + 0.1 * Math.sin(turn + 3 * Math.atan2(y, x)))))
  }
  const arrays: ArrayInput[] = [
    { name: "output", shape: [100, 100], values: Uint8Array.from({ length: 10000 }, (_, at) => ring(at)), maximum: 1 },
  ]
  let inputs = 2
  for (const id of inOrder(networkOf(document))) {
    const layer = nodeOf(document, id)?.layer
    const units = Number(layer?.units)
    if (!layer || !Number.isFinite(units) || units > 64) continue
    const values = new Uint8Array(units * 784)
    for (let at = 0; at < values.length; at++) values[at] = wave(28, turn + Math.floor(at / 784) * 1.1, at % 784)
    arrays.push({ name: `picture/${id}`, shape: [units, 28, 28], values, maximum: Array.from({ length: units }, () => 1) })
    if (units <= 16 && inputs <= 16) {
      const weight = Float32Array.from({ length: units * inputs }, (_, n) => 2 * Math.sin(n * 1.7 + turn))
      arrays.push({ name: `weight/${id}`, shape: [units, inputs], values: weight })
      arrays.push({ name: `bias/${id}`, shape: [units], values: Float32Array.from({ length: units }, (_, n) => 0.3 * Math.cos(n)) })
    }
    inputs = units
  }
  return arrays
}
