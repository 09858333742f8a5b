/** What may be said of a node besides its settings: muted, pinned, collapsed. And notes, which are words on the canvas. */
import { networkOf } from "./graph"
import { withNetwork } from "./edits"
import type { Position, ProjectDocument } from "./types"
import type { Place, StickyNote } from "../protocol"

export type Flag = "pinned" | "collapsed"

/** Nodes passed over, or switched on again. */
export function setMuted(document: ProjectDocument, ids: readonly string[], muted: boolean): ProjectDocument {
  const network = networkOf(document)
  const wanted = new Set(ids)
  const differs = (node: { id: string; muted?: boolean }) => wanted.has(node.id) && (node.muted ?? false) !== muted
  if (!network.nodes.some(differs)) return document
  const nodes = network.nodes.map((node) => {
    if (!differs(node)) return node
    const { muted: _, ...rest } = node
    return muted ? { ...rest, muted } : rest
  })
  return withNetwork(document, { ...network, nodes })
}

/** Nodes pinned or collapsed, or no longer so. A node without a place has nothing to hold the word. */
export function setFlag(document: ProjectDocument, ids: readonly string[], flag: Flag, on: boolean): ProjectDocument {
  const nodes = { ...document.layout.nodes }
  let changed = false
  for (const id of ids) {
    const was = nodes[id]
    if (!was || (was[flag] ?? false) === on) continue
    const { [flag]: _, ...rest } = was
    nodes[id] = on ? ({ ...rest, [flag]: on } as Place) : (rest as Place)
    changed = true
  }
  return changed ? { ...document, layout: { ...document.layout, nodes } } : document
}

/** Equal gaps between boxes along one axis; the outermost stay where they are, and so does what is pinned. */
export function spread(
  document: ProjectDocument,
  ids: readonly string[],
  axis: "x" | "y",
  lengthOf: (id: string) => number,
): Record<string, Position> {
  const places = document.layout.nodes
  const there = ids.filter((id) => places[id]).sort((a, b) => places[a]![axis] - places[b]![axis])
  if (there.length < 3) return {}
  const first = places[there[0]!]![axis]
  const last = there.at(-1)!
  const free = places[last]![axis] + lengthOf(last) - first - there.reduce((sum, id) => sum + lengthOf(id), 0)
  const gap = free / (there.length - 1)
  let at = first
  const next: Record<string, Position> = {}
  for (const id of there) {
    next[id] = { ...places[id]!, [axis]: Math.round(at) }
    at += lengthOf(id) + gap
  }
  return next
}

// ---- notes --------------------------------------------------------------------------------------------------------

export const MOST_WORDS = 2000
export const MOST_NOTES = 200

/** A note set down or changed; null takes it away. */
export function putNote(document: ProjectDocument, id: string, note: StickyNote | null): ProjectDocument {
  const notes = { ...document.layout.notes }
  if (note === null && !(id in notes)) return document
  if (note === null) delete notes[id]
  else notes[id] = note
  return { ...document, layout: { ...document.layout, notes } }
}

export function freshNote(document: ProjectDocument): string {
  const notes = document.layout.notes ?? {}
  for (let n = 1; ; n++) if (!(`note-${n}` in notes)) return `note-${n}`
}
