/** A table's explanation: a waterfall from the baseline's answer to this one, the strongest inputs first. */
import { short } from "../live/numbers"
import type { ExplanationMessage, FeatureCredit } from "./messages"

const ROWS = 9

export interface Step {
  name: string
  value: number | null
  amount: number
  from: number
  to: number
}

/** The steps of the waterfall: the strongest inputs one by one, the rest together, so that the parts make the whole. */
export function waterfall(features: FeatureCredit[], start: number, rows = ROWS): Step[] {
  const sorted = [...features].sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution))
  const shown: { name: string; value: number | null; amount: number }[] = sorted
    .slice(0, features.length > rows ? rows - 1 : rows)
    .map(({ name, value, attribution }) => ({ name, value, amount: attribution }))
  const rest = sorted.slice(shown.length)
  if (rest.length > 0) {
    const amount = rest.reduce((sum, credit) => sum + credit.attribution, 0)
    shown.push({ name: `${rest.length} others`, value: null, amount })
  }
  let level = start
  return shown.map((row) => {
    const from = level
    level += row.amount
    return { ...row, from, to: level }
  })
}

export function Credits({ explanation }: { explanation: ExplanationMessage }) {
  const start = explanation.baseline.value ?? 0
  const steps = waterfall(explanation.features ?? [], start)
  const levels = steps.flatMap((step) => [step.from, step.to])
  const [low, high] = [Math.min(start, ...levels), Math.max(start, ...levels)]
  const at = (value: number): number => (high > low ? (100 * (value - low)) / (high - low) : 50)
  return (
    <figure className="pge-credits" data-testid="explanation-map" aria-label={explanation.sentence}>
      <figcaption>
        For this case, in {explanation.scale}: from {explanation.baseline.name} ({short(start)}) to {explanation.target.name}{" "}
        ({short(explanation.score)})
      </figcaption>
      {steps.map((step) => (
        <div key={step.name} className="pge-credit" data-sign={step.amount < 0 ? "minus" : "plus"}>
          <span title={step.name}>
            {step.name}
            {step.value !== null && <em> {short(step.value)}</em>}
          </span>
          <i>
            <b
              style={{
                left: `${at(Math.min(step.from, step.to))}%`,
                width: `${Math.max(0.8, Math.abs(at(step.to) - at(step.from)))}%`,
              }}
            />
          </i>
          <strong>{(step.amount > 0 ? "+" : "") + short(step.amount)}</strong>
        </div>
      ))}
    </figure>
  )
}
