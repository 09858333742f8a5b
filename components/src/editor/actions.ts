/** What a person can do to the drawing, whatever they do it with: mouse, key, menu, search or outline. */
import { clipFromText, clipOf, clipToText, paste } from "../document/clipboard"
import {
  addNode,
  connect,
  freeSpot,
  insertOnEdge,
  moveNodes,
  placeOnEdge,
  removeEdges,
  removeNodes,
  rename,
  rewire,
  setFields,
  setUnfolded,
  wire,
  type Added,
} from "../document/edits"
import { applyFix } from "../document/fixes"
import { closesLoop, downstream, edgeKey, edgeOf, inOrder, networkOf, nodeOf, upstream } from "../document/graph"
import { partProblem } from "../document/parts"
import { tidied, type Box } from "../document/tidy"
import { draw, edit, portsOf, select } from "../editing"
import type { CatalogueEntry, Fix, NetworkEdge, OwnBlock, Part, Position, ProjectDocument } from "../protocol"
import { costsOf, entryOf, getState, setUi, toast, type SearchRequest } from "../store"
import { likeBefore } from "./like-before"
import { besideSelection, boxOf, canvasView, sizeOf } from "./placing"
import { freshPart, titleOf } from "./summary"
import { unitsPossible } from "./unfolding"

function nameOf(document: ProjectDocument, id: string): string {
  const node = nodeOf(document, id)
  return node ? titleOf(getState().catalogue, node) : id
}

// ---- adding -------------------------------------------------------------------------------------------------------

interface Where {
  /** A block of one's own rather than a fresh part. */
  own?: OwnBlock
  place?: Position | null
  edge?: string | null
  wire?: SearchRequest["wire"]
}

/** Adds a layer: on a wire, at the end of a dropped wire, where it was dropped, or beside the selection and wired to it. */
export function addLayer(entry: CatalogueEntry, where: Where = {}): void {
  const layer = where.own?.layer ?? freshPart(entry)
  const label = `Add ${where.own?.title ?? entry.title}`
  const ports = portsOf(layer)
  let added: string | null = null
  const place = (document: ProjectDocument): ProjectDocument => {
    if (where.edge) {
      const inserted = insertOnEdge(document, where.edge, layer, where.place ?? null, portsOf)
      if (inserted) {
        added = inserted.id
        return inserted.document
      }
    }
    const chosen = where.place || where.wire ? null : getState().selection.nodes.at(-1)
    const at = where.place ?? besideSelection(document)
    const next = addNode(document, layer, { x: Math.round(at.x), y: Math.round(at.y) })
    added = next.id
    if (where.wire) {
      const { node, port, side } = where.wire
      const edge = side === "source" ? wire(node, next.id, ports[0]?.name, port) : wire(next.id, node, port)
      return connect(next.document, edge, portsOf)
    }
    if (where.place) return next.document
    return chosen ? wiredBehind(document, next.document, chosen, next.id, ports[0]?.name) : wiredBeforeTheLast(document, next, entry)
  }
  draw(label, (document) => {
    const placed = place(document)
    if (!added) return placed
    return where.own ? rename(placed, added, where.own.title) : likeBefore(placed, added)
  })
  if (added) select({ nodes: [added] })
}

export function addOwn(own: OwnBlock, where: Where = {}): void {
  const entry = entryOf(getState().catalogue, "layers", own.layer.kind)
  if (entry) addLayer(entry, { ...where, own })
}

/** Clicked with nothing selected: in front of the last layer with weights, where one more layer most often belongs. */
function wiredBeforeTheLast(before: ProjectDocument, added: Added, entry: CatalogueEntry): ProjectDocument {
  const state = getState()
  if (portsOf(freshPart(entry)).length === 0 || entry.silhouette === "output") return added.document
  const network = networkOf(before)
  const last = inOrder(network).findLast((id) => (costsOf(state, id)?.parameters ?? 0) > 0)
  const into = network.edges.filter((edge) => edge.target === last)
  const shape = into[0] && costsOf(state, into[0].source)?.shape
  const fits = into.length === 1 && (!shape || !entry.ranks || entry.ranks.includes(shape.length))
  if (!fits) return added.document
  const spot = betweenOf(before, into[0]!)
  return placeOnEdge(moveNodes(added.document, { [added.id]: spot }), edgeKey(into[0]!), added.id, portsOf) ?? added.document
}

