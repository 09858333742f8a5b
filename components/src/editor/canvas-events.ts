/** What the canvas does with clicks and choices. Made once: a new handler would have every card and wire drawn again. */
import type { EdgeChange, Viewport } from "@xyflow/react"
import type { MouseEvent } from "react"
import { nodeOf } from "../document/graph"
import { select } from "../editing"
import { keepViewport } from "../keeping"
import { getState, setState, setUi } from "../store"
import { openSearch } from "./actions"
import { enterBlock, isBlock } from "./blocks"
import type { LayerNode, WireEdge } from "./flow"
import { canvasView } from "./placing"

type Click = MouseEvent | globalThis.MouseEvent

/** Where a click was, in the canvas' own pixels. */
function pointOn(event: Click): { x: number; y: number } {
  const host = (event.target as HTMLElement).closest(".pg-flow")!.getBoundingClientRect()
  return { x: event.clientX - host.left, y: event.clientY - host.top }
}

function openMenu(event: Click, target: { node?: string; edge?: string }): void {
  event.preventDefault()
  const { node = null, edge = null } = target
  setUi({ menu: { ...pointOn(event), node, edge } })
}

export function onEdgesChange(changes: EdgeChange<WireEdge>[]): void {
  const chosen = new Set(getState().selection.edges)
  for (const change of changes) {
    if (change.type !== "select") continue
    if (change.selected) chosen.add(change.id)
    else chosen.delete(change.id)
  }
  select({ nodes: getState().selection.nodes, edges: [...chosen] })
}

export function onNodeDoubleClick(_: unknown, node: LayerNode): void {
  const kind = getState().drawing && nodeOf(getState().drawing!, node.id)?.layer.kind
  if (kind && isBlock(kind)) enterBlock(node.id)
  else if (!getState().readonly && !getState().fixed) setUi({ renaming: node.id })
}

export function onNodeContextMenu(event: Click, node: LayerNode): void {
  if (!getState().selection.nodes.includes(node.id)) select({ nodes: [node.id] })
  openMenu(event, { node: node.id })
}

export function onEdgeContextMenu(event: Click, edge: WireEdge): void {
  openMenu(event, { edge: edge.id })
}

export function onPaneContextMenu(event: Click): void {
  event.preventDefault()
  if (getState().readonly || getState().fixed) return
  openSearch({ at: pointOn(event), place: canvasView()?.placeOf({ x: event.clientX, y: event.clientY }) ?? null })
}

export function onPaneClick(): void {
  setUi({ menu: null, search: null })
}

export function onMoveEnd(_: unknown, viewport: Viewport): void {
  setState({ viewport })
  const { project, inside } = getState()
  if (project && inside.length === 0) keepViewport(project, viewport)
}
