/** Group a selection into a block, and take a block apart again. Ids stay: by them a run finds its weights. */
import { COLUMN, withNetwork, withoutPlaces, wire } from "./edits"
import { drawingIn, faceOf, repeatOf } from "./drawing"
import { downstream, edgeKey, freshId, networkOf, nodeOf, upstream } from "./graph"
import type { Network, NetworkEdge, NetworkNode, Part, Position, ProjectDocument } from "./types"

/** The parts that blocks are made of, from the catalogue. */
export interface BlockParts {
  block: Part
  input: Part
  output: Part
  /** Where a network begins or ends. */
  isEnd: (layer: Part) => boolean
  name: (node: NetworkNode) => string
}

export type Grouped = { document: ProjectDocument; id: string } | { problem: string }
export type Ungrouped = { document: ProjectDocument; ids: string[] } | { problem: string }

const FIRST = "in"

/** One block in place of the chosen nodes. Each wire that comes from elsewhere becomes an input of the block. */
export function group(document: ProjectDocument, ids: readonly string[], parts: BlockParts): Grouped {
  const network = networkOf(document)
  const chosen = new Set(ids)
  const nodes = network.nodes.filter((node) => chosen.has(node.id))
  const problem = groupProblem(network, nodes, chosen, parts)
  if (problem) return { problem }
  const end = endsOf(network, nodes, chosen)[0]!

  // ---- inside: the nodes as they are, an input for each source, one output ----
  const taken = new Set(ids)
  const fresh = (stem: string) => {
    const id = freshId({ nodes: [], edges: [] }, stem, taken)
    taken.add(id)
    return id
  }
  const inputs = new Map<string, { id: string; edge: NetworkEdge }>()
  const source = (edge: NetworkEdge) => `${edge.source}.${edge.source_port}`
  for (const edge of network.edges) {
    if (!comesIn(edge, chosen) || inputs.has(source(edge))) continue
    inputs.set(source(edge), { id: fresh("input"), edge })
  }
  if (inputs.size === 0) inputs.set("", { id: fresh("input"), edge: wire("", "") })
  const output = fresh("output")
  const inner: NetworkEdge[] = network.edges.flatMap((edge) => {
    if (!chosen.has(edge.target)) return []
    if (chosen.has(edge.source)) return [edge]
    return [{ ...edge, source: inputs.get(source(edge))!.id, source_port: "out" }]
  })
  inner.push(wire(end.id, output, FIRST, end.port))
  const drawing: Network = {
    nodes: [
      ...[...inputs.values()].map(({ id }) => ({ id, layer: parts.input, title: null })),
      ...nodes,
      { id: output, layer: parts.output, title: null },
    ],
    edges: inner,
  }

  // ---- outside: the block where the first of them stood, and its wires where theirs were ----
  const id = freshId(network, parts.block.kind)
  const block: NetworkNode = { id, layer: { ...parts.block, drawing }, title: null }
  const port = (edge: NetworkEdge) => (edge === [...inputs.values()][0]!.edge ? FIRST : inputs.get(source(edge))!.id)
  const outer = network.edges.flatMap((edge): NetworkEdge[] => {
    if (comesIn(edge, chosen)) {
      const first = inputs.get(source(edge))!.edge
      return first === edge ? [{ ...edge, target: id, target_port: port(edge) }] : []
    }
    if (chosen.has(edge.source)) return chosen.has(edge.target) ? [] : [{ ...edge, source: id, source_port: "out" }]
    return [edge]
  })
  const at = network.nodes.findIndex((node) => chosen.has(node.id))
  const left = network.nodes.filter((node) => !chosen.has(node.id))
  const before = network.nodes.slice(0, at).length
  const next = withNetwork(document, { nodes: [...left.slice(0, before), block, ...left.slice(before)], edges: outer })

  // ---- places: inside as they stood, the block in their middle ----
  const { layout } = document
  const places = Object.fromEntries(Object.entries(layout.nodes).filter(([node]) => chosen.has(node)))
  const bounds = boundsOf(Object.values(places))
  if (bounds) {
    let row = bounds.middle.y - ((inputs.size - 1) * ROW) / 2
    for (const input of inputs.values()) {
      places[input.id] = { x: bounds.left - COLUMN, y: Math.round(row) }
      row += ROW
    }
    places[output] = { x: bounds.right + COLUMN, y: bounds.middle.y }
  }
  const rest = withoutPlaces(layout, chosen)
  const mine = (path: string) => chosen.has(path.split(".", 1)[0]!)
  const blocks = { ...rest.blocks }
  if (bounds) blocks[id] = places
  for (const [path, there] of Object.entries(layout.blocks ?? {})) if (mine(path)) blocks[`${id}.${path}`] = there
  return {
    id,
    document: {
      ...next,
      layout: {
        ...rest,
        nodes: bounds ? { ...rest.nodes, [id]: bounds.middle } : rest.nodes,
        blocks,
        unfolded: [...rest.unfolded, ...layout.unfolded.filter(mine).map((path) => `${id}.${path}`)],
      },
    },
  }
}