/** Clicked with something selected: the new layer goes into the wire behind it, or at its open end. */
function wiredBehind(
  before: ProjectDocument,
  after: ProjectDocument,
  chosen: string,
  added: string,
  port: string | undefined,
): ProjectDocument {
  const network = networkOf(before)
  const outOf = network.edges.filter((edge) => edge.source === chosen)
  const node = nodeOf(before, chosen)
  const isEnd = node && entryOf(getState().catalogue, "layers", node.layer.kind)?.silhouette === "output"
  if (!port) return after
  if (isEnd) {
    const into = network.edges.find((edge) => edge.target === chosen)
    return (into && placeOnEdge(after, edgeKey(into), added, portsOf)) ?? after
  }
  const [only] = outOf
  if (only && outOf.length === 1) return placeOnEdge(after, edgeKey(only), added, portsOf) ?? after
  return connect(after, wire(chosen, added, port), portsOf)
}

function betweenOf(document: ProjectDocument, edge: NetworkEdge): Position {
  const from = document.layout.nodes[edge.source] ?? { x: 0, y: 0 }
  const to = document.layout.nodes[edge.target] ?? from
  return freeSpot(document, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 })
}

// ---- wires --------------------------------------------------------------------------------------------------------

/** Why this wire cannot be, or null. */
export function refusal(source: string, target: string): string | null {
  const { drawing: document } = getState()
  if (!document) return null
  if (source === target) return "A layer cannot feed itself."
  if (!closesLoop(networkOf(document), source, target)) return null
  return `This wire would make a loop: ${nameOf(document, target)} already feeds ${nameOf(document, source)}.`
}

export function connectNodes(source: string, target: string, targetPort = "in", sourcePort = "out"): boolean {
  const reason = refusal(source, target)
  if (reason) {
    toast(reason, "warn")
    return false
  }
  return draw("Connect", (document) => connect(document, wire(source, target, targetPort, sourcePort), portsOf))
}

export function moveWire(key: string, edge: NetworkEdge): void {
  const reason = refusal(edge.source, edge.target)
  if (reason) return toast(reason, "warn")
  draw("Move wire", (document) => rewire(document, key, edge, portsOf))
}

/** Nodes a wire from (or to) this one may end at: no loop, and a shape the layer takes, as far as that is known. */
export function fitting(node: string, side: "source" | "target"): Set<string> {
  const state = getState()
  const { drawing: document, catalogue } = state
  if (!document) return new Set()
  const network = networkOf(document)
  const barred = side === "source" ? upstream(network, node) : downstream(network, node)
  const takes = (layer: Part, from: string): boolean => {
    const entry = entryOf(catalogue, "layers", layer.kind)
    const shape = costsOf(state, from)?.shape
    if (!entry || portsOf(layer).length === 0) return false
    return !shape || !entry.ranks || entry.ranks.includes(shape.length)
  }
  const fits = network.nodes.filter((other) => {
    if (barred.has(other.id)) return false
    if (side === "source") return takes(other.layer, node)
    const mine = nodeOf(document, node)
    return mine !== undefined && !isEnd(other.layer.kind) && takes(mine.layer, other.id)
  })
  return new Set(fits.map((other) => other.id))
}

export function isEnd(kind: string): boolean {
  return entryOf(getState().catalogue, "layers", kind)?.silhouette === "output"
}

// ---- taking away --------------------------------------------------------------------------------------------------

export function deleteSelection(): void {
  const { selection } = getState()
  deleteThese(selection.nodes, selection.edges)
}

export function deleteThese(nodes: readonly string[], edges: readonly string[] = []): void {
  if (nodes.length === 0 && edges.length === 0) return
  const { drawing: document } = getState()
  if (!document) return
  const label = nodes.length === 1 ? `Delete ${nameOf(document, nodes[0]!)}` : nodes.length ? `Delete ${nodes.length} layers` : "Delete wire"
  const hadMiddle = hasMiddle(document)
  const done = draw(label, (current) => removeNodes(removeEdges(current, edges), nodes, true), { select: {} })
  const after = getState().drawing
  const plane = getState().inside.length === 0 && getState().checked?.facts?.view === "plane"
  if (done && after && plane && hadMiddle && !hasMiddle(after) && isComplete(after)) setUi({ predict: { answer: null } })
  canvasView()?.focus()
}

/** Is there a layer with weights before the last one with weights? */
function hasMiddle(document: ProjectDocument): boolean {
  const state = getState()
  return networkOf(document).nodes.filter((node) => (costsOf(state, node.id)?.parameters ?? 0) > 0).length > 1
}

function isComplete(document: ProjectDocument): boolean {
  const network = networkOf(document)
  const end = network.nodes.find((node) => isEnd(node.layer.kind))
  return end !== undefined && [...upstream(network, end.id)].some((id) => portsOf(nodeOf(document, id)!.layer).length === 0)
}

// ---- copies -------------------------------------------------------------------------------------------------------

