/** The repairs a diagnostic offers, applied in order as one undo step. */
import type { FixStep } from "../protocol"
import { setMuted } from "./flags"
import { within } from "./drawing"
import {
  COLUMN,
  type PortRules,
  addNode,
  connect,
  freeSpot,
  insertOnEdge,
  onePort,
  removeEdges,
  removeNodes,
  setExperiment,
  setFields,
  wire,
} from "./edits"
import { edgeKey, networkOf } from "./graph"
import type { Part, Position, ProjectDocument } from "./types"

export function applyFix(
  document: ProjectDocument,
  operations: readonly FixStep[],
  ports: PortRules = onePort,
): ProjectDocument {
  return operations.reduce((current, operation) => applyOne(current, operation, ports), document)
}

function applyOne(document: ProjectDocument, operation: FixStep, ports: PortRules): ProjectDocument {
  const { inside = [], ...here } = operation
  if (inside.length > 0) return within(document, inside, (drawing) => applyOne(drawing, here, ports))
  switch (operation.op) {
    case "set":
      return setFields(document, operation.node, operation.values)
    case "insert": {
      const edge = between(document, operation.source, operation.target)
      if (!edge) return document
      return insertOnEdge(document, edgeKey(edge), operation.layer, null, ports)?.document ?? document
    }
    case "add":
      return addAfter(document, operation.after, operation.layer, ports)
    case "mute":
      return setMuted(document, [operation.node], operation.muted)
    case "remove":
      return removeNodes(document, [operation.node], true)
    case "connect":
      return connect(document, wire(operation.source, operation.target, operation.target_port ?? "in"), ports)
    case "disconnect": {
      const gone = networkOf(document).edges.filter(
        (edge) => edge.source === operation.source && edge.target === operation.target,
      )
      return removeEdges(document, gone.map(edgeKey))
    }
    case "experiment":
      return setExperiment(document, operation.path, operation.value)
    default:
      return document
  }
}

function between(document: ProjectDocument, source: string, target: string) {
  return networkOf(document).edges.find((edge) => edge.source === source && edge.target === target)
}

function behindAll(document: ProjectDocument): Position {
  const places = Object.values(document.layout.nodes)
  if (places.length === 0) return { x: 0, y: 0 }
  const last = places.reduce((a, b) => (b.x > a.x ? b : a))
  return { x: last.x + COLUMN, y: last.y }
}

/** A node behind another: on its wire when it feeds exactly one, at its end when it feeds none. */
function addAfter(document: ProjectDocument, after: string | null, layer: Part, ports: PortRules): ProjectDocument {
  if (after === null) return addNode(document, layer, freeSpot(document, behindAll(document))).document
  const outOf = networkOf(document).edges.filter((edge) => edge.source === after)
  const [only] = outOf
  if (only && outOf.length === 1) {
    return insertOnEdge(document, edgeKey(only), layer, null, ports)?.document ?? document
  }
  const from = document.layout.nodes[after] ?? { x: 0, y: 0 }
  const added = addNode(document, layer, freeSpot(document, { x: from.x + COLUMN, y: from.y }))
  return connect(added.document, wire(after, added.id, ports(layer)[0]?.name ?? "in"), ports)
}
