import type { ReactElement } from "react"
import { sameValue } from "../../document/edits"
import type { CatalogueEntry, CatalogueName, Field, Part } from "../../protocol"
import { useStore } from "../../store"
import { freshPart } from "../summary"
import { ListField } from "./ListField"
import { NumberField } from "./NumberField"
import { PartForm, useHelp } from "./PartForm"

export interface FieldProps {
  field: Field
  value: unknown
  set: (value: unknown, gesture?: string) => void
  done: () => void
  path: string
  disabled: boolean
}

export function FieldRow(props: FieldProps & { usual: unknown; beside?: ReactElement }): ReactElement {
  const { field, value, usual, set, path, disabled } = props
  const [focused, focus] = useHelp()
  const id = `pg-field-${path.replaceAll(".", "-")}`
  const changed = usual !== undefined && !sameValue(value, usual)
  const limits = limitsText(field)
  return (
    <div className="pg-field" data-type={field.type} data-testid={`field-${field.name}`} {...focus}>
      <div className="pg-field-head">
        <label htmlFor={id}>
          {changed && <span className="pg-changed" title="Changed" />}
          {field.title}
        </label>
        {changed && !disabled && (
          <button type="button" className="pg-back" onClick={() => set(usual)}>
            back to {valueText(usual, field)}
          </button>
        )}
        {props.beside}
      </div>
      <Control {...props} id={id} />
      {focused && (field.help || limits) && (
        <p className="pg-help" id={`${id}-help`}>
          {field.help} {limits && <span className="pg-limits">{limits}</span>}
        </p>
      )}
    </div>
  )
}

function Control(props: FieldProps & { id: string }): ReactElement {
  const { field, value, set, disabled, id } = props
  switch (field.type) {
    case "integer":
    case "number":
      return <NumberField {...props} />
    case "boolean":
      return (
        <button
          id={id}
          type="button"
          role="switch"
          className="pg-switch"
          aria-checked={value === true}
          disabled={disabled}
          onClick={() => set(value !== true)}
        >
          <span>{value === true ? "on" : "off"}</span>
        </button>
      )
    case "choice":
      return (
        <select
          id={id}
          value={String(value)}
          disabled={disabled}
          onChange={(event) => set(field.choices?.find((choice) => String(choice.value) === event.target.value)?.value)}
        >
          {field.choices?.map((choice) => (
            <option key={String(choice.value)} value={String(choice.value)}>
              {choice.title}
            </option>
          ))}
        </select>
      )
    case "part":
      return <PartField {...props} />
    case "list":
      return <ListField {...props} />
    default:
      return (
        <input
          id={id}
          type="text"
          value={typeof value === "string" ? value : ""}
          disabled={disabled}
          onChange={(event) => set(event.target.value, `field:${props.path}`)}
          onBlur={props.done}
        />
      )
  }
}

const none: CatalogueEntry[] = []

/** A part inside a part: which one, and below it its own settings. */
function PartField({ field, value, set, done, path, disabled, id }: FieldProps & { id: string }): ReactElement {
  const entries = useStore((s) => s.catalogue[(field.catalogue ?? "layers") as CatalogueName] ?? none)
  const offered = entries.filter((entry) => !entry.hidden && (!field.group || entry.group === field.group))
  const part = value && typeof value === "object" ? (value as Part) : null
  const entry = entries.find((other) => other.kind === part?.kind)
  return (
    <>
      <select
        id={id}
        value={part?.kind ?? ""}
        disabled={disabled}
        onChange={(event) => {
          const next = entries.find((other) => other.kind === event.target.value)
          set(next ? freshPart(next) : null)
        }}
      >
        {(field.nullable || !part) && <option value="">None</option>}
        {part && !offered.some((other) => other.kind === part.kind) && <option value={part.kind}>{entry?.title ?? part.kind}</option>}
        {offered.map((other) => (
          <option key={other.kind} value={other.kind}>
            {other.title}
          </option>
        ))}
      </select>
      {part && entry && entry.fields.length > 0 && (
        <div className="pg-nested">
          <PartForm
            entry={entry}
            values={part}
            change={(values, gesture) => set({ ...part, ...values }, gesture)}
            done={done}
            path={path}
            disabled={disabled}
          />
        </div>
      )}
    </>
  )
}

export function limitsText(field: Field): string | null {
  if (field.type !== "integer" && field.type !== "number") return null
  const low = field.minimum
  const high = field.maximum
  const over = field.exclusive_minimum ?? false
  if (low !== null && low !== undefined && high !== null && high !== undefined) {
    return over ? `Above ${low}, up to ${high}.` : `${low} to ${high}.`
  }
  if (low !== null && low !== undefined) return over ? `Above ${low}.` : `${low} or more.`
  return high !== null && high !== undefined ? `At most ${high}.` : null
}

function valueText(value: unknown, field: Field): string {
  if (value === null) return "none"
  if (typeof value === "boolean") return value ? "on" : "off"
  if (Array.isArray(value)) return value.join("×")
  if (typeof value === "object") return String((value as Part).kind ?? "before").replaceAll("_", " ")
  return field.choices?.find((choice) => choice.value === value)?.title ?? String(value)
}
