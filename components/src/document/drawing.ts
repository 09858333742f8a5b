/** Drawings inside blocks, each as a document of its own: what edits the network at the top edits the one in a block. */
import { networkOf, nodeOf } from "./graph"
import { ROLE, type Face, type Layout, type Network, type NetworkNode, type Part, type ProjectDocument } from "./types"

/** Ids of the blocks that are open, outermost first. Nothing: the network itself. */
export type Inside = readonly string[]

/** What the server says a block draws that follows from its settings, by the path of the block. */
export type Shipped = Readonly<Record<string, Network>>

/** The drawing that is a field of the layer; null when it has none, or when it follows from the settings. */
export function drawingIn(layer: Part | undefined): Network | null {
  const drawing = layer?.drawing as Network | undefined
  return drawing && Array.isArray(drawing.nodes) && Array.isArray(drawing.edges) ? drawing : null
}

export function faceOf(layer: Part): Face[] {
  return Array.isArray(layer.face) ? (layer.face as Face[]) : []
}

export interface Opened {
  /** The blocks that are still there. */
  inside: Inside
  /** The innermost of them as a document: its network, its places. The document itself when none is open. */
  drawing: ProjectDocument
  /** What the paths of its nodes begin with, in `checked` and in frames: of repetitions, the first. */
  prefix: string
  /** It follows from the settings of a block and cannot be changed. */
  fixed: boolean
}

/** Opens block after block, as far as there are such blocks. */
export function opened(document: ProjectDocument, inside: Inside, shipped: Shipped = {}): Opened {
  let at: Opened = { inside: [], drawing: document, prefix: "", fixed: false }
  for (const id of inside) {
    const node = nodeOf(at.drawing, id)
    const path = [...at.inside, id]
    const own = drawingIn(node?.layer)
    const network = own ?? shipped[path.join(".")]
    if (!node || !network) return at
    at = {
      inside: path,
      drawing: through(at.drawing, id, network),
      prefix: `${at.prefix}${step(node)}.`,
      fixed: at.fixed || own === null,
    }
  }
  return at
}

/** `encoder`, or `encoder[0]` of several repetitions. */
function step(node: NetworkNode): string {
  return repeatOf(node.layer) > 1 ? `${node.id}[0]` : node.id
}

export function repeatOf(layer: Part): number {
  return typeof layer.repeat === "number" ? layer.repeat : 1
}

/** A path without the numbers of repetitions: what drawings are filed under. */
export function plainPath(path: string): string {
  return path.includes("[") ? path.replace(/\[\d+\]/g, "") : path
}

/** One level down: the same document, with the block's drawing as its network and the block's places as its places. */
function through(document: ProjectDocument, id: string, network: Network): ProjectDocument {
  const { nodes, blocks, unfolded, ...rest } = document.layout
  const below = `${id}.`
  const layout: Layout = { ...rest, nodes: blocks?.[id] ?? nowhere, unfolded: shorten(unfolded, below) }
  const deeper = Object.entries(blocks ?? {}).filter(([path]) => path.startsWith(below))
  if (deeper.length > 0) layout.blocks = Object.fromEntries(deeper.map(([path, places]) => [path.slice(below.length), places]))
  const networks = { ...document.experiment.networks, [ROLE]: network }
  return { ...document, experiment: { ...document.experiment, networks }, layout }
}

const nowhere: Layout["nodes"] = {}

function shorten(paths: readonly string[], below: string): string[] {
  return paths.filter((path) => path.startsWith(below)).map((path) => path.slice(below.length))
}

/** The document with a changed drawing put back where it was opened. */
export function put(document: ProjectDocument, inside: Inside, drawing: ProjectDocument, shipped: Shipped = {}): ProjectDocument {
  const [id, ...deeper] = inside
  if (id === undefined) return drawing
  const node = nodeOf(document, id)
  const network = drawingIn(node?.layer) ?? shipped[id]
  if (!node || !network) return document
  const before = through(document, id, network)
  const rest: Shipped = Object.fromEntries(shorten(Object.keys(shipped), `${id}.`).map((path) => [path, shipped[`${id}.${path}`]!]))
  const after = put(before, deeper, drawing, rest)
  const { networks } = document.experiment
  const outer = drawingIn(node.layer) && networkOf(after) !== network ? withLayer(networkOf(document), node, networkOf(after)) : networkOf(document)
  return {
    ...after,
    experiment: { ...after.experiment, networks: { ...after.experiment.networks, [ROLE]: outer ?? networks[ROLE]! } },
    layout: outwards(document.layout, id, after.layout),
  }
}

/** The block with its new drawing; settings of nodes that are gone leave its face. */
function withLayer(network: Network, node: NetworkNode, drawing: Network): Network {
  const there = new Set(drawing.nodes.map((inner) => inner.id))
  const face = faceOf(node.layer)
  const kept = face.filter((item) => there.has(item.node))
  const layer = { ...node.layer, drawing, ...(kept.length < face.length ? { face: kept } : {}) }
  return { ...network, nodes: network.nodes.map((other) => (other === node ? { ...node, layer } : other)) }
}

function outwards(outer: Layout, id: string, inner: Layout): Layout {
  const below = `${id}.`
  const blocks = Object.fromEntries(Object.entries(outer.blocks ?? {}).filter(([path]) => path !== id && !path.startsWith(below)))
  if (Object.keys(inner.nodes).length > 0) blocks[id] = inner.nodes
  for (const [path, places] of Object.entries(inner.blocks ?? {})) blocks[below + path] = places
  const unfolded = outer.unfolded.filter((path) => !path.startsWith(below))
  return { ...inner, nodes: outer.nodes, blocks, unfolded: [...unfolded, ...inner.unfolded.map((path) => below + path)] }
}

/** Changes the drawing of one block. A block that is gone, or whose drawing follows from its settings, stays as it is. */
export function within(document: ProjectDocument, inside: Inside, change: (drawing: ProjectDocument) => ProjectDocument): ProjectDocument {
  const at = opened(document, inside)
  if (at.inside.length < inside.length) return document
  const next = change(at.drawing)
  return next === at.drawing ? document : put(document, inside, next)
}
