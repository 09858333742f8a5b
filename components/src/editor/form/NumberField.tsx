import { useEffect, useState, type ReactElement } from "react"
import type { FieldProps } from "./FieldRow"
import { limitsText } from "./FieldRow"
import { parseNumber, fromSlider, toSlider } from "./numbers"

const SLIDER_STEPS = 400

export function NumberField({ field, value, set, done, path, disabled, id }: FieldProps & { id: string }): ReactElement {
  const shown = typeof value === "number" ? String(value) : ""
  const [text, setText] = useState(shown)
  const [editing, setEditing] = useState(false)
  useEffect(() => {
    if (!editing) setText(shown)
  }, [shown, editing])

  const parsed = parseNumber(text, field)
  const wrong = editing && !parsed.ok
  const type = (next: string) => {
    setText(next)
    const result = parseNumber(next, field)
    if (result.ok && result.value !== value) set(result.value, `field:${path}`)
  }
  const step = (direction: number) => {
    const by = field.step ?? (field.type === "integer" ? 1 : 0.1)
    const now = typeof value === "number" ? value : 0
    const factor = field.logarithmic ? (direction > 0 ? 1.25 : 0.8) : null
    const next = factor ? Number((now * factor).toPrecision(2)) : Number((now + by * direction).toPrecision(12))
    const result = parseNumber(String(next), field)
    if (result.ok) {
      set(result.value, `field:${path}`)
      setText(String(result.value))
    }
  }
  const slider = field.slider && typeof field.minimum === "number" && typeof field.maximum === "number"

  return (
    <>
      <div className="pg-number" data-wrong={wrong || undefined}>
        {slider && (
          <input
            type="range"
            aria-label={field.title}
            tabIndex={-1}
            min={0}
            max={SLIDER_STEPS}
            value={Math.round(toSlider(Number(value) || 0, field) * SLIDER_STEPS)}
            disabled={disabled}
            onChange={(event) => set(fromSlider(Number(event.target.value) / SLIDER_STEPS, field), `field:${path}`)}
            onPointerUp={done}
            onKeyUp={done}
          />
        )}
        {!slider && (
          <button type="button" tabIndex={-1} aria-label={`Less ${field.title}`} disabled={disabled} onClick={() => (step(-1), done())}>
            −
          </button>
        )}
        <span className="pg-number-box">
          <input
            id={id}
            data-testid={`input-${field.name}`}
            inputMode={field.type === "integer" ? "numeric" : "decimal"}
            autoComplete="off"
            value={editing ? text : shown}
            placeholder={field.nullable ? "none" : undefined}
            disabled={disabled}
            aria-invalid={wrong}
            aria-describedby={`${id}-help`}
            onFocus={(event) => {
              setEditing(true)
              setText(shown)
              event.target.select()
            }}
            onChange={(event) => type(event.target.value)}
            onBlur={() => {
              setEditing(false)
              done()
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowUp" || event.key === "ArrowDown") {
                event.preventDefault()
                step(event.key === "ArrowUp" ? 1 : -1)
              }
              if (event.key === "Enter") {
                done()
                event.currentTarget.select()
              }
            }}
          />
          {field.unit && <span className="pg-unit">{field.unit}</span>}
        </span>
        {!slider && (
          <button type="button" tabIndex={-1} aria-label={`More ${field.title}`} disabled={disabled} onClick={() => (step(1), done())}>
            +
          </button>
        )}
      </div>
      {wrong && (
        <p className="pg-wrong" role="alert">
          {parsed.ok ? "" : parsed.reason} {limitsText(field)}
        </p>
      )}
    </>
  )
}
