/** What the server would draw: the plane through every unit, and stand-ins for pictures and tables. */
import { type ArrayInput, encodeFrame } from "../../src/live/frames"
import type { MockNetwork, Sample } from "./network"
import { random } from "./network"

const GRID = 100
const SMALL = 28
const LOW = -6
const HIGH = 6

const byte = (value: number, most: number): number =>
  128 + Math.round(127 * Math.max(-1, Math.min(1, value / (most || 1))))

function plane(size: number, answer: (x: number, y: number) => ArrayLike<number>, units: number): Float32Array[] {
  const fields = Array.from({ length: units }, () => new Float32Array(size * size))
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = LOW + ((column + 0.5) / size) * (HIGH - LOW)
      const y = HIGH - ((row + 0.5) / size) * (HIGH - LOW)
      const values = answer(x, y)
      for (let unit = 0; unit < units; unit++) fields[unit]![row * size + column] = values[unit]!
    }
  }
  return fields
}

function largest(field: Float32Array): number {
  return field.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
}

export interface Focus {
  node: string
  unit: number
}

export function networkArrays(network: MockNetwork, focus: Focus | null): ArrayInput[] {
  const [output] = plane(GRID, (x, y) => [2 * network.probability(x, y) - 1], 1)
  const arrays: ArrayInput[] = [
    { name: "output", shape: [GRID, GRID], values: Uint8Array.from(output!, (v) => byte(v, 1)), maximum: 1 },
  ]
  network.layers.forEach((layer, at) => {
    const fields = plane(SMALL, (x, y) => network.forward(x, y)[at + 1]!, layer.units)
    const most = fields.map(largest)
    const values = new Uint8Array(layer.units * SMALL * SMALL)
    fields.forEach((field, unit) =>
      values.set(
        field.map((v) => byte(v, most[unit]!)),
        unit * SMALL * SMALL,
      ),
    )
    arrays.push(
      { name: `picture/${layer.id}`, shape: [layer.units, SMALL, SMALL], values, maximum: most },
      { name: `weight/${layer.id}`, shape: [layer.units, layer.inputs], values: layer.weight.slice() },
      { name: `bias/${layer.id}`, shape: [layer.units], values: layer.bias.slice() },
    )
    if (focus?.node === layer.id && focus.unit < layer.units) {
      const [large] = plane(GRID, (x, y) => [network.forward(x, y)[at + 1]![focus.unit]!], 1)
      const limit = largest(large!)
      arrays.push({
        name: `focus/${focus.node}/${focus.unit}`,
        shape: [GRID, GRID],
        values: Uint8Array.from(large!, (v) => byte(v, limit)),
        maximum: limit,
      })
    }
  })
  return arrays
}

export function dataFrame(samples: readonly Sample[]): ArrayBuffer {
  return encodeFrame({ type: "data", domain: [LOW, HIGH], labels: ["orange", "blue"] }, [
    { name: "points", shape: [samples.length, 2], values: Float32Array.from(samples.flatMap(([x, y]) => [x, y])) },
    { name: "targets", shape: [samples.length], values: Float32Array.from(samples, ([, , target]) => target) },
    { name: "part", shape: [samples.length], values: Uint8Array.from(samples, (_, n) => (n % 4 < 2 ? 0 : 2)) },
  ])
}

const CLOTHES = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]

/** Blobs in place of clothes: for looking at the gallery's layout. */
export function galleryFrame(): ArrayBuffer {
  const next = random(5)
  const values = new Uint8Array(36 * 28 * 28)
  for (let n = 0; n < 36; n++) {
    const [a, b] = [6 + 6 * next(), 4 + 9 * next()]
    for (let at = 0; at < 784; at++) {
      const [x, y] = [(at % 28) - 13.5, Math.floor(at / 28) - 13.5]
      values[n * 784 + at] = (x / a) ** 2 + (y / b) ** 2 < 1 ? 90 + 140 * next() : 0
    }
  }
  const target = Int32Array.from({ length: 36 }, () => Math.floor(10 * next()))
  return encodeFrame({ type: "data", labels: CLOTHES }, [
    { name: "gallery", shape: [36, 28, 28], values },
    { name: "gallery_target", shape: [36], values: target },
  ])
}

export function imageArrays(sample: number, step: number, gallery: Uint8Array, target: Int32Array): ArrayInput[] {
  const next = random(step)
  const shares = Float32Array.from({ length: 10 }, (_, n) => (n === target[sample] ? 1 + step / 20 : next()))
  const sum = shares.reduce((a, b) => a + b, 0)
  const maps = Uint8Array.from(
    { length: 6 * 26 * 26 },
    (_, at) => 128 + Math.round(120 * Math.sin(at / (9 + Math.floor(at / 676)))),
  )
  return [
    { name: "sample", shape: [28, 28], values: gallery.slice(sample * 784, (sample + 1) * 784) },
    { name: "probabilities", shape: [10], values: shares.map((v) => v / sum) },
    {
      name: "gallery_answer",
      shape: [36],
      values: target.map((kind, n) => ((n * 7) % 5 > 0 || next() > 0.3 ? kind : (kind + 3) % 10)),
    },
    { name: "picture/conv", shape: [6, 26, 26], values: maps, maximum: [1, 1, 1, 1, 1, 1], index: [3, 1, 7, 0, 2, 5] },
  ]
}

export function tableArrays(step: number): ArrayInput[] {
  const right = Math.min(24, 10 + Math.floor(step / 20))
  const scatter = Float32Array.from({ length: 200 }, (_, n) => {
    const truth = 40 + 300 * random(Math.floor(n / 2))()
    return n % 2 === 0 ? truth : 150 + (truth - 150) * Math.min(0.9, step / 300) + 40 * (random(n)() - 0.5)
  })
  return [
    { name: "confusion", shape: [3, 3], values: Int32Array.of(25, 0, 0, 1, right, 25 - right, 0, 26 - right, right) },
    { name: "scatter", shape: [100, 2], values: scatter },
    {
      name: "histogram/hidden",
      shape: [24],
      values: Float32Array.from({ length: 24 }, (_, n) => Math.exp(-(((n - 10) / 5) ** 2))),
      range: [-1, 1.4],
    },
  ]
}
