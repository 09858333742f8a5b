/** Another tab's change, carried over into documents of ours that do not have it: drafts not yet saved, and undo steps. */
import { sameValue } from "./edits"
import { edgeKey } from "./graph"
import type { Network, NetworkEdge, ProjectDocument } from "./types"

/** `mine` with everything that changed from `base` to `theirs`. Where both changed one thing, theirs wins. */
export function merged(base: ProjectDocument, mine: ProjectDocument, theirs: ProjectDocument): ProjectDocument {
  if (mine === base) return theirs
  const { networks: baseNetworks, ...baseRest } = base.experiment
  const { networks: myNetworks, ...myRest } = mine.experiment
  const { networks: theirNetworks, ...theirRest } = theirs.experiment
  const networks: Record<string, Network> = { ...theirNetworks }
  for (const [role, network] of Object.entries(myNetworks)) {
    const other = theirNetworks[role]
    networks[role] = other ? mergedNetwork(baseNetworks[role] ?? { nodes: [], edges: [] }, network, other) : network
  }
  return {
    schema: theirs.schema,
    title: pick(base.title, mine.title, theirs.title),
    notes: pick(base.notes, mine.notes, theirs.notes),
    experiment: { ...mergedRecord(baseRest, myRest, theirRest), networks } as ProjectDocument["experiment"],
    layout: {
      nodes: mergedRecord(base.layout.nodes, mine.layout.nodes, theirs.layout.nodes),
      blocks: mergedRecord(base.layout.blocks ?? {}, mine.layout.blocks ?? {}, theirs.layout.blocks ?? {}),
      unfolded: pick(base.layout.unfolded, mine.layout.unfolded, theirs.layout.unfolded),
      viewport: mine.layout.viewport,
    },
  }
}

function pick<T>(base: T, mine: T, theirs: T): T {
  return sameValue(base, theirs) ? mine : theirs
}

function mergedRecord<T>(base: Record<string, T>, mine: Record<string, T>, theirs: Record<string, T>): Record<string, T> {
  const out: Record<string, T> = {}
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const changed = !sameValue(base[key], theirs[key])
    if (changed ? key in theirs : key in mine) out[key] = (changed ? theirs[key] : mine[key])!
  }
  return out
}

function mergedNetwork(base: Network, mine: Network, theirs: Network): Network {
  const byId = (network: Network) => Object.fromEntries(network.nodes.map((node) => [node.id, node]))
  const byKey = (network: Network) => Object.fromEntries(network.edges.map((edge) => [edgeKey(edge), edge]))
  const nodes = mergedRecord(byId(base), byId(mine), byId(theirs))
  const edges: Record<string, NetworkEdge> = mergedRecord(byKey(base), byKey(mine), byKey(theirs))
  return {
    nodes: Object.values(nodes),
    edges: Object.values(edges).filter((edge) => edge.source in nodes && edge.target in nodes),
  }
}
