import { useStore as useFlowStore } from "@xyflow/react"
import { useLayoutEffect, useMemo, useRef, useState, type ReactElement } from "react"
import { networkOf, nodeOf } from "../document/graph"
import { endGesture } from "../editing"
import { entryOf, useCosts, useDiagnostics, useLayerEntry, useLocked, useStore } from "../store"
import type { Size } from "../workbench/Workbench"
import { changeFields, deleteThese, duplicateSelection, renameNode, unfold } from "./actions"
import { BlockButtons, BlockFace, FaceSwitch } from "./BlockFace"
import { openBlock } from "./blocks"
import { PartForm } from "./form/PartForm"
import { bytesText, countText, shapeText, titleOf } from "./summary"
import { useCanUnfold } from "./unfolding"

const WIDTH = 300
const GAP = 18
const USUAL_HEIGHT = 330

/** Settings of the one selected node: a card beside it, docked below where there is no room. */
export function Inspector({ size }: { size: Size }): ReactElement | null {
  const id = useStore((s) => (s.selection.nodes.length === 1 ? s.selection.nodes[0]! : null))
  const busy = useFlowStore((s) => s.connection.inProgress || s.nodes.some((node) => node.dragging))
  if (!id || busy) return null
  return size === "wide" ? <Floating key={id} id={id} /> : <Card key={id} id={id} docked />
}

type Side = "right" | "left" | "below" | "above"

function Floating({ id }: { id: string }): ReactElement | null {
  const transform = useFlowStore((s) => s.transform)
  const width = useFlowStore((s) => s.width)
  const height = useFlowStore((s) => s.height)
  const lookup = useFlowStore((s) => s.nodeLookup)
  const document = useStore((s) => s.drawing)
  const node = lookup.get(id)
  // The lookup keeps its identity when a node moves; this is what makes the card follow.
  useFlowStore((s) => {
    const at = s.nodeLookup.get(id)
    return at ? `${at.internals.positionAbsolute.x} ${at.internals.positionAbsolute.y} ${at.measured.height}` : ""
  })
  const side = useRef<Side | null>(null)
  const [tx, ty, zoom] = transform

  const boxes = useMemo(() => {
    const others: { x: number; y: number; w: number; h: number }[] = []
    for (const other of document ? networkOf(document).nodes : []) {
      const internal = lookup.get(other.id)
      if (!internal || other.id === id) continue
      const { x, y } = internal.internals.positionAbsolute
      others.push({ x, y, w: internal.measured.width ?? 160, h: internal.measured.height ?? 130 })
    }
    return others
  }, [document, lookup, id])

  // The form may grow ("More", a part with settings of its own): the card then moves up rather than out of sight.
  const [tall, setTall] = useState(USUAL_HEIGHT)
  const card = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const inner = card.current?.firstElementChild
    if (!inner) return undefined
    const observer = new ResizeObserver(() => setTall(inner.scrollHeight + 2))
    for (const child of inner.children) observer.observe(child)
    setTall(inner.scrollHeight + 2)
    return () => observer.disconnect()
  }, [])
  const troubled = useDiagnostics(id).length > 0

  if (!node || width === 0) return null
  const { x, y } = node.internals.positionAbsolute
  const at = {
    x: x * zoom + tx,
    y: y * zoom + ty,
    w: (node.measured.width ?? 160) * zoom,
    h: (node.measured.height ?? 130) * zoom,
  }
  const places: Record<Side, { x: number; y: number }> = {
    below: { x: at.x + at.w / 2 - WIDTH / 2, y: at.y + at.h + GAP },
    right: { x: at.x + at.w + GAP + 16, y: at.y - 8 },
    left: { x: at.x - WIDTH - GAP, y: at.y - 8 },
    above: { x: at.x + at.w / 2 - WIDTH / 2, y: at.y - tall - GAP },
  }
  // The side is chosen once, when the card opens: it does not hop around while one pans or edits.
  const chip = { x, y: y + (node.measured.height ?? 130), w: 236, h: 110 }
  side.current ??= bestSide(places, tall, troubled ? [...boxes, chip] : boxes, { tx, ty, zoom, width, height })
  const place = places[side.current]
  const left = Math.round(clamp(place.x, 56, width - WIDTH - 12))
  const top = Math.round(clamp(place.y, 12, Math.max(12, height - Math.min(tall, height - 24) - 12)))
  return (
    <div
      ref={card}
      className="pg-floating"
      style={{ transform: `translate(${left}px, ${top}px)`, width: WIDTH, maxHeight: height - top - 12 }}
    >
      <Card id={id} />
    </div>
  )
}

