import type { NetworkEdge, NetworkNode, Part, ProjectDocument } from "../src/protocol"

const edge = (source: string, target: string): NetworkEdge => ({ source, target, source_port: "out", target_port: "in" })
const node = (id: string, layer: Part, title: string | null = null): NetworkNode => ({ id, layer, title })
const dense = (units: number, activation: string | null): Part => ({ kind: "dense", units, bias: true, activation: activation ? { kind: activation } : null })

function project(title: string, nodes: NetworkNode[], edges: NetworkEdge[], places: [number, number][], unfolded: string[], dataset: string): ProjectDocument {
  return {
    schema: 1,
    title,
    notes: "",
    experiment: {
      networks: { model: { nodes, edges } },
      data: {
        dataset: { kind: dataset, samples: 500, noise: 0, balance: 0.5, seed: 0 },
        preparation: [],
        split: { train: 0.5, validation: 0, test: 0.5, sealed: 0, stratify: true, seed: 0 },
      },
      objective: { kind: "supervised", loss: { kind: "binary_cross_entropy" } },
      training: { optimizer: { kind: "adam", learning_rate: 0.03 }, schedule: { kind: "constant" }, batch_size: 10, epochs: 200 },
      metrics: [{ kind: "accuracy" }],
      seed: 0,
    },
    layout: { nodes: Object.fromEntries(nodes.map((n, i) => [n.id, { x: places[i]![0], y: places[i]![1] }])), unfolded, viewport: null },
  }
}

const chain = (ids: string[]) => ids.slice(1).map((id, i) => edge(ids[i]!, id))

export const documents: Record<string, ProjectDocument> = {
  circle: project(
    "Circle",
    [node("input", { kind: "input" }), node("hidden", dense(3, "tanh"), "Hidden"), node("last", dense(1, null), "Answer"), node("output", { kind: "output" })],
    chain(["input", "hidden", "last", "output"]),
    [[0, 22], [240, 0], [480, 46], [700, 18]],
    ["hidden", "last"],
    "circle",
  ),
  fresh: { ...project(
    "Fresh",
    [node("input", { kind: "input" }), node("hidden", dense(3, "tanh")), node("last", dense(1, null)), node("output", { kind: "output" })],
    chain(["input", "hidden", "last", "output"]),
    [[0, 0], [0, 0], [0, 0], [0, 0]],
    [],
    "circle",
  ), layout: { nodes: {}, unfolded: ["hidden", "last"], viewport: null } },
  deep: project(
    "Deep",
    [node("input", { kind: "input" }), node("a", dense(6, "tanh")), node("b", dense(4, "relu")), node("last", dense(1, null)), node("output", { kind: "output" })],
    chain(["input", "a", "b", "last", "output"]),
    [[0, 92], [220, 0], [440, 46], [660, 116], [880, 100]],
    ["a", "b", "last"],
    "circle",
  ),
  rows: project(
    "Two rows",
    [
      node("input", { kind: "input" }),
      node("a", { kind: "conv2d", filters: 16, kernel_size: 3, padding: "same", activation: { kind: "relu" } }),
      node("b", { kind: "max_pool", size: 2 }),
      node("c", { kind: "flatten" }),
      node("d", dense(64, "relu")),
      node("last", dense(10, null)),
      node("output", { kind: "output" }),
    ],
    chain(["input", "a", "b", "c", "d", "last", "output"]),
    [[0, 0], [240, 0], [480, 0], [720, 0], [0, 230], [240, 230], [480, 230]],
    [],
    "circle",
  ),
  trouble: project(
    "CNN with trouble",
    [
      node("input", { kind: "input" }),
      node("conv", { kind: "conv2d", filters: 16, kernel_size: 3, padding: "same", activation: { kind: "relu" } }),
      node("pool", { kind: "max_pool", size: 2 }),
      node("skip", { kind: "add" }),
      node("drop", { kind: "dropout", rate: 0.5 }),
      node("last", dense(10, null)),
      node("output", { kind: "output" }),
    ],
    [...chain(["input", "conv", "pool", "skip", "drop", "last", "output"]), edge("conv", "skip")],
    [[0, 60], [220, 0], [440, 160], [660, 40], [880, 60], [1100, 60], [1320, 40]],
    [],
    "images",
  ),
  empty: project("Empty", [node("input", { kind: "input" }), node("output", { kind: "output" })], [], [[0, 0], [460, 0]], [], "circle"),
}

export const big = (count = 1000): ProjectDocument => {
  const ids = Array.from({ length: count }, (_, i) => `n${i}`)
  return project(
    "Big",
    ids.map((id, i) => node(id, i === 0 ? { kind: "input" } : i === count - 1 ? { kind: "output" } : dense(32, "relu"))),
    chain(ids),
    ids.map((_, i) => [(i % 32) * 220, Math.floor(i / 32) * 200]),
    [],
    "circle",
  )
}
