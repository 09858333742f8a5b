/** The sentences of the live view. Each says what happened, the number, and at most one thing to do. */
import { group, loss, short, subscript } from "./numbers"

export interface RunFacts {
  state: string
  step: number
  message: string | null
}

export interface TaskFacts {
  task: string
  view: string
  classes: readonly string[]
  samples: { train: number; validation: number; test: number }
}

export type Numbers = Readonly<Record<string, number | null | undefined>>

export const PRESS_TRAIN = "Press ▶ to watch it learn."
export const CONNECTION_LOST = (seconds: number): string =>
  `Your work is saved. The connection is not; trying again in ${seconds} s.`
export const HELD = "Training is held for everyone at the moment. Your work is saved."
export const TOKEN_REFUSED = "This page is older than the server. Your work is saved; reload to go on."

const CASES: Record<string, string> = { plane: "points", image: "pictures", table: "cases" }

interface Score {
  part: "test" | "validation" | "training"
  share: number
}

/** The share of right answers on the part that counts most: test, else validation, else training. */
export function score(values: Numbers, facts: TaskFacts | null): Score | null {
  const samples = facts?.samples
  const candidates: [Score["part"], number | null | undefined][] = [
    ["test", values.test_accuracy],
    ["validation", values.validation_accuracy],
    [samples && samples.test === 0 ? (samples.validation > 0 ? "validation" : "training") : "test", values.accuracy],
    ["training", values.train_accuracy],
  ]
  for (const [part, share] of candidates) {
    if (typeof share === "number" && Number.isFinite(share)) return { part, share }
  }
  return null
}

/** The loss a person should look at: on test cases if there are any, else validation, else training. */
export function mainLoss(values: Numbers): number | null {
  return values.test_loss ?? values.validation_loss ?? values.train_loss ?? null
}

function judgement(values: Numbers, facts: TaskFacts | null): string | null {
  const found = score(values, facts)
  if (found && facts) {
    const kinds = Math.max(2, facts.classes.length)
    if (found.share < 1 / kinds + 0.25 * (1 - 1 / kinds)) return "it is guessing"
    const count = found.part === "training" ? facts.samples.train : facts.samples[found.part]
    const cases = CASES[facts.view] ?? "cases"
    if (count > 0) return `${group(Math.round(found.share * count))} of ${group(count)} ${found.part} ${cases} right`
    return `${Math.round(found.share * 100)} % right`
  }
  const r2 = values.test_r2 ?? values.r2 ?? values.validation_r2
  if (typeof r2 !== "number" || !Number.isFinite(r2)) return null
  if (r2 < 0.1) return "no better than always answering the mean"
  return `it explains ${Math.round(Math.min(r2, 1) * 100)} % of the differences`
}

/** "Step 300 · loss 0.02 · 99 of 100 test points right" */
export function stepSentence(step: number, values: Numbers, facts: TaskFacts | null): string {
  const parts = [`Step ${group(step)}`]
  const value = mainLoss(values)
  if (value !== null) parts.push(`loss ${loss(value)}`)
  const verdict = judgement(values, facts)
  if (verdict) parts.push(verdict)
  return parts.join(" · ")
}

/** The one line under the curve. The server's own sentence wins; an opening run nobody has touched asks for Train. */
export function advice(run: RunFacts | null, values: Numbers, facts: TaskFacts | null, untouched: boolean): string {
  if (run === null || (untouched && run.state !== "running" && run.state !== "starting" && run.state !== "queued"))
    return run?.message ?? PRESS_TRAIN
  switch (run.state) {
    case "running":
      return run.message ?? stepSentence(run.step, values, facts)
    case "queued":
      return run.message ?? "Queued. It begins when the machine has room."
    case "starting":
      return run.message ?? "Starting the training process."
    case "paused":
      return run.message ?? `Paused at step ${group(run.step)}. Space goes on.`
    case "finished":
      return run.message ?? stepSentence(run.step, values, facts)
    case "idle":
      return run.message ?? (run.step > 0 ? stepSentence(run.step, values, facts) : PRESS_TRAIN)
    default:
      return run.message ?? `The run stopped at step ${group(run.step)}. Press ▶ to go on.`
  }
}

function signed(value: number, first: boolean): string {
  const text = short(Math.abs(value))
  if (first) return (value < 0 && text !== "0" ? "−" : "") + text
  return `${value < 0 && text !== "0" ? "−" : "+"} ${text}`
}

/** "This unit adds up 0.8 × x₁ − 1.3 × x₂ + 0.1, then squashes it (tanh)." Long sums name their largest terms. */
export function unitSentence(
  weights: ArrayLike<number>,
  names: readonly string[],
  bias: number | null,
  /** "squashes it (tanh)"; null when the sum is the answer. */
  phrase: string | null,
  most = 6,
): string {
  const order = Array.from({ length: weights.length }, (_, position) => position)
  const shown =
    order.length <= most
      ? order
      : order
          .sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!))
          .slice(0, most)
          .sort((a, b) => a - b)
  const terms = shown.map((at, n) => `${signed(weights[at]!, n === 0)} × ${names[at] ?? `u${subscript(at + 1)}`}`)
  const rest = weights.length - shown.length
  if (rest > 0) terms.push(`+ ${rest} smaller ${rest === 1 ? "term" : "terms"}`)
  if (bias !== null) terms.push(signed(bias, terms.length === 0))
  const sum = `This unit adds up ${terms.join(" ")}`
  return phrase === null ? `${sum}.` : `${sum}, then ${phrase}.`
}

export function weightSentence(value: number): string {
  return `Weight ${short(value)}. Blue adds, orange takes away; thicker is stronger. Click to change it.`
}

/** With first weights it is normal that some units answer nothing; from half of them on it is worth a word. */
const WORTH_A_WORD = 0.5

/** "8 of 16 units answer 0 to everything." – or null when nothing is wrong. */
export function unitTrouble(numbers: {
  units?: number
  dead?: number
  saturated?: number
  nan?: boolean
}): string | null {
  const units = numbers.units ?? 0
  if (numbers.nan) return "A number here is no longer a number."
  if (numbers.dead && numbers.dead >= WORTH_A_WORD * units) return `${numbers.dead} of ${units} units answer 0 to everything.`
  if (numbers.saturated && numbers.saturated >= WORTH_A_WORD * units)
    return `${numbers.saturated} of ${units} units are stuck at their limit.`
  return null
}

export function answerSentence(answer: string, probability: number | null, truth: string): string {
  const sure = probability === null ? "" : `, ${probability.toFixed(2)}`
  return answer === truth
    ? `The network says ${answer}${sure}. The data say so too.`
    : `The network says ${answer}${sure}. The data say ${truth}.`
}