function bestSide(
  places: Record<Side, { x: number; y: number }>,
  tall: number,
  boxes: { x: number; y: number; w: number; h: number }[],
  { tx, ty, zoom, width, height }: { tx: number; ty: number; zoom: number; width: number; height: number },
): Side {
  const cost = (side: Side): number => {
    const at = places[side]
    const outside = Math.max(0, 56 - at.x) + Math.max(0, at.x + WIDTH - width) + Math.max(0, 12 - at.y) + Math.max(0, at.y + tall - height)
    const covered = boxes.reduce((sum, box) => {
      const dx = Math.min(at.x + WIDTH, (box.x + box.w) * zoom + tx) - Math.max(at.x, box.x * zoom + tx)
      const dy = Math.min(at.y + tall, (box.y + box.h) * zoom + ty) - Math.max(at.y, box.y * zoom + ty)
      return sum + (dx > 0 && dy > 0 ? dx * dy : 0)
    }, 0)
    return covered + outside * 120
  }
  const sides: Side[] = ["below", "right", "left", "above"]
  return sides.reduce((best, side) => (cost(side) < cost(best) ? side : best))
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}

function Card({ id, docked = false }: { id: string; docked?: boolean }): ReactElement | null {
  const node = useStore((s) => (s.drawing ? nodeOf(s.drawing, id) : undefined))
  const catalogue = useStore((s) => s.catalogue)
  const readonly = useLocked()
  const inBlock = useStore((s) => openBlock(s) !== null)
  const block = useStore((s) => entryOf(s.catalogue, "layers", node?.layer.kind ?? "")?.silhouette === "block")
  const entry = useLayerEntry(node?.layer.kind)
  const costs = useCosts(id)
  const diagnostics = useDiagnostics(id)
  const canUnfold = useCanUnfold(id)
  const unfolded = useStore((s) => s.drawing?.layout.unfolded.includes(id) ?? false)
  if (!node) return null
  const title = titleOf(catalogue, node)
  return (
    <section
      className="pg-inspector"
      data-docked={docked || undefined}
      data-testid="inspector"
      aria-label={`Settings of ${title}`}
      onKeyDown={(event) => {
        if (event.key === "Escape") (event.currentTarget.getRootNode() as ShadowRoot).querySelector<HTMLElement>(".pg-editor")?.focus()
        event.stopPropagation()
      }}
    >
      <header>
        <input
          key={title}
          className="pg-title-field"
          aria-label="Name"
          defaultValue={title}
          disabled={readonly}
          maxLength={60}
          onBlur={(event) => renameNode(id, event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
        />
        <span className="pg-kind">{entry && entry.title !== title ? entry.title : (entry?.group ?? "")}</span>
      </header>
      {entry?.help && <p className="pg-inspector-help">{entry.help.split("\n\n", 1)[0]}</p>}
      {block && <BlockFace node={node} />}
      {entry ? (
        <PartForm
          entry={entry}
          values={node.layer}
          change={(values, gesture) => changeFields(id, values, gesture)}
          done={endGesture}
          path={id}
          disabled={readonly}
          beside={inBlock ? (field) => <FaceSwitch node={id} field={field} /> : undefined}
        />
      ) : (
        <p className="pg-help">There is no layer called “{node.layer.kind}” here. Take it out, or put another in its place.</p>
      )}
      {diagnostics.length > 0 && docked && diagnostics.map((d) => <p key={d.code} className="pg-wrong">{d.message}</p>)}
      {costs && (
        <dl className="pg-costs">
          <div>
            <dt>Answers</dt>
            <dd className="pg-mono">{shapeText(costs.shape) || "…"}</dd>
          </div>
          <div>
            <dt>Parameters</dt>
            <dd className="pg-mono">{countText(costs.parameters)}</dd>
          </div>
          <div>
            <dt>Memory</dt>
            <dd className="pg-mono">{bytesText(costs.memory)}</dd>
          </div>
        </dl>
      )}
      {(!readonly || block) && (
        <footer>
          {block && <BlockButtons node={node} />}
          {canUnfold && !readonly && (
            <button type="button" className="pg-button" data-testid="unfold" onClick={() => unfold(id, !unfolded)}>
              {unfolded ? "Fold units" : "Show units"}
            </button>
          )}
          {!readonly && (
            <>
              <button type="button" className="pg-button" onClick={duplicateSelection}>
                Duplicate
              </button>
              <button type="button" className="pg-button" data-testid="delete" onClick={() => deleteThese([id])}>
                Delete
              </button>
            </>
          )}
        </footer>
      )}
    </section>
  )
}
