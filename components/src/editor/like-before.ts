/** A layer that joins a chain takes after the nearest one of its kind before it, so that it fits in without settings. */
import { setFields, setUnfolded } from "../document/edits"
import { networkOf, nodeOf } from "../document/graph"
import type { ProjectDocument } from "../protocol"

/** More units than these are somebody's choice for one layer, not a habit of the drawing. */
const MOST_UNITS = 16

export function likeBefore(document: ProjectDocument, id: string): ProjectDocument {
  const layer = nodeOf(document, id)?.layer
  if (layer?.kind !== "dense") return document
  const before = nearestOfKind(document, id, layer.kind)
  const model = before && nodeOf(document, before)?.layer
  if (!model) return document
  const { units, activation } = model as { units?: number; activation?: unknown }
  const values: Record<string, unknown> = { activation: activation ?? null }
  if (units !== undefined && units <= MOST_UNITS) values.units = units
  const alike = setFields(document, id, values)
  return document.layout.unfolded.includes(before) ? setUnfolded(alike, id, true) : alike
}

function nearestOfKind(document: ProjectDocument, id: string, kind: string): string | null {
  const { edges } = networkOf(document)
  const seen = new Set([id])
  let front = [id]
  while (front.length > 0) {
    front = edges.filter(({ source, target }) => front.includes(target) && !seen.has(source)).map(({ source }) => source)
    const found = front.find((source) => nodeOf(document, source)?.layer.kind === kind)
    if (found) return found
    front.forEach((source) => seen.add(source))
  }
  return null
}
