/** Numbers as people read them: a real minus sign, few digits, thousands apart. */

const MINUS = "−"
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"

/** Two telling digits: 0.83 → "0.83", −1.27 → "−1.3", 41.2 → "41". */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–"
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (size >= 1e6 || size < 1e-4) {
    const [digits, power] = size.toExponential(1).split("e")
    return `${value < 0 ? MINUS : ""}${digits} × 10${superscript(Number(power))}`
  }
  const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(size))))
  const text = size >= 100 ? group(Math.round(size)) : String(Number(size.toFixed(decimals)))
  return (value < 0 && Number(size.toFixed(decimals)) !== 0 ? MINUS : "") + text
}

/** A loss keeps two decimals, so that it does not jump about while it falls. */
export function loss(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return short(value)
  const size = Math.abs(value)
  return size < 100 && size >= 0.01 ? (value < 0 ? MINUS : "") + size.toFixed(2) : short(value)
}

/** 12345 → "12,345". */
export function group(value: number): string {
  const text = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, ",")
  return value < 0 ? MINUS + text : text
}

/** 0.987 → "98.7 %"; 1 → "100 %". Never rounds up to 100. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–"
  const tenths = Math.floor(share * 1000 + 1e-9) / 10
  return `${tenths >= 100 ? "100" : tenths.toFixed(1)} %`
}

export function subscript(value: number): string {
  return [...String(value)].map((digit) => SUBSCRIPTS[Number(digit)] ?? digit).join("")
}

function superscript(value: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹"
  return (value < 0 ? "⁻" : "") + [...String(Math.abs(value))].map((digit) => digits[Number(digit)]).join("")
}

/** Reads what a person types: "−1,3", "-1.3" and "1.3e2" all count; anything else is null. */
export function readNumber(text: string): number | null {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".")
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) return null
  const value = Number(plain)
  return Number.isFinite(value) ? value : null
}
