/** Which nodes stand open as columns of units, and where their units are. */
import { UNIT, UNIT_PITCH } from "../live-parts"
import type { Position } from "../protocol"
import { costsOf, entryOf, useStore, type State } from "../store"
import { nodeOf } from "../document/graph"

export const MOST_UNITS = 16
/** From the top of an unfolded node to the top of its first unit's cell. */
export const HEAD = 46

/** How many units the node shows, or 0 when it stands folded. */
export function unitsShown(state: State, id: string): number {
  const { drawing: document, checked, catalogue } = state
  const node = document && nodeOf(document, id)
  if (!node) return 0
  const silhouette = entryOf(catalogue, "layers", node.layer.kind)?.silhouette
  const units = unitsPossible(state, id)
  if (units === 0 || document.layout.nodes[id]?.collapsed) return 0
  // The data's own features stand open whenever they are few: they are where every line begins.
  if (silhouette === "input" && state.prefix === "") return checked?.facts?.view === "image" ? 0 : units
  return document.layout.unfolded.includes(id) ? units : 0
}

/** How many units the node could show, or 0 when it cannot unfold. */
export function unitsPossible(state: State, id: string): number {
  const shape = costsOf(state, id)?.shape
  const node = state.drawing && nodeOf(state.drawing, id)
  const silhouette = node && entryOf(state.catalogue, "layers", node.layer.kind)?.silhouette
  if (!shape || shape.length !== 1 || silhouette === "output" || silhouette === "block") return 0
  const [units] = shape as [number]
  return units <= MOST_UNITS ? units : 0
}

export function useUnits(id: string): number {
  return useStore((s) => unitsShown(s, id))
}

export function useCanUnfold(id: string): boolean {
  return useStore((s) => unitsPossible(s, id) > 0 && (silhouetteOf(s, id) !== "input" || s.prefix !== ""))
}

function silhouetteOf(state: State, id: string): string | undefined {
  const node = state.drawing && nodeOf(state.drawing, id)
  return node ? entryOf(state.catalogue, "layers", node.layer.kind)?.silhouette : undefined
}

/** Right or left edges of the discs of an unfolded node. */
export function unitPoints(corner: Position, width: number, units: number, side: "left" | "right"): Position[] {
  const x = corner.x + width / 2 + (side === "right" ? UNIT / 2 : -UNIT / 2)
  return Array.from({ length: units }, (_, index) => ({ x, y: corner.y + HEAD + UNIT_PITCH * (index + 0.5) }))
}
