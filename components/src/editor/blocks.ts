/** What a person can do with blocks: group, take apart, open, leave, make one's own, keep. */
import { send } from "../connection-api"
import { group, setOnFace, ungroup, type BlockParts } from "../document/blocks"
import { drawingIn, opened, plainPath, repeatOf, within } from "../document/drawing"
import { withNetwork } from "../document/edits"
import { networkOf, nodeOf } from "../document/graph"
import { draw, edit, goInside, select } from "../editing"
import type { CatalogueEntry, Field, InsideMessage, Network, NetworkNode, Part, ProjectDocument } from "../protocol"
import { entryOf, getState, setState, toast, type State } from "../store"
import { freshPart, titleOf } from "./summary"

export function isBlock(kind: string): boolean {
  return entryOf(getState().catalogue, "layers", kind)?.silhouette === "block"
}

/** The catalogue knows which layers begin and end a drawing, and which holds one. */
function parts(): BlockParts | null {
  const { catalogue } = getState()
  const first = (fits: (entry: CatalogueEntry) => boolean) => catalogue.layers.find(fits)
  const block = first((entry) => entry.fields.some((field) => field.type === "drawing"))
  const input = first((entry) => entry.silhouette === "input")
  const output = first((entry) => entry.silhouette === "output")
  if (!block || !input || !output) return null
  return {
    block: freshPart(block),
    input: freshPart(input),
    output: freshPart(output),
    isEnd: (layer) => layer.kind === input.kind || layer.kind === output.kind,
    name: (node) => titleOf(catalogue, node),
  }
}

// ---- grouping -----------------------------------------------------------------------------------------------------

export function groupSelection(): void {
  const { drawing, selection } = getState()
  const made = parts()
  if (!drawing || !made) return
  const grouped = group(drawing, selection.nodes, made)
  if ("problem" in grouped) toast(grouped.problem, "warn")
  else if (draw("Group into a block", () => grouped.document)) select({ nodes: [grouped.id] })
}

export function ungroupBlock(id: string | undefined = getState().selection.nodes.find(isOwn)): void {
  const { drawing } = getState()
  const made = parts()
  if (!drawing || !made) return
  if (id === undefined) return toast("Select a block to take it apart.")
  const apart = ungroup(drawing, id, made)
  if ("problem" in apart) toast(apart.problem, "warn")
  else if (draw("Take block apart", () => apart.document)) select({ nodes: apart.ids })
}

/** It holds a drawing that can be changed. */
export function isOwn(id: string): boolean {
  const { drawing } = getState()
  return drawingIn(drawing ? nodeOf(drawing, id)?.layer : undefined) !== null
}

// ---- opening and leaving ------------------------------------------------------------------------------------------

/** The block that opens as soon as the server has said what it draws. */
let wanted: string | null = null
const unalike = new Set<string>()

export function enterBlock(id: string): void {
  const { drawing, inside } = getState()
  const node = drawing && nodeOf(drawing, id)
  if (!node || !isBlock(node.layer.kind)) return
  wanted = null
  if (drawingIn(node.layer)) return goInside([...inside, id])
  wanted = [...inside, id].join(".")
  send({ type: "inside", path: wanted })
}

/** To the drawing around this one, or so many blocks deep. */
export function leaveBlock(depth: number = getState().inside.length - 1): void {
  const { inside } = getState()
  const left = inside[depth]
  if (left === undefined) return
  goInside(inside.slice(0, depth))
  select({ nodes: [left] })
}

/** What a block draws that follows from its settings. */
export function onInside(message: InsideMessage): void {
  const { shipped } = getState()
  if (message.network) {
    setState({ shipped: { ...shipped, [message.path]: message.network } })
    if (message.alike) unalike.delete(message.path)
    else unalike.add(message.path)
  }
  if (wanted !== message.path) return
  wanted = null
  if (message.network) goInside(message.path.split("."))
  else toast("What is in this block is known once it knows what arrives. Wire it up first.")
}

/** After every check: open blocks may draw something else now. */
export function askInside(): void {
  const { shipped, inside } = getState()
  inside.forEach((_, depth) => {
    const path = inside.slice(0, depth + 1).join(".")
    if (path in shipped) send({ type: "inside", path })
  })
}

