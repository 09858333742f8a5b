/** Whether a card is done: comparisons over the document and the run. */
import type { Condition, Network } from "../protocol"

export interface Facts {
  network: Network
  experiment: Record<string, unknown>
  parameters: number
  run: { step: number; epoch: number; playing: boolean }
  values: Readonly<Record<string, number | null>>
  edited: boolean
  answered: boolean
}

export function holds(conditions: readonly Condition[], facts: Facts): boolean {
  return conditions.every(({ fact, operator, number }) => {
    const value = valueOf(fact, facts)
    return value !== null && compare(value, operator, number)
  })
}

function compare(value: number, operator: Condition["operator"], number: number): boolean {
  switch (operator) {
    case "==":
      return value === number
    case "!=":
      return value !== number
    case ">=":
      return value >= number
    case "<=":
      return value <= number
    case ">":
      return value > number
    case "<":
      return value < number
  }
}

/** The number a fact stands for now; null while it is not known, and then nothing about it holds. */
export function valueOf(fact: string, facts: Facts): number | null {
  const [first, ...rest] = fact.split(".")
  const name = rest.join(".")
  switch (first) {
    case "edited":
      return Number(facts.edited)
    case "answered":
      return Number(facts.answered)
    case "parameters":
      return facts.parameters
    case "run":
      return number(facts.run[name as keyof Facts["run"]])
    case "value":
      return facts.values[name] ?? null
    case "layers":
      return facts.network.nodes.filter((node) => node.layer.kind === name && !node.muted).length
    case "largest":
    case "smallest": {
      const found = facts.network.nodes.flatMap((node) => (node.muted ? [] : (number(node.layer[name]) ?? [])))
      // The last one answers: its size follows from the data, not from the person.
      const own = found.slice(0, -1)
      return own.length === 0 ? null : first === "largest" ? Math.max(...own) : Math.min(...own)
    }
    case "setting":
      return number(rest.reduce<unknown>((holder, key) => own(holder, key), facts.experiment))
    default:
      return null
  }
}

function own(holder: unknown, key: string): unknown {
  return typeof holder === "object" && holder !== null && Object.hasOwn(holder, key) ? (holder as Record<string, unknown>)[key] : undefined
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : null
}
