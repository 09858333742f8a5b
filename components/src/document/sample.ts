/** Documents for tests. */
import type { NetworkEdge, NetworkNode, Position, ProjectDocument } from "./types"

export function sample(): ProjectDocument {
  return documentOf(
    [
      { id: "input", layer: { kind: "input" }, title: null },
      { id: "hidden", layer: { kind: "dense", units: 3, bias: true, activation: { kind: "tanh" } }, title: null },
      { id: "last", layer: { kind: "dense", units: 1, bias: true, activation: null }, title: null },
      { id: "output", layer: { kind: "output" }, title: null },
    ],
    [
      ["input", "hidden"],
      ["hidden", "last"],
      ["last", "output"],
    ],
  )
}

export function documentOf(nodes: NetworkNode[], wires: [string, string][]): ProjectDocument {
  const edges: NetworkEdge[] = wires.map(([source, target]) => ({ source, target, source_port: "out", target_port: "in" }))
  const places: Record<string, Position> = Object.fromEntries(nodes.map((node, index) => [node.id, { x: index * 240, y: 0 }]))
  return {
    schema: 1,
    title: "Sample",
    notes: "",
    experiment: {
      networks: { model: { nodes, edges } },
      data: { dataset: { kind: "circle", samples: 500 }, preparation: [], split: { train: 0.5 } },
      objective: { kind: "supervised", loss: { kind: "binary_cross_entropy" } },
      training: { optimizer: { kind: "adam", learning_rate: 0.03 }, schedule: { kind: "constant" }, batch_size: 10, epochs: 200 },
      metrics: [{ kind: "accuracy" }],
      seed: 0,
    },
    layout: { nodes: places, unfolded: ["hidden"], viewport: null },
  }
}

export function wiresOf(document: ProjectDocument): string[] {
  return document.experiment.networks.model!.edges.map((edge) => `${edge.source}→${edge.target}`)
}

export function idsOf(document: ProjectDocument): string[] {
  return document.experiment.networks.model!.nodes.map((node) => node.id)
}
