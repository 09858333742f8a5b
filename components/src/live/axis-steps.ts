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
