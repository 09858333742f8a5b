/** Where things are on the canvas; the canvas registers what only it can know. */
import { COLUMN, freeSpot } from "../document/edits"
import { networkOf } from "../document/graph"
import type { Position, ProjectDocument } from "../protocol"
import { getState } from "../store"

interface CanvasView {
  /** From the window's pixels to the drawing's coordinates. */
  toDrawing(point: Position): Position
  /** The middle of what is on show, in the drawing's coordinates. */
  middle(): Position
  size(id: string): { width: number; height: number }
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

export function sizeOf(id: string): { width: number; height: number } {
  return view?.size(id) ?? { width: 160, height: 130 }
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
