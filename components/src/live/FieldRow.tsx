/** One everyday setting, drawn from its catalogue field: a slider, a tick or a choice, named above, unit in the field. */
import { useId, useState } from "react"
import type { Field } from "../protocol"
import { readNumber, short } from "./numbers"

interface Props {
  field: Field
  value: unknown
  testid?: string
  onChange(value: unknown): void
  /** The sweep is over: the next change is a step of its own. */
  onEnd(): void
}

export function FieldRow({ field, value, testid, onChange, onEnd }: Props) {
  const id = useId()
  if (field.type === "boolean") {
    return (
      <label className="pgl-field pgl-tick" title={field.help}>
        <input
          data-testid={testid}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {field.title}
      </label>
    )
  }
  if (field.type === "choice") {
    const choices = field.choices ?? []
    return (
      <div className="pgl-field">
        <label htmlFor={id}>{field.title}</label>
        <select
          id={id}
          data-testid={testid}
          value={choices.findIndex((choice) => choice.value === value)}
          onChange={(event) => onChange(choices[Number(event.currentTarget.value)]?.value)}
        >
          {choices.map((choice, n) => (
            <option key={n} value={n}>
              {choice.title}
            </option>
          ))}
        </select>
      </div>
    )
  }
  if (field.type !== "number" && field.type !== "integer") return null
  return <NumberRow id={id} field={field} value={Number(value)} testid={testid} onChange={onChange} onEnd={onEnd} />
}

const NOTCHES = 200

interface Ends {
  low: number
  high: number
}

/** Both ends, if the field has them: without ends there is no slider. */
export function endsOf(field: Field): Ends | null {
  const low = field.minimum ?? field.exclusive_minimum ?? null
  const high = field.maximum ?? null
  return low === null || high === null ? null : { low, high }
}

/** Slider position (0…200) of a value and back; a logarithmic field moves by factors. */
export function toNotch(value: number, { low, high }: Ends, logarithmic: boolean): number {
  const from = logarithmic ? Math.log(Math.max(low, high * 1e-6)) : low
  const to = logarithmic ? Math.log(high) : high
  const at = logarithmic ? Math.log(Math.max(value, Math.exp(from))) : value
  return Math.round((NOTCHES * (at - from)) / (to - from))
}

export function fromNotch(
  notch: number,
  { low, high }: Ends,
  field: Pick<Field, "logarithmic" | "step" | "type">,
): number {
  const share = notch / NOTCHES
  if (field.logarithmic) {
    const from = Math.log(Math.max(low, high * 1e-6))
    const value = Number(Math.exp(from + share * (Math.log(high) - from)).toPrecision(2))
    return field.type === "integer" ? Math.round(value) : value
  }
  const step = field.step ?? (field.type === "integer" ? 1 : (high - low) / 100)
  return Number((low + Math.round((share * (high - low)) / step) * step).toPrecision(10))
}

function NumberRow({
  id,
  field,
  value,
  testid,
  onChange,
  onEnd,
}: Omit<Props, "value"> & { id: string; value: number }) {
  const [typed, setTyped] = useState<string | null>(null)
  const ends = endsOf(field)
  const enter = (): void => {
    const number = typed === null ? null : readNumber(typed)
    setTyped(null)
    if (number === null) return
    const low = field.minimum ?? -Infinity
    const rounded = field.type === "integer" ? Math.round(number) : number
    onChange(Math.min(field.maximum ?? Infinity, Math.max(low, rounded)))
    onEnd()
  }
  return (
    <div className="pgl-field" title={field.help}>
      <label htmlFor={id}>{field.title}</label>
      <div className="pgl-number">
        {ends && (
          <input
            type="range"
            aria-label={field.title}
            min={0}
            max={NOTCHES}
            value={toNotch(value, ends, field.logarithmic ?? false)}
            onChange={(event) => onChange(fromNotch(Number(event.currentTarget.value), ends, field))}
            onPointerUp={onEnd}
            onKeyUp={onEnd}
            onBlur={onEnd}
          />
        )}
        <input
          id={id}
          data-testid={testid}
          className="pgl-figure"
          inputMode="decimal"
          value={typed ?? short(value)}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={enter}
          onKeyDown={(event) => {
            if (event.key === "Enter") enter()
            if (event.key === "Escape") setTyped(null)
          }}
        />
        {field.unit && <span className="pgl-unit-of">{field.unit}</span>}
      </div>
    </div>
  )
}