const ROW = 160

function comesIn(edge: NetworkEdge, chosen: ReadonlySet<string>): boolean {
  return chosen.has(edge.target) && !chosen.has(edge.source)
}

/** Where answers leave the chosen nodes; when none does, where they end. */
function endsOf(network: Network, nodes: readonly NetworkNode[], chosen: ReadonlySet<string>): { id: string; port: string }[] {
  const leaving = network.edges.filter((edge) => chosen.has(edge.source) && !chosen.has(edge.target))
  const ends = new Map(leaving.map((edge) => [`${edge.source}.${edge.source_port}`, { id: edge.source, port: edge.source_port }]))
  if (ends.size > 0) return [...ends.values()]
  return nodes.filter((node) => !network.edges.some((edge) => edge.source === node.id)).map((node) => ({ id: node.id, port: "out" }))
}

function groupProblem(network: Network, nodes: readonly NetworkNode[], chosen: ReadonlySet<string>, parts: BlockParts): string | null {
  if (nodes.length === 0) return "Select the layers that shall become a block."
  const end = nodes.find((node) => parts.isEnd(node.layer))
  if (end) return `${parts.name(end)} stays where it is: a block has ends of its own. Select only what lies between.`
  const ends = endsOf(network, nodes, chosen)
  if (ends.length === 0) return "These layers feed each other in a circle. Take one of the wires out first."
  if (ends.length > 1) {
    const [first, second] = ends.map(({ id }) => parts.name(nodes.find((node) => node.id === id)!))
    return `A block has one answer; ${first} and ${second} both lead out of these. Take in what joins them, or leave one out.`
  }
  const between = network.nodes.find(
    (node) =>
      !chosen.has(node.id) &&
      [...upstream(network, node.id)].some((id) => chosen.has(id)) &&
      [...downstream(network, node.id)].some((id) => chosen.has(id)),
  )
  return between ? `${parts.name(between)} lies between these: it would feed the block and be fed by it. Take it in, too.` : null
}

