/** Where things are on the canvas; the canvas registers what only it can know. */
import { COLUMN, freeSpot } from "../document/edits"
import { networkOf } from "../document/graph"
import type { Box } from "../document/tidy"
import { UNIT_PITCH } from "../live-parts"
import type { Position, ProjectDocument } from "../protocol"
import { getState } from "../store"
import { HEAD, unitsShown } from "./unfolding"

interface CanvasView {
  /** The middle of what is on show, in the drawing's coordinates. */
  middle(): Position
  /** A point of the window, in the drawing's coordinates. */
  placeOf(point: Position): Position
  fit(ids?: string[]): void
  zoom(factor: number): void
  /** Brings a node into view only when it is out of it, on the person's request. */
  reveal(id: string): void
  focus(): void
}

let view: CanvasView | null = null

export function registerCanvas(next: CanvasView | null): void {
  view = next
}

export function canvasView(): CanvasView | null {
  return view
}

/** A folded card, and what stands below the units of an open one. */
const CARD = { width: 174, height: 144 }
const COLLAPSED = { width: 174, height: 40 }
const OPEN = { width: 148, foot: 28 }

/** Size of a node and how far below its top its wires are; known before it was ever drawn. */
export function sizeOf(id: string): Box {
  if (getState().drawing?.layout.nodes[id]?.collapsed) return COLLAPSED
  return boxOf(unitsShown(getState(), id))
}

/** The box of a node that shows so many units; 0 is a folded card. */
export function boxOf(units: number): Box {
  if (units === 0) return CARD
  const column = units * UNIT_PITCH
  return { width: OPEN.width, height: HEAD + column + OPEN.foot, anchor: HEAD + column / 2 }
}

/** Where a new layer goes when nobody pointed: beside the selection, else in the middle of what is on show. */
export function besideSelection(document: ProjectDocument): Position {
  const { selection } = getState()
  const beside = selection.nodes.at(-1)
  const at = beside && document.layout.nodes[beside]
  if (at) return freeSpot(document, { x: at.x + COLUMN, y: at.y })
  if (networkOf(document).nodes.length === 0) return { x: 0, y: 0 }
  const middle = view?.middle() ?? { x: 0, y: 0 }
  return freeSpot(document, { x: middle.x - 80, y: middle.y - 60 })
}