/** Turns the open blocks that follow from settings into blocks of one's own. */
export function makeOwn(): void {
  const { inside, shipped } = getState()
  const made = parts()
  if (!made) return
  const foreign = inside.map((_, depth) => inside.slice(0, depth + 1)).filter((path) => shipped[path.join(".")])
  const different = foreign.find((path) => unalike.has(path.join(".")))
  if (different) {
    const { document } = getState()
    const node = document && nodeAt(document, different)
    const times = node ? repeatOf(node.layer) : 2
    return toast(`Its ${times} repetitions are not alike: the first changes the shape. Set its repeat to 1, then make it your own.`, "warn")
  }
  edit("Make it my own", (document) =>
    foreign.reduce((current, path) => withOwnDrawing(current, path, shipped[path.join(".")]!, made.block), document),
  )
}

function withOwnDrawing(document: ProjectDocument, path: readonly string[], drawing: Network, block: Part): ProjectDocument {
  const id = path.at(-1)!
  return within(document, path.slice(0, -1), (outer) => {
    const node = nodeOf(outer, id)
    if (!node || drawingIn(node.layer)) return outer
    const title = titleOf(getState().catalogue, node)
    return withNode(outer, { ...node, title, layer: { ...block, drawing, repeat: repeatOf(node.layer) } })
  })
}

function withNode(document: ProjectDocument, node: NetworkNode): ProjectDocument {
  const network = networkOf(document)
  return withNetwork(document, { ...network, nodes: network.nodes.map((other) => (other.id === node.id ? node : other)) })
}

function nodeAt(document: ProjectDocument, path: readonly string[]): NetworkNode | undefined {
  const { drawing } = opened(document, path.slice(0, -1), getState().shipped)
  return nodeOf(drawing, path.at(-1)!)
}

export interface Crumb {
  title: string
  repeat: number
}

/** The open blocks, outermost first. */
export function crumbs({ document, inside, catalogue, shipped }: State): Crumb[] {
  if (!document) return []
  return inside.map((id, depth) => {
    const { drawing } = opened(document, inside.slice(0, depth), shipped)
    const node = nodeOf(drawing, id)
    return node ? { title: titleOf(catalogue, node), repeat: repeatOf(node.layer) } : { title: id, repeat: 1 }
  })
}

/** Which repetition a trouble is in when it is not the one on show; null when it is. */
export function repetitionOf(state: State, path: string | null): number | null {
  if (!path || path.startsWith(state.prefix) || plainPath(path).split(".").length <= state.inside.length) return null
  const numbers = [...path.matchAll(/\[(\d+)\]/g)].map((found) => Number(found[1]))
  const other = numbers.find((number) => number > 0)
  return other === undefined ? null : other + 1
}

// ---- the face -----------------------------------------------------------------------------------------------------

/** The layer of the innermost open block, when it can be changed. */
export function openBlock({ document, inside, shipped, fixed }: State): Part | null {
  if (!document || fixed || inside.length === 0) return null
  return nodeOf(opened(document, inside.slice(0, -1), shipped).drawing, inside.at(-1)!)?.layer ?? null
}

export function showOnFace(node: string, field: Field, shown: boolean): void {
  const { inside } = getState()
  edit(shown ? `Show ${field.title} on the block` : `Take ${field.title} off the block`, (document) =>
    within(document, inside.slice(0, -1), (outer) => {
      const block = nodeOf(outer, inside.at(-1)!)
      return block ? withNode(outer, { ...block, layer: setOnFace(block.layer, node, field.name, shown) }) : outer
    }),
  )
}

// ---- blocks to keep -----------------------------------------------------------------------------------------------

export function keepBlock(id: string): void {
  const { drawing, catalogue } = getState()
  const node = drawing && nodeOf(drawing, id)
  if (!node) return
  const title = titleOf(catalogue, node)
  if (send({ type: "keep_block", title, layer: node.layer })) toast(`“${title}” is among your blocks now, in every project of yours.`)
}

export function dropBlock(block: string): void {
  send({ type: "drop_block", block })
}