/** What is in a block, in its place. */
export function ungroup(document: ProjectDocument, id: string, parts: BlockParts): Ungrouped {
  const network = networkOf(document)
  const node = nodeOf(document, id)
  const drawing = drawingIn(node?.layer)
  if (!node || !drawing) return { problem: "Only a block of your own can be taken apart. Open this one and make it yours first." }
  const repeat = repeatOf(node.layer)
  if (repeat > 1) {
    return { problem: `${parts.name(node)} runs ${repeat} times, each with weights of its own. Set its repeat to 1, then take it apart.` }
  }
  const inputs = drawing.nodes.filter((inner) => inner.layer.kind === parts.input.kind)
  const sinks = new Set(drawing.nodes.filter((inner) => inner.layer.kind === parts.output.kind).map((inner) => inner.id))
  const inside = drawing.nodes.filter((inner) => !inputs.includes(inner) && !sinks.has(inner.id))
  if (inside.length === 0) return { problem: `There is nothing in ${parts.name(node)} to take out.` }

  const names = new Map<string, string>()
  const others: Network = { nodes: network.nodes.filter((other) => other.id !== id), edges: [] }
  const taken = new Set<string>()
  for (const inner of inside) {
    const free = others.nodes.every((other) => other.id !== inner.id) && !taken.has(inner.id)
    const name = free ? inner.id : freshId(others, inner.id.replace(/-\d+$/, ""), new Set([...taken, ...drawing.nodes.map((n) => n.id)]))
    names.set(inner.id, name)
    taken.add(name)
  }

  // What feeds an input of the block, and what feeds its output.
  const feeding = new Map<string, NetworkEdge>()
  inputs.forEach((input, index) => {
    const port = index === 0 ? FIRST : input.id
    const edge = network.edges.find((other) => other.target === id && other.target_port === port)
    if (edge) feeding.set(input.id, edge)
  })
  const origin = (edge: NetworkEdge): Pick<NetworkEdge, "source" | "source_port"> | null => {
    const name = names.get(edge.source)
    if (name) return { source: name, source_port: edge.source_port }
    const fed = feeding.get(edge.source)
    return fed ? { source: fed.source, source_port: fed.source_port } : null
  }
  const inner = drawing.edges.flatMap((edge) => {
    const from = origin(edge)
    const target = names.get(edge.target)
    return from && target ? [{ ...edge, ...from, target }] : []
  })
  const last = drawing.edges.find((edge) => sinks.has(edge.target))
  const answer = last ? origin(last) : null
  let put = false
  const edges = network.edges.flatMap((edge): NetworkEdge[] => {
    const mine = edge.target === id || edge.source === id
    const first = mine && !put ? inner : []
    put ||= mine
    if (edge.source === id) return [...first, ...(answer ? [{ ...edge, ...answer }] : [])]
    return edge.target === id ? first : [edge]
  })
  const all = put ? edges : [...edges, ...inner]
  const known = new Set<string>()
  const distinct = all.filter((edge) => !known.has(edgeKey(edge)) && known.add(edgeKey(edge)))
  const nodes = network.nodes.flatMap((other) => (other === node ? inside.map((one) => ({ ...one, id: names.get(one.id)! })) : [other]))

  // ---- places: around where the block stood ----
  const { layout } = document
  const inBlock = layout.blocks?.[id] ?? {}
  const bounds = boundsOf(inside.flatMap((one) => (inBlock[one.id] ? [inBlock[one.id]!] : [])))
  const at = layout.nodes[id]
  const shift = bounds && at ? { x: at.x - bounds.middle.x, y: at.y - bounds.middle.y } : { x: 0, y: 0 }
  const rest = withoutPlaces(layout, new Set([id]))
  const places = { ...rest.nodes }
  for (const one of inside) {
    const place = inBlock[one.id]
    if (place) places[names.get(one.id)!] = { x: place.x + shift.x, y: place.y + shift.y }
  }
  const deeper = (path: string): string | null => {
    const [head, first, ...tail] = path.split(".")
    const name = head === id && first !== undefined ? names.get(first) : undefined
    return name === undefined ? null : [name, ...tail].join(".")
  }
  const blocks = { ...rest.blocks }
  for (const [path, there] of Object.entries(layout.blocks ?? {})) {
    const moved = deeper(path)
    if (moved) blocks[moved] = there
  }
  const unfolded = [...rest.unfolded, ...layout.unfolded.flatMap((path) => deeper(path) ?? [])]
  const next = withNetwork(document, { nodes, edges: distinct })
  return { ids: [...names.values()], document: { ...next, layout: { ...rest, nodes: places, blocks, unfolded } } }
}

/** Shows a setting of an inner node on the block around it, or takes it off again. */
export function setOnFace(layer: Part, node: string, field: string, shown: boolean): Part {
  const others = faceOf(layer).filter((item) => item.node !== node || item.field !== field)
  return { ...layer, face: shown ? [...others, { node, field, title: null }] : others }
}

function boundsOf(places: readonly Position[]): { left: number; right: number; middle: Position } | null {
  if (places.length === 0) return null
  const xs = places.map((at) => at.x)
  const ys = places.map((at) => at.y)
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  return { left, right, middle: { x: Math.round((left + right) / 2), y: Math.round((Math.min(...ys) + Math.max(...ys)) / 2) } }
}
