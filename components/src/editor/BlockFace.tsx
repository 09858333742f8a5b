/** What a block shows of what is in it: chosen settings of inner nodes, and the ways in and out. */
import type { ReactElement } from "react"
import { drawingIn, faceOf, within } from "../document/drawing"
import { setFields } from "../document/edits"
import { draw, endGesture } from "../editing"
import type { Field, NetworkNode } from "../protocol"
import { entryOf, useLocked, useStore } from "../store"
import { enterBlock, keepBlock, openBlock, showOnFace, ungroupBlock } from "./blocks"
import { FieldRow } from "./form/FieldRow"
import { titleOf } from "./summary"

/** Settings of inner nodes, edited where the block stands. */
export function BlockFace({ node }: { node: NetworkNode }): ReactElement | null {
  const catalogue = useStore((s) => s.catalogue)
  const locked = useLocked()
  const drawing = drawingIn(node.layer)
  const rows = faceOf(node.layer).flatMap((item) => {
    const inner = drawing?.nodes.find((other) => other.id === item.node)
    const entry = inner && entryOf(catalogue, "layers", inner.layer.kind)
    const field = entry?.fields.find((other) => other.name === item.field)
    return inner && field ? [{ item, inner, entry, field }] : []
  })
  if (rows.length === 0) return null
  return (
    <div className="pg-form" data-testid="face">
      {rows.map(({ item, inner, entry, field }) => (
        <FieldRow
          key={`${item.node}.${item.field}`}
          field={{ ...field, title: item.title ?? `${titleOf(catalogue, inner)}: ${field.title.toLowerCase()}` }}
          value={field.name in inner.layer ? inner.layer[field.name] : field.default}
          usual={entry?.defaults?.[field.name] ?? field.default}
          set={(value, gesture) =>
            draw(
              "Change settings",
              (document) => within(document, [node.id], (current) => setFields(current, inner.id, { [field.name]: value })),
              gesture ? { gesture } : {},
            )
          }
          done={endGesture}
          path={`${node.id}.face.${item.node}.${item.field}`}
          disabled={locked}
        />
      ))}
    </div>
  )
}

/** Beside a setting of an inner node: whether it is on the block, too. */
export function FaceSwitch({ node, field }: { node: string; field: Field }): ReactElement | null {
  const layer = useStore(openBlock)
  const readonly = useStore((s) => s.readonly)
  if (!layer || readonly || field.type === "drawing") return null
  const shown = faceOf(layer).some((item) => item.node === node && item.field === field.name)
  return (
    <button
      type="button"
      className="pg-face"
      aria-pressed={shown}
      data-testid={`face-${field.name}`}
      title={shown ? "Shown on the block. Take it off" : "Show on the block"}
      aria-label={`${field.title}: show on the block`}
      onClick={() => showOnFace(node, field, !shown)}
    >
      <svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" aria-hidden="true">
        <rect x="3" y="8" width="18" height="13" rx="3" />
        <path d="M12 2v10M8.5 5.5 12 2l3.5 3.5" />
      </svg>
    </button>
  )
}

export function BlockButtons({ node }: { node: NetworkNode }): ReactElement {
  const locked = useLocked()
  const own = drawingIn(node.layer) !== null
  return (
    <>
      <button type="button" className="pg-button" data-testid="open-block" onClick={() => enterBlock(node.id)}>
        Open
      </button>
      {!locked && own && (
        <>
          <button type="button" className="pg-button" data-testid="ungroup" onClick={() => ungroupBlock(node.id)}>
            Take apart
          </button>
          <button type="button" className="pg-button" data-testid="keep-block" onClick={() => keepBlock(node.id)}>
            Save to my blocks
          </button>
        </>
      )}
    </>
  )
}
