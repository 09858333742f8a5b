/** The metric points as columns for drawing. */
import type { Point } from "./live-store"

const MOST_POINTS = 1200

export interface Curve {
  steps: number[]
  train: (number | null)[]
  held: (number | null)[]
  heldName: "test" | "validation" | null
  best: number | null
  largest: number
}

const finite = (value: number | null | undefined): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null

/** Columns for drawing; long runs are thinned evenly, always keeping the last point. */
export function columns(points: readonly Point[]): Curve {
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS))
  const kept = points.filter((_, n) => n % every === 0 || n === points.length - 1)
  const heldName = kept.some((p) => finite(p.validation_loss) !== null)
    ? "validation"
    : kept.some((p) => finite(p.test_loss) !== null)
      ? "test"
      : null
  const train = kept.map((p) => finite(p.train_loss))
  const held = kept.map((p) => (heldName ? finite(p[`${heldName}_loss`]) : null))
  const judged = heldName ? held : train
  let best: number | null = null
  judged.forEach((value, n) => {
    if (value !== null && (best === null || value < judged[best]!)) best = n
  })
  const largest = [...train, ...held].reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
  return { steps: kept.map((p) => p.step), train, held, heldName, best, largest }
}
