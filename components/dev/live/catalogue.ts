/** A few catalogue entries and one document, as the server would send them. */
import { emptyCatalogue } from "../../src/store"
import type { Catalogue, CatalogueEntry, Field, ProjectDocument } from "../../src/protocol"

const entry = (
  kind: string,
  title: string,
  rest: Partial<CatalogueEntry> & { phrase?: string } = {},
): CatalogueEntry => ({
  kind,
  title,
  group: "Basics",
  silhouette: "plain",
  ports: [{ name: "in", many: false }],
  fields: [],
  defaults: {},
  ...rest,
})
const number = (name: string, title: string, value: number, rest: Partial<Field> = {}): Field => ({
  name,
  title,
  type: "number",
  default: value,
  minimum: 0,
  maximum: 1,
  slider: true,
  ...rest,
})
const units: Field = { name: "units", title: "Units", type: "integer", default: 4, minimum: 1, maximum: 4096 }
const activation: Field = {
  name: "activation",
  title: "Activation",
  type: "part",
  catalogue: "layers",
  group: "Activations",
  nullable: true,
  default: null,
}
const rate = number("learning_rate", "Learning rate", 0.03, { minimum: 0, exclusive_minimum: true, maximum: 10, logarithmic: true })
const plane = [
  number("samples", "Points", 500, { type: "integer", minimum: 20, maximum: 2000, step: 10 }),
  number("noise", "Noise", 0, { maximum: 0.5, step: 0.01 }),
  number("balance", "Share of blue", 0.5, { minimum: 0.1, maximum: 0.9, step: 0.05 }),
]
const bend = (kind: string, title: string, phrase: string) =>
  entry(kind, title, { group: "Activations", silhouette: "activation", phrase })

export const catalogue: Catalogue = {
  ...emptyCatalogue,
  layers: [
    entry("input", "Input", { silhouette: "input", ports: [], hidden: true }),
    entry("output", "Output", { silhouette: "output", hidden: true }),
    entry("dense", "Dense", {
      silhouette: "dense",
      summary: "{units} · {activation}",
      fields: [units, activation],
      defaults: { units: 4, bias: true, activation: { kind: "tanh" } },
    }),
    entry("conv2d", "Convolution", { silhouette: "conv", summary: "{filters}" }),
    bend("tanh", "tanh", "squashes it (tanh)"),
    bend("relu", "ReLU", "cuts off what is below zero (ReLU)"),
    bend("sigmoid", "sigmoid", "squashes it between 0 and 1 (sigmoid)"),
  ],
  datasets: [
    entry("circle", "Circle", { view: "plane", fields: plane }),
    entry("xor", "Xor", { view: "plane", fields: plane }),
    entry("spiral", "Spiral", { view: "plane", fields: plane }),
    entry("iris", "Iris", { view: "table" }),
    entry("fashion_mnist", "Fashion-MNIST", { view: "image" }),
  ],
  losses: [entry("binary_cross_entropy", "Binary cross-entropy"), entry("mean_squared_error", "Mean squared error")],
  optimizers: [entry("adam", "Adam", { fields: [rate] }), entry("sgd", "SGD", { fields: [rate] })],
  schedules: [entry("constant", "Constant"), entry("cosine", "Cosine")],
}

const dense = (id: string, count: number, kind: string | null) => ({
  id,
  title: null,
  layer: { kind: "dense", units: count, bias: true, activation: kind ? { kind } : null },
})

export const circleDocument: ProjectDocument = {
  schema: 1,
  title: "Circle",
  notes: "",
  experiment: {
    networks: {
      model: {
        nodes: [
          { id: "input", layer: { kind: "input" }, title: null },
          dense("hidden", 3, "tanh"),
          dense("last", 1, null),
          { id: "output", layer: { kind: "output" }, title: null },
        ],
        edges: [
          { source: "input", target: "hidden", source_port: "out", target_port: "in" },
          { source: "hidden", target: "last", source_port: "out", target_port: "in" },
          { source: "last", target: "output", source_port: "out", target_port: "in" },
        ],
      },
    },
    data: {
      dataset: { kind: "circle", samples: 500, noise: 0, balance: 0.5, seed: 0 },
      preparation: [],
      split: { train: 0.5, validation: 0, test: 0.5, sealed: 0, stratify: true, seed: 0 },
    },
    objective: { kind: "supervised", loss: { kind: "binary_cross_entropy" } },
    training: {
      optimizer: { kind: "adam", learning_rate: 0.03 },
      schedule: { kind: "constant" },
      batch_size: 10,
      epochs: 200,
    },
    metrics: [{ kind: "accuracy" }],
    seed: 0,
  },
  layout: {
    nodes: { input: { x: 0, y: 60 }, hidden: { x: 230, y: 20 }, last: { x: 460, y: 60 }, output: { x: 690, y: 40 } },
    unfolded: ["hidden", "last"],
    viewport: null,
  },
}
