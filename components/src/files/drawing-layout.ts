/** Where everything of a drawing stands when it leaves the canvas: the whole of it, folded and unfolded nodes, wires. */
import { Position as Side, getBezierPath, getSmoothStepPath } from "@xyflow/react"
import { COLUMN } from "../document/edits"
import { networkOf } from "../document/graph"
import { TURN, laneOf } from "../editor/lanes"
import { HEAD, MOST_UNITS } from "../editor/unfolding"
import { summaryOf, shapeText, titleOf, countText } from "../editor/summary"
import { UNIT, UNIT_PITCH } from "../live-parts"
import type { Catalogue, CheckedMessage, Position, ProjectDocument, Silhouette } from "../protocol"

export const WIDTH = 174
export const OPEN_WIDTH = 148
export const HEIGHT = 144
export const MARGIN = 32

export interface Box {
  id: string
  x: number
  y: number
  width: number
  height: number
  title: string
  summary: string
  shape: string
  parameters: string
  silhouette: Silhouette
  curve: readonly number[] | null
  /** Discs of an unfolded node; 0: it is folded. */
  units: number
}

export interface Line {
  key: string
  path: string
}

export interface Plan {
  boxes: Box[]
  lines: Line[]
  /** Left, top, width, height of everything, margin included. */
  view: [number, number, number, number]
}

export function planOf(document: ProjectDocument, catalogue: Catalogue, checked: CheckedMessage | null): Plan {
  const network = networkOf(document)
  const boxes = network.nodes.map((node, index): Box => {
    const entry = catalogue.layers.find((other) => other.kind === node.layer.kind)
    const costs = checked?.nodes[node.id]
    const place: Position = document.layout.nodes[node.id] ?? { x: index * COLUMN, y: 0 }
    const silhouette = entry?.silhouette ?? "plain"
    const units = unitsOf(document, node.id, silhouette, costs?.shape ?? null, checked)
    return {
      id: node.id,
      ...place,
      width: units ? OPEN_WIDTH : WIDTH,
      height: units ? HEAD + units * UNIT_PITCH : HEIGHT,
      title: titleOf(catalogue, node),
      summary: summaryOf(catalogue, entry, node.layer),
      shape: shapeText(costs?.shape),
      parameters: costs && costs.parameters > 0 ? countText(costs.parameters) : "",
      silhouette,
      curve: entry?.curve ?? null,
      units,
    }
  })
  const at = new Map(boxes.map((box) => [box.id, box]))
  const lines = network.edges.flatMap((edge) => {
    const from = at.get(edge.source)
    const to = at.get(edge.target)
    if (!from || !to) return []
    const key = `${edge.source}-${edge.target}-${edge.target_port}`
    const lane = laneOf(boxes, edge.source, edge.target)
    if (lane !== null) return [{ key, path: wirePath(middle(from, "right"), middle(to, "left"), lane) }]
    const ends = portsOf(to, "left")
    return portsOf(from, "right").flatMap((start, a) =>
      ends.map((end, b) => ({ key: `${key}-${a}-${b}`, path: wirePath(start, end, null) })),
    )
  })
  return { boxes, lines, view: viewOf(boxes) }
}

function unitsOf(
  document: ProjectDocument,
  id: string,
  silhouette: Silhouette,
  shape: number[] | null,
  checked: CheckedMessage | null,
): number {
  if (!shape || shape.length !== 1 || silhouette === "output" || silhouette === "block" || shape[0]! > MOST_UNITS) return 0
  if (silhouette === "input") return checked?.facts?.view === "image" ? 0 : shape[0]!
  return document.layout.unfolded.includes(id) ? shape[0]! : 0
}

/** Middles of the discs of a box. */
export function discsOf(box: Box): Position[] {
  return Array.from({ length: box.units }, (_, n) => ({ x: box.x + box.width / 2, y: box.y + HEAD + UNIT_PITCH * (n + 0.5) }))
}

function portsOf(box: Box, side: "left" | "right"): Position[] {
  const out = side === "right" ? 1 : -1
  if (box.units) return discsOf(box).map(({ x, y }) => ({ x: x + (out * UNIT) / 2, y }))
  return [middle(box, side)]
}

function middle(box: Box, side: "left" | "right"): Position {
  return { x: side === "right" ? box.x + box.width : box.x, y: box.y + box.height / 2 }
}

/** As the canvas bends its wires; one that goes back runs in its lane. */
export function wirePath(from: Position, to: Position, lane: number | null): string {
  const ends = { sourceX: from.x, sourceY: from.y, sourcePosition: Side.Right, targetX: to.x, targetY: to.y, targetPosition: Side.Left }
  if (lane === null) return getBezierPath({ ...ends, curvature: 0.32 })[0]
  return getSmoothStepPath({ ...ends, borderRadius: 12, offset: TURN, centerY: lane })[0]
}

/** Nothing is drawn outside this: a wire that goes back leaves the boxes by less than the margin. */
function viewOf(boxes: Box[]): [number, number, number, number] {
  if (boxes.length === 0) return [0, 0, 2 * MARGIN, 2 * MARGIN]
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN
  return [left, top, right - left, bottom - top].map(Math.round) as [number, number, number, number]
}
