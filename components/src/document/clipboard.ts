/** Copied nodes as text: it goes through the system's clipboard, so another tab (or a chat window) can take it. */
import { COLUMN, withNetwork } from "./edits"
import { freshId, networkOf } from "./graph"
import { oneLine } from "./plain-text"
import { isNodeId, type NetworkEdge, type NetworkNode, type Part, type Position, type ProjectDocument } from "./types"

const FORMAT = "playground/nodes@1"
const MAX_TEXT = 200_000
const MAX_NODES = 500
const MAX_WIRES = 4_000
/** The server takes no place farther out. */
const FARTHEST = 500_000

export interface Clip {
  nodes: NetworkNode[]
  edges: NetworkEdge[]
  positions: Record<string, Position>
  /** Places in the blocks among them, by path. */
  blocks: Record<string, Record<string, Position>>
  unfolded: string[]
}

/** The chosen nodes and the wires among them. */
export function clipOf(document: ProjectDocument, ids: readonly string[]): Clip {
  const chosen = new Set(ids)
  const network = networkOf(document)
  return {
    nodes: network.nodes.filter((node) => chosen.has(node.id)),
    edges: network.edges.filter((edge) => chosen.has(edge.source) && chosen.has(edge.target)),
    positions: Object.fromEntries(Object.entries(document.layout.nodes).filter(([id]) => chosen.has(id))),
    blocks: Object.fromEntries(Object.entries(document.layout.blocks ?? {}).filter(([path]) => chosen.has(head(path)))),
    unfolded: document.layout.unfolded.filter((path) => chosen.has(head(path))),
  }
}

function head(path: string): string {
  return path.split(".", 1)[0]!
}

export function clipToText(clip: Clip): string {
  return JSON.stringify({ format: FORMAT, ...clip })
}

/** Reads text from anywhere. Anything that is not nodes of ours is null; unknown fields are dropped. */
export function clipFromText(text: string): Clip | null {
  if (text.length > MAX_TEXT || !text.includes(FORMAT)) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(value) || value.format !== FORMAT || !Array.isArray(value.nodes) || !Array.isArray(value.edges)) return null
  if (value.nodes.length === 0 || value.nodes.length > MAX_NODES || value.edges.length > MAX_WIRES) return null
  const nodes: NetworkNode[] = []
  const ids = new Set<string>()
  for (const node of value.nodes) {
    if (!isRecord(node) || !isId(node.id) || ids.has(node.id) || !isPart(node.layer)) return null
    const title = typeof node.title === "string" ? oneLine(node.title, 60) || null : null
    nodes.push({ id: node.id, layer: node.layer, title })
    ids.add(node.id)
  }
  const edges: NetworkEdge[] = []
  for (const edge of value.edges) {
    if (!isRecord(edge) || !isId(edge.source) || !isId(edge.target)) return null
    if (!ids.has(edge.source) || !ids.has(edge.target)) return null
    const port = (name: unknown, usual: string) => (typeof name === "string" && isNodeId(name) ? name : usual)
    edges.push({
      source: edge.source,
      target: edge.target,
      source_port: port(edge.source_port, "out"),
      target_port: port(edge.target_port, "in"),
    })
  }
  const positions = placesFrom(value.positions, (id) => ids.has(id))
  const within = (path: unknown): path is string => typeof path === "string" && ids.has(head(path)) && path.length <= 400 && path.split(".").every(isNodeId)
  const blocks: Clip["blocks"] = {}
  if (isRecord(value.blocks)) {
    for (const [path, places] of Object.entries(value.blocks)) if (within(path)) blocks[path] = placesFrom(places, isNodeId)
  }
  const unfolded = Array.isArray(value.unfolded) ? value.unfolded.filter(within) : []
  return { nodes, edges, positions, blocks, unfolded }
}

function placesFrom(value: unknown, known: (id: string) => boolean): Record<string, Position> {
  const places: Record<string, Position> = {}
  if (!isRecord(value)) return places
  for (const [id, at] of Object.entries(value)) {
    if (known(id) && isRecord(at) && isNear(at.x) && isNear(at.y)) places[id] = { x: Number(at.x), y: Number(at.y) }
  }
  return places
}

export interface Pasted {
  document: ProjectDocument
  ids: string[]
}

/** Adds the clip under fresh ids, its upper left corner at `at`. */
export function paste(document: ProjectDocument, clip: Clip, at: Position): Pasted {
  const network = networkOf(document)
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const node of clip.nodes) {
    const id = freshId(network, node.id.replace(/-\d+$/, ""), taken)
    names.set(node.id, id)
    taken.add(id)
  }
  const placed = clip.nodes.map((node, index) => clip.positions[node.id] ?? { x: index * COLUMN, y: 0 })
  const left = Math.min(...placed.map((p) => p.x))
  const top = Math.min(...placed.map((p) => p.y))
  const nodes = { ...document.layout.nodes }
  clip.nodes.forEach((node, index) => {
    nodes[names.get(node.id)!] = { x: at.x + placed[index]!.x - left, y: at.y + placed[index]!.y - top }
  })
  const rename = (id: string) => names.get(id)!
  const next = withNetwork(document, {
    nodes: [...network.nodes, ...clip.nodes.map((node) => ({ ...node, id: rename(node.id) }))],
    edges: [
      ...network.edges,
      ...clip.edges.map((edge) => ({ ...edge, source: rename(edge.source), target: rename(edge.target) })),
    ],
  })
  const moved = (path: string) => rename(head(path)) + path.slice(head(path).length)
  const unfolded = [...document.layout.unfolded, ...clip.unfolded.map(moved)]
  const layout = { ...document.layout, nodes, unfolded }
  const blocks = Object.entries(clip.blocks).map(([path, places]) => [moved(path), places] as const)
  if (blocks.length > 0) layout.blocks = { ...layout.blocks, ...Object.fromEntries(blocks) }
  return { ids: [...names.values()], document: { ...next, layout } }
}

function isNear(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= FARTHEST
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is string {
  return typeof value === "string" && isNodeId(value)
}

function isPart(value: unknown): value is Part {
  return isRecord(value) && typeof value.kind === "string" && /^[a-z0-9_]{1,60}$/.test(value.kind)
}
