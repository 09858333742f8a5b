/** Tidy: a layered drawing from left to right. Only ever on command. */
import { graphlib, layout as arrange } from "@dagrejs/dagre"
import { COLUMN, freeSpot, moveNodes } from "./edits"
import { networkOf } from "./graph"
import type { Position, ProjectDocument } from "./types"

export interface Box {
  width: number
  height: number
  /** How far below its top the wires reach the node; its middle unless said otherwise. */
  anchor?: number
}

export type Sizes = (id: string) => Box

/** Arranges the chosen nodes (all when fewer than two are chosen). Their upper left corner stays where it is. */
export function tidied(document: ProjectDocument, sizes: Sizes, chosen: readonly string[] = []): ProjectDocument {
  const network = networkOf(document)
  const wanted = new Set(chosen.length >= 2 ? chosen : network.nodes.map((node) => node.id))
  if (wanted.size === 0) return document
  const graph = new graphlib.Graph({ multigraph: true })
  graph.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 64, ranker: "network-simplex" })
  graph.setDefaultEdgeLabel(() => ({}))
  // Every node gets a box with its wires in the middle, so that straight chains are drawn straight.
  const boxes = new Map([...wanted].map((id) => [id, balanced(sizes(id))]))
  for (const node of network.nodes) {
    const box = boxes.get(node.id)
    if (box) graph.setNode(node.id, { width: box.width, height: 2 * box.half })
  }
  network.edges.forEach((edge, index) => {
    if (wanted.has(edge.source) && wanted.has(edge.target)) graph.setEdge(edge.source, edge.target, {}, String(index))
  })
  arrange(graph)
  const placed: Record<string, Position> = {}
  for (const id of graph.nodes()) {
    const { x, y } = graph.node(id) as Position
    const box = boxes.get(id)!
    placed[id] = { x: x - box.width / 2, y: y - box.anchor }
  }
  const corner = (at: (id: string) => Position | undefined): Position => {
    const all = [...wanted].map(at).filter((p): p is Position => p !== undefined)
    return { x: Math.min(...all.map((p) => p.x)), y: Math.min(...all.map((p) => p.y)) }
  }
  const before = corner((id) => document.layout.nodes[id])
  const after = corner((id) => placed[id])
  const shift = {
    x: Number.isFinite(before.x) ? before.x - after.x : 0,
    y: Number.isFinite(before.y) ? before.y - after.y : 0,
  }
  for (const id of Object.keys(placed)) {
    const at = placed[id]!
    placed[id] = { x: Math.round(at.x + shift.x), y: Math.round(at.y + shift.y) }
  }
  return moveNodes(document, placed)
}

function balanced({ width, height, anchor = height / 2 }: Box): { width: number; anchor: number; half: number } {
  return { width, anchor, half: Math.max(anchor, height - anchor) }
}

/** Gives nodes that have no place yet (a fresh template, a node another program added) one; all others stay. */
export function withEveryPlace(document: ProjectDocument, sizes: Sizes): ProjectDocument {
  const homeless = networkOf(document).nodes.filter((node) => !document.layout.nodes[node.id])
  if (homeless.length === 0) return document
  if (homeless.length === networkOf(document).nodes.length) return tidied(document, sizes)
  return homeless.reduce((current, node) => {
    const feeding = networkOf(current).edges.find((edge) => edge.target === node.id && current.layout.nodes[edge.source])
    const from = feeding ? current.layout.nodes[feeding.source]! : { x: -COLUMN, y: 0 }
    return moveNodes(current, { [node.id]: freeSpot(current, { x: from.x + COLUMN, y: from.y }) })
  }, document)
}
