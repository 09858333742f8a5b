/** Edits: pure functions from a document to a document. Elements they do not touch keep their identity. */
import { closesLoop, edgeKey, freshId, networkOf } from "./graph"
import { oneLine } from "./plain-text"
import {
  ROLE,
  type Layout,
  type Network,
  type NetworkEdge,
  type NetworkNode,
  type Part,
  type Position,
  type ProjectDocument,
} from "./types"

/** Which of a layer's ports take several wires; from the catalogue, so that edits know no layer by name. */
export type PortRules = (layer: Part) => { name: string; many: boolean }[]

export const onePort: PortRules = () => [{ name: "in", many: false }]

export const COLUMN = 240

export function withNetwork(document: ProjectDocument, network: Network): ProjectDocument {
  if (network === document.experiment.networks[ROLE]) return document
  return {
    ...document,
    experiment: { ...document.experiment, networks: { ...document.experiment.networks, [ROLE]: network } },
  }
}

export function wire(source: string, target: string, targetPort = "in", sourcePort = "out"): NetworkEdge {
  return { source, target, source_port: sourcePort, target_port: targetPort }
}

export function moveNodes(document: ProjectDocument, positions: Record<string, Position>): ProjectDocument {
  const nodes = { ...document.layout.nodes }
  let moved = false
  for (const [id, at] of Object.entries(positions)) {
    const was = nodes[id]
    if (was && ((was.x === at.x && was.y === at.y) || was.pinned)) continue
    nodes[id] = { ...was, x: at.x, y: at.y }
    moved = true
  }
  return moved ? { ...document, layout: { ...document.layout, nodes } } : document
}

export interface Added {
  document: ProjectDocument
  id: string
}

export function addNode(document: ProjectDocument, layer: Part, at: Position, title: string | null = null): Added {
  const network = networkOf(document)
  const id = freshId(network, layer.kind)
  const node: NetworkNode = { id, layer, title }
  const next = withNetwork(document, { ...network, nodes: [...network.nodes, node] })
  return { id, document: moveNodes(next, { [id]: at }) }
}

/** Takes nodes out. Where the wires in and out were single-minded, the neighbours are joined again. */
export function removeNodes(document: ProjectDocument, ids: readonly string[], heal = true): ProjectDocument {
  const gone = new Set(ids)
  let network = networkOf(document)
  if (!network.nodes.some((node) => gone.has(node.id))) return document
  for (const id of ids) network = withoutNode(network, id, heal)
  return { ...withNetwork(document, network), layout: withoutPlaces(document.layout, gone) }
}

/** A layout without these nodes, nor anything in them. */
export function withoutPlaces(layout: Layout, gone: ReadonlySet<string>): Layout {
  const stays = (path: string) => !gone.has(path.split(".", 1)[0]!)
  const kept = <T>(places: Record<string, T>) => Object.fromEntries(Object.entries(places).filter(([path]) => stays(path)))
  const next = { ...layout, nodes: kept(layout.nodes), unfolded: layout.unfolded.filter(stays) }
  return layout.blocks ? { ...next, blocks: kept(layout.blocks) } : next
}

function withoutNode(network: Network, id: string, heal: boolean): Network {
  const into = network.edges.filter((edge) => edge.target === id)
  const outOf = network.edges.filter((edge) => edge.source === id)
  const nodes = network.nodes.filter((node) => node.id !== id)
  if (!heal || into.length !== 1 || outOf.length === 0) {
    return { nodes, edges: network.edges.filter((edge) => edge.source !== id && edge.target !== id) }
  }
  const [feeding] = into as [NetworkEdge]
  // The healed wire takes the place of the one it replaces, so the order of a many-port stays.
  const edges = network.edges.flatMap((edge) => {
    if (edge.target === id) return []
    if (edge.source !== id) return [edge]
    const healed = { ...edge, source: feeding.source, source_port: feeding.source_port }
    return network.edges.some((other) => edgeKey(other) === edgeKey(healed)) ? [] : [healed]
  })
  return { nodes, edges }
}

/** Every middle node that can be healed around: one wire in, at least one out. */
export function canHeal(network: Network, id: string): boolean {
  return (
    network.edges.filter((edge) => edge.target === id).length === 1 && network.edges.some((edge) => edge.source === id)
  )
}

/** Joins two nodes. A port that takes one wire gives up the one it had. A loop changes nothing. */
export function connect(document: ProjectDocument, edge: NetworkEdge, ports: PortRules = onePort): ProjectDocument {
  const network = networkOf(document)
  const target = network.nodes.find((node) => node.id === edge.target)
  if (!target || !network.nodes.some((node) => node.id === edge.source)) return document
  if (closesLoop(network, edge.source, edge.target)) return document
  if (network.edges.some((other) => edgeKey(other) === edgeKey(edge))) return document
  const many = ports(target.layer).find((port) => port.name === edge.target_port)?.many ?? false
  const kept = many
    ? network.edges
    : network.edges.filter((other) => other.target !== edge.target || other.target_port !== edge.target_port)
  return withNetwork(document, { ...network, edges: [...kept, edge] })
}

export function removeEdges(document: ProjectDocument, keys: readonly string[]): ProjectDocument {
  const gone = new Set(keys)
  const network = networkOf(document)
  const edges = network.edges.filter((edge) => !gone.has(edgeKey(edge)))
  return edges.length === network.edges.length ? document : withNetwork(document, { ...network, edges })
}

