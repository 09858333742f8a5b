/** The document as React Flow wants it. Objects are kept while what they stand for is unchanged. */
import type { Edge, Node } from "@xyflow/react"
import { COLUMN } from "../document/edits"
import { edgeKey, networkOf } from "../document/graph"
import type { NetworkEdge, Position, ProjectDocument } from "../protocol"
import type { Selection } from "../store"

export type LayerNode = Node<Record<string, never>, "layer">
export type WireEdge = Edge<{ edge: NetworkEdge }, "wire">

const nothing: Record<string, never> = {}

export function flowNodes(previous: readonly LayerNode[], document: ProjectDocument, selection: Selection): LayerNode[] {
  const before = new Map(previous.map((node) => [node.id, node]))
  const chosen = new Set(selection.nodes)
  const nodes = networkOf(document).nodes.map((node, index): LayerNode => {
    const position: Position = document.layout.nodes[node.id] ?? { x: index * COLUMN, y: 0 }
    const selected = chosen.has(node.id)
    const was = before.get(node.id)
    const still = was && (was.dragging || (was.position.x === position.x && was.position.y === position.y))
    const draggable = document.layout.nodes[node.id]?.pinned ? false : undefined
    if (was && still && was.selected === selected && was.draggable === draggable) return was
    const next: LayerNode = { id: node.id, type: "layer", data: nothing, position, selected, draggable }
    return was ? { ...was, position: was.dragging ? was.position : position, selected, draggable } : next
  })
  const same = nodes.length === previous.length && nodes.every((node, index) => node === previous[index])
  return same ? (previous as LayerNode[]) : nodes
}

export function flowEdges(previous: readonly WireEdge[], document: ProjectDocument, selection: Selection): WireEdge[] {
  const before = new Map(previous.map((edge) => [edge.id, edge]))
  const chosen = new Set(selection.edges)
  const edges = networkOf(document).edges.map((edge): WireEdge => {
    const id = edgeKey(edge)
    const selected = chosen.has(id)
    const was = before.get(id)
    if (was && was.selected === selected) return was
    return {
      id,
      type: "wire",
      source: edge.source,
      target: edge.target,
      sourceHandle: edge.source_port,
      targetHandle: edge.target_port,
      data: { edge },
      selected,
    }
  })
  const same = edges.length === previous.length && edges.every((edge, index) => edge === previous[index])
  return same ? (previous as WireEdge[]) : edges
}

/** The wire under the pointer itself, wherever it runs: in a lane around the cards, or in a gap too short to see. */
export function wireUnder(host: Element, point: { clientX: number; clientY: number }): string | null {
  const hit = (host.getRootNode() as Document | ShadowRoot).elementsFromPoint(point.clientX, point.clientY)
  return hit.map((element) => element.closest<HTMLElement>(".react-flow__edge")?.dataset.id).find(Boolean) ?? null
}

/** The wire that passes nearest to a point, within reach; for dropping a layer on it. */
export function wireNear(
  document: ProjectDocument,
  point: Position,
  box: (id: string) => { x: number; y: number; width: number; height: number } | null,
  except: string | null = null,
  reach = 36,
): string | null {
  let best: { key: string; distance: number } | null = null
  for (const edge of networkOf(document).edges) {
    if (edge.source === except || edge.target === except) continue
    const from = box(edge.source)
    const to = box(edge.target)
    if (!from || !to) continue
    const a = { x: from.x + from.width, y: from.y + from.height / 2 }
    const b = { x: to.x, y: to.y + to.height / 2 }
    const distance = distanceTo(point, a, b)
    if (distance < reach && distance < (best?.distance ?? Infinity)) best = { key: edgeKey(edge), distance }
  }
  return best?.key ?? null
}

function distanceTo(point: Position, a: Position, b: Position): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length))
  return Math.hypot(point.x - a.x - t * dx, point.y - a.y - t * dy)
}