export function copyText(): string | null {
  const { drawing: document, selection } = getState()
  if (!document || selection.nodes.length === 0) return null
  return clipToText(clipOf(document, selection.nodes))
}

export function copySelection(): void {
  const text = copyText()
  if (text) void navigator.clipboard?.writeText(text).catch(() => undefined)
}

export function cutSelection(): void {
  copySelection()
  deleteSelection()
}

export function pasteText(text: string, at: Position | null = null): boolean {
  const clip = clipFromText(text)
  if (!clip) return false
  for (const node of clip.nodes) {
    const problem = partProblem(getState().catalogue, "layers", node.layer)
    if (problem) {
      toast(`${problem} Nothing was pasted.`, "warn")
      return true
    }
  }
  let ids: string[] = []
  draw("Paste", (document) => {
    const pasted = paste(document, clip, at ?? beside(document, Object.values(clip.positions)))
    ids = pasted.ids
    return pasted.document
  })
  if (ids.length) select({ nodes: ids })
  return true
}

export function duplicateSelection(): void {
  const { drawing: document, selection } = getState()
  if (!document || selection.nodes.length === 0) return
  const text = clipToText(clipOf(document, selection.nodes))
  pasteText(text)
}

/** Below where the copied ones are, when that is known and free; else in the middle. */
function beside(document: ProjectDocument, from: Position[]): Position {
  const left = Math.min(...from.map((p) => p.x))
  const bottom = Math.max(...from.map((p) => p.y))
  if (!Number.isFinite(left)) return besideSelection(document)
  const spot = { x: left + 30, y: bottom + 170 }
  const taken = Object.values(document.layout.nodes)
  while (taken.some((p) => Math.abs(p.x - spot.x) < 20 && Math.abs(p.y - spot.y) < 20)) {
    spot.x += 30
    spot.y += 30
  }
  return spot
}

// ---- the rest -----------------------------------------------------------------------------------------------------

export function tidy(): void {
  const { selection, ui } = getState()
  const chosen = selection.nodes.length >= 2 ? selection.nodes : []
  setUi({ animate: ui.animate + 1 })
  draw("Tidy", (document) => tidied(document, sizeOf, chosen))
}

export function align(axis: "x" | "y"): void {
  const { drawing: document, selection } = getState()
  if (!document || selection.nodes.length < 2) return
  draw("Align", (current) => {
    const ids = selection.nodes.filter((id) => current.layout.nodes[id])
    // In a row the wires lie on one line, however tall the cards are.
    const middle = (box: Box) => (axis === "x" ? box.width / 2 : (box.anchor ?? box.height / 2))
    const centre = (id: string) => current.layout.nodes[id]![axis] + middle(sizeOf(id))
    const mean = ids.reduce((sum, id) => sum + centre(id), 0) / ids.length
    return moveNodes(
      current,
      Object.fromEntries(
        ids.map((id) => {
          const at = current.layout.nodes[id]!
          return [id, { ...at, [axis]: Math.round(at[axis] + mean - centre(id)) }]
        }),
      ),
    )
  })
}

export function renameNode(id: string, title: string): void {
  draw("Rename", (document) => {
    const usual = entryOf(getState().catalogue, "layers", nodeOf(document, id)?.layer.kind ?? "")?.title
    return rename(document, id, title.trim() === usual ? null : title)
  })
}

export function changeFields(id: string, values: Record<string, unknown>, gesture?: string): void {
  draw("Change settings", (document) => setFields(document, id, values), gesture ? { gesture } : {})
}

/** Opens or closes a column of units. The node grows around its wires, so that they stay where they are. */
export function unfold(id: string, open: boolean): void {
  const before = anchorOf(sizeOf(id))
  const after = anchorOf(boxOf(open ? unitsPossible(getState(), id) : 0))
  draw(open ? "Unfold" : "Fold", (document) => {
    const next = setUnfolded(document, id, open)
    const at = next.layout.nodes[id]
    return at && next !== document ? moveNodes(next, { [id]: { x: at.x, y: Math.round(at.y + before - after) } }) : next
  })
}

function anchorOf({ height, anchor = height / 2 }: Box): number {
  return anchor
}

export function repair(fix: Fix): void {
  edit(fix.label, (document) => applyFix(document, fix.ops, portsOf))
}

export function insertBetween(key: string, at: { x: number; y: number }): void {
  const { drawing: document } = getState()
  if (!document || !edgeOf(document, key)) return
  setUi({ search: { at, place: null, wire: null, edge: key, offer: "layers" } })
}

export function openSearch(request: Partial<SearchRequest> = {}): void {
  setUi({ menu: null, search: { at: null, place: null, wire: null, edge: null, offer: "everything", ...request } })
}
