/** Tidy: a layered drawing from left to right. Only ever on command. */
import { graphlib, layout as arrange } from "@dagrejs/dagre"
import { moveNodes } from "./edits"
import { networkOf } from "./graph"
import type { Position, ProjectDocument } from "./types"

export type Sizes = (id: string) => { width: number; height: number }

/** Arranges the chosen nodes (all when fewer than two are chosen). Their upper left corner stays where it is. */
export function tidied(document: ProjectDocument, sizes: Sizes, chosen: readonly string[] = []): ProjectDocument {
  const network = networkOf(document)
  const wanted = new Set(chosen.length >= 2 ? chosen : network.nodes.map((node) => node.id))
  if (wanted.size === 0) return document
  const graph = new graphlib.Graph({ multigraph: true })
  graph.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 64, ranker: "network-simplex" })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const node of network.nodes) if (wanted.has(node.id)) graph.setNode(node.id, { ...sizes(node.id) })
  network.edges.forEach((edge, index) => {
    if (wanted.has(edge.source) && wanted.has(edge.target)) graph.setEdge(edge.source, edge.target, {}, String(index))
  })
  arrange(graph)
  const placed: Record<string, Position> = {}
  for (const id of graph.nodes()) {
    const { x, y, width, height } = graph.node(id) as { x: number; y: number; width: number; height: number }
    placed[id] = { x: x - width / 2, y: y - height / 2 }
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
