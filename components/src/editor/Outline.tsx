/** The same graph as a list, for the keyboard, for a screen reader and for a phone. Everything can be done from here. */
import { useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from "react"
import { drawingIn, repeatOf } from "../document/drawing"
import { edgeKey, inOrder, networkOf } from "../document/graph"
import { removeEdges } from "../document/edits"
import { draw, endGesture, portsOf, redo, select, undo } from "../editing"
import type { NetworkNode } from "../protocol"
import { setPreferences, useCosts, useDiagnostics, useLayerEntry, useLocked, useStore } from "../store"
import { changeFields, connectNodes, deleteThese, fitting, isEnd, openSearch, renameNode } from "./actions"
import { BlockButtons, BlockFace } from "./BlockFace"
import { crumbs, leaveBlock } from "./blocks"
import { DiagnosticChip } from "./DiagnosticChip"
import { PartForm } from "./form/PartForm"
import { isTyping } from "./keys"
import { Silhouette } from "./Silhouette"
import { countText, shapeText, summaryOf, titleOf } from "./summary"

export function Outline({ closable }: { closable: boolean }): ReactElement | null {
  const document = useStore((s) => s.drawing)
  const chosen = useStore((s) => s.selection.nodes[0] ?? null)
  const readonly = useLocked()
  const depth = useStore((s) => s.inside.length)
  const where = useStore((s) => crumbs(s).at(-1)?.title ?? "")
  const [open, setOpen] = useState<string | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const nodes = useMemo(() => {
    if (!document) return []
    const byId = new Map(networkOf(document).nodes.map((node) => [node.id, node]))
    return inOrder(networkOf(document)).map((id) => byId.get(id)!)
  }, [document])
  if (!document) return null

  const go = (by: number) => {
    const at = nodes.findIndex((node) => node.id === chosen)
    const next = nodes[Math.max(0, Math.min(nodes.length - 1, at + by))]
    if (!next) return
    select({ nodes: [next.id] })
    list.current?.querySelector<HTMLElement>(`[data-row="${next.id}"]`)?.focus()
  }
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (isTyping(event.target)) {
      if (event.key === "Escape") list.current?.querySelector<HTMLElement>(`[data-row="${open}"]`)?.focus()
      return
    }
    const act = keyFor(event)
    if (!act) return
    event.preventDefault()
    act()
  }
  const keyFor = (event: KeyboardEvent): (() => void) | null => {
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "z") return event.shiftKey ? redo : undo
      return event.key.toLowerCase() === "y" ? redo : null
    }
    const onRow = (event.target as HTMLElement).dataset.row !== undefined
    switch (event.key) {
      case "ArrowDown":
        return () => go(1)
      case "ArrowUp":
        return () => go(-1)
      case "Enter":
      case " ":
        return onRow && chosen ? () => setOpen(open === chosen ? null : chosen) : null
      case "Delete":
      case "Backspace":
        return chosen ? () => deleteThese([chosen]) : null
      case "/":
        return () => openSearch()
      case "Escape":
        return () => (open ? setOpen(null) : depth > 0 ? leaveBlock() : closable && setPreferences({ outline: false }))
      default:
        return null
    }
  }

  return (
    <section className="pg-outline" data-testid="outline" aria-label="Outline of the network" onKeyDown={onKey}>
      <header>
        <h2>Outline</h2>
        {depth > 0 && (
          <button type="button" className="pg-button" data-testid="outline-leave" onClick={() => leaveBlock()}>
            Leave {where}
          </button>
        )}
        {!readonly && (
          <button type="button" className="pg-button" data-testid="outline-add" onClick={() => openSearch({ offer: "layers" })}>
            Add a layer
          </button>
        )}
        {closable && (
          <button type="button" className="pg-close" aria-label="Close the outline" onClick={() => setPreferences({ outline: false })}>
            ✕
          </button>
        )}
      </header>
      <ul ref={list}>
        {nodes.map((node, index) => (
          <Row
            key={node.id}
            node={node}
            current={chosen === node.id || (!chosen && index === 0)}
            chosen={chosen === node.id}
            open={open === node.id}
            toggle={() => setOpen(open === node.id ? null : node.id)}
          />
        ))}
      </ul>
    </section>
  )
}

