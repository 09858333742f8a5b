/** Typed numbers and slider positions, within a field's limits. */
import { fitsNumber } from "../../document/parts"
import type { Field } from "../../protocol"

export type Parsed = { ok: true; value: number | null } | { ok: false; reason: string }

type Limits = Pick<Field, "type" | "minimum" | "maximum" | "exclusive_minimum" | "exclusive_maximum" | "nullable" | "logarithmic" | "step">

export function parseNumber(text: string, field: Limits): Parsed {
  const clean = text.trim().replace(",", ".").replace("−", "-")
  if (clean === "") return field.nullable ? { ok: true, value: null } : { ok: false, reason: "A number is needed." }
  const value = Number(clean)
  if (!Number.isFinite(value)) return { ok: false, reason: `“${text.slice(0, 20)}” is not a number.` }
  if (field.type === "integer" && !Number.isInteger(value)) return { ok: false, reason: `${clean} is not a whole number.` }
  if (!fitsNumber(field, value)) {
    return { ok: false, reason: `${clean} is too ${value <= (field.minimum ?? -Infinity) ? "small" : "large"}.` }
  }
  return { ok: true, value }
}

/** 0 … 1 along the slider. */
export function toSlider(value: number, field: Limits): number {
  const [low, high] = range(field)
  const t = field.logarithmic ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low)
  return Math.max(0, Math.min(1, t))
}

export function fromSlider(t: number, field: Limits): number {
  const [low, high] = range(field)
  if (field.logarithmic) {
    const value = low * (high / low) ** t
    return field.type === "integer" ? Math.round(value) : Number(value.toPrecision(2))
  }
  const value = low + t * (high - low)
  if (field.type === "integer") return Math.round(value)
  const step = field.step ?? (high - low) / 100
  return Number((low + Math.round((value - low) / step) * step).toPrecision(6))
}

function range(field: Limits): [number, number] {
  const low = field.minimum ?? 0
  const high = field.maximum ?? 1
  // A logarithmic scale cannot begin at zero; six decades below the top are plenty.
  return field.logarithmic && low <= 0 ? [high / 1e6, high] : [low, high]
}
