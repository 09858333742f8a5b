/** The form of any part, made from its catalogue entry. It knows no part by name. */
import { useState, type ReactElement } from "react"
import type { CatalogueEntry, Field } from "../../protocol"
import { setPreferences, useStore } from "../../store"
import { FieldRow } from "./FieldRow"

export interface Change {
  (values: Record<string, unknown>, gesture?: string): void
}

export interface PartFormProps {
  entry: CatalogueEntry
  values: Record<string, unknown>
  change: Change
  done: () => void
  /** Distinguishes forms inside forms, for ids and gestures: "hidden", "hidden.activation". */
  path: string
  disabled: boolean
  /** What stands beside the title of each setting. */
  beside?: (field: Field) => ReactElement
}

export function PartForm({ entry, values, change, done, path, disabled, beside }: PartFormProps): ReactElement {
  const shown = entry.fields.filter((field) => !field.hidden && field.type !== "drawing")
  const plain = shown.filter((field) => !field.advanced)
  const advanced = shown.filter((field) => field.advanced)
  const moreKey = `form:${entry.kind}`
  const more = useStore((s) => s.preferences.more[moreKey] ?? false)
  const all = useStore((s) => s.preferences.more)
  const row = (field: Field) => (
    <FieldRow
      key={field.name}
      field={field}
      value={field.name in values ? values[field.name] : field.default}
      usual={entry.defaults?.[field.name] ?? field.default}
      set={(value, gesture) => change({ [field.name]: value }, gesture)}
      done={done}
      path={`${path}.${field.name}`}
      disabled={disabled}
      beside={beside?.(field)}
    />
  )
  return (
    <div className="pg-form">
      {plain.map(row)}
      {advanced.length > 0 && (
        <>
          <button
            type="button"
            className="pg-more"
            aria-expanded={more}
            onClick={() => setPreferences({ more: { ...all, [moreKey]: !more } })}
          >
            {more ? "Less" : "More"}
          </button>
          {more && advanced.map(row)}
        </>
      )}
    </div>
  )
}

/** Help is shown while its field has the focus. */
export function useHelp(): [boolean, { onFocus: () => void; onBlur: () => void }] {
  const [shown, setShown] = useState(false)
  return [shown, { onFocus: () => setShown(true), onBlur: () => setShown(false) }]
}