interface RowProps {
  node: NetworkNode
  current: boolean
  chosen: boolean
  open: boolean
  toggle: () => void
}

function Row({ node, current, chosen, open, toggle }: RowProps): ReactElement {
  const catalogue = useStore((s) => s.catalogue)
  const readonly = useLocked()
  const entry = useLayerEntry(node.layer.kind)
  const costs = useCosts(node.id)
  const diagnostics = useDiagnostics(node.id)
  const title = titleOf(catalogue, node)
  return (
    <li data-chosen={chosen || undefined} data-trouble={diagnostics.length > 0 || undefined}>
      <button
        type="button"
        className="pg-row"
        data-row={node.id}
        data-testid={`outline-${node.id}`}
        tabIndex={current ? 0 : -1}
        aria-expanded={open}
        aria-current={chosen || undefined}
        onFocus={() => select({ nodes: [node.id] })}
        onClick={toggle}
      >
        <Silhouette kind={entry?.silhouette} size={20} curve={entry?.curve} />
        <span className="pg-row-title">{title}</span>
        <span className="pg-mono pg-row-summary">{summaryOf(catalogue, entry, node.layer)}{drawingIn(node.layer) && repeatOf(node.layer) > 1 && ` · × ${repeatOf(node.layer)}`}</span>
        <span className="pg-mono pg-row-shape">
          {shapeText(costs?.shape)}
          {costs && costs.parameters > 0 && <em>{countText(costs.parameters)}</em>}
        </span>
      </button>
      {diagnostics.map((diagnostic) => (
        <DiagnosticChip key={diagnostic.code} diagnostic={diagnostic} />
      ))}
      {open && (
        <div className="pg-row-body">
          <label className="pg-field">
            Name
            <input type="text" key={title} defaultValue={title} disabled={readonly} onBlur={(event) => renameNode(node.id, event.target.value)} />
          </label>
          {entry?.silhouette === "block" && (
            <>
              <BlockFace node={node} />
              <footer>
                <BlockButtons node={node} />
              </footer>
            </>
          )}
          {entry && (
            <PartForm
              entry={entry}
              values={node.layer}
              change={(values, gesture) => changeFields(node.id, values, gesture)}
              done={endGesture}
              path={`outline.${node.id}`}
              disabled={readonly}
            />
          )}
          <Wires node={node} />
          {!readonly && (
            <footer>
              <button type="button" className="pg-button" onClick={() => openSearch({ offer: "layers" })}>
                Add behind
              </button>
              <button type="button" className="pg-button" onClick={() => deleteThese([node.id])}>
                Delete
              </button>
            </footer>
          )}
        </div>
      )}
    </li>
  )
}

function Wires({ node }: { node: NetworkNode }): ReactElement | null {
  const document = useStore((s) => s.drawing)
  const catalogue = useStore((s) => s.catalogue)
  const readonly = useLocked()
  if (!document) return null
  const { nodes, edges } = networkOf(document)
  const name = (id: string) => {
    const other = nodes.find((candidate) => candidate.id === id)
    return other ? titleOf(catalogue, other) : id
  }
  const mine = edges.filter((edge) => edge.source === node.id)
  const fits = isEnd(node.layer.kind) ? [] : [...fitting(node.id, "source")].filter((id) => !mine.some((edge) => edge.target === id))
  return (
    <div className="pg-field">
      <span>Feeds</span>
      {mine.map((edge) => (
        <div key={edgeKey(edge)} className="pg-feeds">
          {name(edge.target)}
          {!readonly && (
            <button
              type="button"
              aria-label={`Take away the wire to ${name(edge.target)}`}
              onClick={() => draw("Delete wire", (current) => removeEdges(current, [edgeKey(edge)]))}
            >
              ✕
            </button>
          )}
        </div>
      ))}
      {!readonly && fits.length > 0 && (
        <select
          aria-label="Wire to"
          value=""
          onChange={(event) => {
            const target = nodes.find((other) => other.id === event.target.value)
            const port = target && portsOf(target.layer)[0]?.name
            if (target) connectNodes(node.id, target.id, port ?? "in")
          }}
        >
          <option value="">Wire to…</option>
          {fits.map((id) => (
            <option key={id} value={id}>
              {name(id)}
            </option>
          ))}
        </select>
      )}
    </div>
  )
}
