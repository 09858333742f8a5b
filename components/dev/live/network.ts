/** A small dense network that really learns, in plain numbers: enough to see the page move without a server. */

export interface DenseSpec {
  id: string
  units: number
  activation: string | null
}

interface Dense extends DenseSpec {
  inputs: number
  weight: Float32Array
  bias: Float32Array
  moments: Float32Array[]
}

const BEND: Record<string, [(v: number) => number, (answer: number) => number]> = {
  tanh: [Math.tanh, (a) => 1 - a * a],
  relu: [(v) => Math.max(0, v), (a) => (a > 0 ? 1 : 0)],
  sigmoid: [(v) => 1 / (1 + Math.exp(-v)), (a) => a * (1 - a)],
  none: [(v) => v, () => 1],
}

export function random(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export class MockNetwork {
  layers: Dense[] = []
  step = 0

  constructor(specs: DenseSpec[], seed: number, before?: MockNetwork) {
    const next = random(seed + 7)
    let inputs = 2
    for (const spec of specs) {
      const old = before?.layers.find((layer) => layer.id === spec.id)
      const reach = Math.sqrt(6 / (inputs + spec.units))
      const weight = Float32Array.from({ length: inputs * spec.units }, () => (2 * next() - 1) * reach)
      const bias = new Float32Array(spec.units)
      for (let row = 0; old && row < Math.min(spec.units, old.units); row++) {
        bias[row] = old.bias[row]!
        for (let column = 0; column < Math.min(inputs, old.inputs); column++) {
          weight[row * inputs + column] = old.weight[row * old.inputs + column]!
        }
      }
      const moments = [weight, weight, bias, bias].map((values) => new Float32Array(values.length))
      this.layers.push({ ...spec, inputs, weight, bias, moments })
      inputs = spec.units
    }
    this.step = before?.step ?? 0
  }

  /** Every layer's answers for one point. */
  forward(x: number, y: number): Float32Array[] {
    let values = Float32Array.of(x, y)
    const all: Float32Array[] = [values]
    for (const layer of this.layers) {
      const [bend] = BEND[layer.activation ?? "none"] ?? BEND.none!
      const next = new Float32Array(layer.units)
      for (let row = 0; row < layer.units; row++) {
        let sum = layer.bias[row]!
        for (let column = 0; column < layer.inputs; column++)
          sum += layer.weight[row * layer.inputs + column]! * values[column]!
        next[row] = bend(sum)
      }
      all.push(next)
      values = next
    }
    return all
  }

  probability(x: number, y: number): number {
    return 1 / (1 + Math.exp(-(this.forward(x, y).at(-1)?.[0] ?? 0)))
  }

  /** One update by Adam on a batch of [x, y, target]. */
  train(batch: readonly (readonly [number, number, number])[], rate: number): void {
    this.step += 1
    const sums = this.layers.map(
      (layer) => [new Float32Array(layer.weight.length), new Float32Array(layer.units)] as const,
    )
    for (const [x, y, target] of batch) {
      const all = this.forward(x, y)
      let error = Float32Array.from(all.at(-1)!, (v) => 1 / (1 + Math.exp(-v)) - target)
      for (let at = this.layers.length - 1; at >= 0; at--) {
        const layer = this.layers[at]!
        const [, slope] = BEND[layer.activation ?? "none"] ?? BEND.none!
        const below = new Float32Array(layer.inputs)
        for (let row = 0; row < layer.units; row++) {
          const delta = error[row]! * (at === this.layers.length - 1 ? 1 : slope(all[at + 1]![row]!))
          sums[at]![1][row]! += delta / batch.length
          for (let column = 0; column < layer.inputs; column++) {
            sums[at]![0][row * layer.inputs + column]! += (delta * all[at]![column]!) / batch.length
            below[column]! += delta * layer.weight[row * layer.inputs + column]!
          }
        }
        error = below
      }
    }
    this.layers.forEach((layer, at) => {
      this.adam(layer.weight, sums[at]![0], layer.moments[0]!, layer.moments[1]!, rate)
      this.adam(layer.bias, sums[at]![1], layer.moments[2]!, layer.moments[3]!, rate)
    })
  }

  private adam(
    values: Float32Array,
    slope: Float32Array,
    first: Float32Array,
    second: Float32Array,
    rate: number,
  ): void {
    for (let n = 0; n < values.length; n++) {
      first[n] = 0.9 * first[n]! + 0.1 * slope[n]!
      second[n] = 0.999 * second[n]! + 0.001 * slope[n]! ** 2
      const correct = Math.sqrt(1 - 0.999 ** this.step) / (1 - 0.9 ** this.step)
      values[n]! -= (rate * correct * first[n]!) / (Math.sqrt(second[n]!) + 1e-8)
    }
  }
}

export type Sample = readonly [number, number, number]

export function circle(count: number, noise: number, seed: number): Sample[] {
  const next = random(seed + 1)
  return Array.from({ length: count }, (_, n) => {
    const inside = n % 2
    const radius = inside ? 2.4 * next() : 3.2 + 1.8 * next()
    const angle = 2 * Math.PI * next()
    const shake = (): number => noise * 4 * (next() - 0.5)
    return [radius * Math.sin(angle) + shake(), radius * Math.cos(angle) + shake(), inside] as const
  })
}