/** Moves one end of a wire; its place in the order stays. */
export function rewire(
  document: ProjectDocument,
  key: string,
  edge: NetworkEdge,
  ports: PortRules = onePort,
): ProjectDocument {
  const network = networkOf(document)
  const index = network.edges.findIndex((other) => edgeKey(other) === key)
  if (index < 0 || edgeKey(edge) === key) return document
  const without = removeEdges(document, [key])
  const joined = connect(without, edge, ports)
  if (joined === without) return document
  const edges = networkOf(joined).edges.filter((other) => other !== edge)
  return withNetwork(joined, { ...networkOf(joined), edges: [...edges.slice(0, index), edge, ...edges.slice(index)] })
}

/** A new node in the middle of a wire, at `at` or as near to the middle as there is room. Nothing else moves. */
export function insertOnEdge(
  document: ProjectDocument,
  key: string,
  layer: Part,
  at: Position | null,
  ports: PortRules = onePort,
): Added | null {
  const edge = networkOf(document).edges.find((other) => edgeKey(other) === key)
  if (!edge) return null
  const from = document.layout.nodes[edge.source] ?? { x: 0, y: 0 }
  const to = document.layout.nodes[edge.target] ?? { x: from.x + COLUMN, y: from.y }
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const added = addNode(document, layer, freeSpot(document, at ?? middle))
  const spliced = placeOnEdge(added.document, key, added.id, ports)
  return spliced && { id: added.id, document: spliced }
}

const CARD = { width: 184, height: 150 }

/** The nearest place at or below `near` where a card covers no other. */
export function freeSpot(document: ProjectDocument, near: Position): Position {
  const others = Object.values(document.layout.nodes)
  const covered = (at: Position) =>
    others.find((other) => Math.abs(other.x - at.x) < CARD.width && Math.abs(other.y - at.y) < CARD.height)
  let spot = { x: Math.round(near.x), y: Math.round(near.y) }
  for (let tries = 0; tries < 200; tries++) {
    const other = covered(spot)
    if (!other) return spot
    spot = { x: spot.x, y: other.y + CARD.height + 10 }
  }
  return spot
}

/** Puts a node that is already there (and has no wires that would be lost) into the middle of a wire. */
export function placeOnEdge(
  document: ProjectDocument,
  key: string,
  id: string,
  ports: PortRules = onePort,
): ProjectDocument | null {
  const network = networkOf(document)
  const index = network.edges.findIndex((other) => edgeKey(other) === key)
  const edge = network.edges[index]
  const node = network.nodes.find((other) => other.id === id)
  if (!edge || !node || edge.source === id || edge.target === id) return null
  const port = ports(node.layer)[0]
  if (!port) return null
  if (closesLoop(network, edge.source, id) || closesLoop(network, id, edge.target)) return null
  const first = wire(edge.source, id, port.name, edge.source_port)
  const second = wire(id, edge.target, edge.target_port)
  const edges = [...network.edges.slice(0, index), first, second, ...network.edges.slice(index + 1)]
  return withNetwork(document, { ...network, edges })
}

/** Changes settings of one layer; values are merged in. */
export function setFields(document: ProjectDocument, id: string, values: Record<string, unknown>): ProjectDocument {
  const network = networkOf(document)
  const node = network.nodes.find((other) => other.id === id)
  if (!node || Object.entries(values).every(([name, value]) => sameValue(node.layer[name], value))) return document
  return replaceNode(document, { ...node, layer: { ...node.layer, ...values, kind: node.layer.kind } })
}

export function rename(document: ProjectDocument, id: string, title: string | null): ProjectDocument {
  const node = networkOf(document).nodes.find((other) => other.id === id)
  const clean = oneLine(title ?? "", 60) || null
  if (!node || node.title === clean) return document
  return replaceNode(document, { ...node, title: clean })
}

function replaceNode(document: ProjectDocument, node: NetworkNode): ProjectDocument {
  const network = networkOf(document)
  return withNetwork(document, {
    ...network,
    nodes: network.nodes.map((other) => (other.id === node.id ? node : other)),
  })
}

export function setUnfolded(document: ProjectDocument, id: string, open: boolean): ProjectDocument {
  const was = document.layout.unfolded.includes(id)
  if (was === open) return document
  const unfolded = open ? [...document.layout.unfolded, id] : document.layout.unfolded.filter((other) => other !== id)
  return { ...document, layout: { ...document.layout, unfolded } }
}

const FORBIDDEN = new Set(["__proto__", "prototype", "constructor"])

/** Sets one value below `experiment` by its dotted path ("training.batch_size", "metrics.0"). */
export function setExperiment(document: ProjectDocument, path: string, value: unknown): ProjectDocument {
  const keys = path.split(".")
  if (keys.some((key) => key === "" || FORBIDDEN.has(key))) return document
  const experiment = setAt(document.experiment, keys, value) as ProjectDocument["experiment"]
  return experiment === document.experiment ? document : { ...document, experiment }
}

function setAt(target: unknown, keys: string[], value: unknown): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return sameValue(target, value) ? target : value
  const holder = (target ?? {}) as Record<string, unknown>
  const before = holder[key]
  const after = setAt(before, rest, value)
  if (before === after && key in holder) return target
  if (Array.isArray(target)) return target.map((item, index) => (index === Number(key) ? after : item))
  return { ...holder, [key]: after }
}

export function sameValue(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b))
}
