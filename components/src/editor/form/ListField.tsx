import type { ReactElement } from "react"
import type { CatalogueName, Field } from "../../protocol"
import { useStore } from "../../store"
import { freshPart } from "../summary"
import { FieldRow, type FieldProps } from "./FieldRow"

/** Several values in order: add, change, move up, take away. */
export function ListField({ field, value, set, done, path, disabled }: FieldProps): ReactElement {
  const items = Array.isArray(value) ? value : []
  const item: Field = field.items ?? { name: "item", title: "Item", type: "number" }
  const catalogue = useStore((s) => s.catalogue)
  const replace = (index: number, next: unknown, gesture?: string) =>
    set(
      items.map((old, i) => (i === index ? next : old)),
      gesture,
    )
  const fresh = () => {
    if (item.type !== "part") return structuredClone(item.default ?? items.at(-1) ?? 1)
    const entries = catalogue[(item.catalogue ?? "layers") as CatalogueName] ?? []
    const first = entries.find((entry) => !entry.hidden && (!item.group || entry.group === item.group))
    return first ? freshPart(first) : null
  }
  const title = item.title || field.title
  return (
    <div className="pg-list">
      {items.map((entry, index) => (
        <div key={index} className="pg-list-item">
          <FieldRow
            field={{ ...item, name: `${field.name}-${index}`, title: `${title} ${index + 1}` }}
            value={entry}
            usual={undefined}
            set={(next, gesture) => replace(index, next, gesture)}
            done={done}
            path={`${path}.${index}`}
            disabled={disabled}
          />
          {!disabled && (
            <span className="pg-list-tools">
              <button
                type="button"
                aria-label={`Move ${title} ${index + 1} up`}
                disabled={index === 0}
                onClick={() => set(items.map((old, i) => (i === index - 1 ? items[index] : i === index ? items[index - 1] : old)))}
              >
                ↑
              </button>
              <button type="button" aria-label={`Take ${title} ${index + 1} away`} onClick={() => set(items.filter((_, i) => i !== index))}>
                ✕
              </button>
            </span>
          )}
        </div>
      ))}
      {!disabled && (
        <button type="button" className="pg-button" onClick={() => set([...items, fresh()])}>
          Add {title.toLowerCase()}
        </button>
      )}
    </div>
  )
}
