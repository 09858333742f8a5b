/** Axis ends and ticks in steps of 1, 2 and 5, so that an axis stands still while numbers creep. */

export function stepAbove(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  for (const factor of [1, 2, 5, 10]) {
    if (value <= factor * power * (1 + 1e-9)) return factor * power
  }
  return 10 * power
}

/** The axis end for a largest value: grows at once, shrinks only when less than a third is used. */
export function stickyEnd(largest: number, current: number | null): number {
  const wanted = stepAbove(largest)
  if (current === null || wanted > current) return wanted
  return largest < current / 3 ? wanted : current
}

export function ticks(end: number, count = 4): number[] {
  const step = stepAbove(end / count)
  const found: number[] = []
  for (let tick = 0; tick <= end * (1 + 1e-9); tick += step) found.push(Number(tick.toPrecision(12)))
  return found
}

export interface Range {
  low: number
  high: number
  step: number
}

/** The common range of both axes, ending on ticks of 1, 2 or 5. */
export function commonRange(values: ArrayLike<number>): Range {
  let [low, high] = [Infinity, -Infinity]
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (!(high > low))
    return { low: (Number.isFinite(low) ? low : 0) - 1, high: (Number.isFinite(high) ? high : 0) + 1, step: 1 }
  const step = stepAbove((high - low) / 5)
  return { low: Math.floor(low / step) * step, high: Math.ceil(high / step) * step, step }
}
