/** Reading a network: who feeds whom. */
import { ROLE, isNodeId, type Network, type NetworkEdge, type NetworkNode, type ProjectDocument } from "./types"

const empty: Network = { nodes: [], edges: [] }

export function networkOf(document: ProjectDocument): Network {
  return document.experiment.networks[ROLE] ?? empty
}

// Networks never change, so what was once counted stays right.
const indexes = new WeakMap<Network, Map<string, NetworkNode>>()

export function nodeOf(document: ProjectDocument, id: string): NetworkNode | undefined {
  const network = networkOf(document)
  let index = indexes.get(network)
  if (!index) indexes.set(network, (index = new Map(network.nodes.map((node) => [node.id, node]))))
  return index.get(id)
}

export function edgeKey(edge: NetworkEdge): string {
  return `${edge.source}.${edge.source_port}→${edge.target}.${edge.target_port}`
}

export function edgeOf(document: ProjectDocument, key: string): NetworkEdge | undefined {
  return networkOf(document).edges.find((edge) => edgeKey(edge) === key)
}

/** Every node the given one feeds, directly or through others, itself included. */
export function downstream(network: Network, id: string): Set<string> {
  return walk(network, id, (edge) => [edge.source, edge.target])
}

/** Every node that feeds the given one, itself included. */
export function upstream(network: Network, id: string): Set<string> {
  return walk(network, id, (edge) => [edge.target, edge.source])
}

function walk(network: Network, start: string, ends: (edge: NetworkEdge) => [string, string]): Set<string> {
  const next = new Map<string, string[]>()
  for (const edge of network.edges) {
    const [from, to] = ends(edge)
    const list = next.get(from)
    if (list) list.push(to)
    else next.set(from, [to])
  }
  const seen = new Set([start])
  const open = [start]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const to of next.get(id) ?? []) {
      if (!seen.has(to)) {
        seen.add(to)
        open.push(to)
      }
    }
  }
  return seen
}

/** Would a wire from `source` to `target` close a loop? */
export function closesLoop(network: Network, source: string, target: string): boolean {
  return downstream(network, target).has(source)
}

/** Ids in an order in which every node comes after what feeds it; drawn order breaks ties, loops come last. */
export function inOrder(network: Network): string[] {
  const waiting = new Map(network.nodes.map((node) => [node.id, 0]))
  for (const edge of network.edges) {
    if (waiting.has(edge.source) && waiting.has(edge.target)) {
      waiting.set(edge.target, waiting.get(edge.target)! + 1)
    }
  }
  const order: string[] = []
  const ready = network.nodes.map((node) => node.id).filter((id) => waiting.get(id) === 0)
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    order.push(id)
    for (const edge of network.edges) {
      if (edge.source !== id || !waiting.has(edge.target)) continue
      const left = waiting.get(edge.target)! - 1
      waiting.set(edge.target, left)
      if (left === 0) ready.push(edge.target)
    }
  }
  const placed = new Set(order)
  return [...order, ...network.nodes.map((node) => node.id).filter((id) => !placed.has(id))]
}

/** A fresh id that says what it is: "dense", "dense-2", … */
export function freshId(network: Network, stem: string, taken: ReadonlySet<string> = new Set()): string {
  const clean = stem.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 32) || "layer"
  const used = (id: string) => !isNodeId(id) || taken.has(id) || network.nodes.some((node) => node.id === id)
  if (!used(clean)) return clean
  for (let n = 2; ; n++) if (!used(`${clean}-${n}`)) return `${clean}-${n}`
}
