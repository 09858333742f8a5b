import type { Catalogue, CatalogueEntry, Field } from "../src/protocol"

const integer = (name: string, title: string, value: number, minimum: number, maximum: number, help: string): Field => ({
  name, title, help, type: "integer", default: value, minimum, maximum, slider: false,
})
const activationField: Field = {
  name: "activation", title: "Activation", type: "part", catalogue: "layers", group: "Activations", nullable: true, default: null,
  help: "What each answer is passed through.",
}
const bias: Field = { name: "bias", title: "Bias", type: "boolean", default: true, help: "Whether each answer may shift by a constant.", advanced: true }

function entry(kind: string, title: string, group: string, rest: Partial<CatalogueEntry>): CatalogueEntry {
  const fields = rest.fields ?? []
  return {
    kind, title, group, help: "", synonyms: [], silhouette: "plain", summary: "", ports: [{ name: "in", many: false }],
    defaults: Object.fromEntries(fields.map((field) => [field.name, field.default])), hidden: false, ...rest, fields,
  }
}

const samples = (f: (x: number) => number): number[] => Array.from({ length: 25 }, (_, i) => f(i / 4 - 3))

const layers: CatalogueEntry[] = [
  entry("input", "Input", "Ends", { silhouette: "input", ports: [], help: "The data, one example at a time." }),
  entry("output", "Output", "Ends", { silhouette: "output", help: "What the network answers." }),
  entry("dense", "Dense", "Basics", {
    silhouette: "dense", summary: "{units} · {activation}", synonyms: ["fully connected", "linear", "perceptron"],
    help: "Every output looks at every input: y = W x + b.",
    fields: [integer("units", "Units", 8, 1, 4096, "How many outputs, and so how many rows of W."), activationField, bias], ranks: [1],
  }),
  entry("flatten", "Flatten", "Basics", { silhouette: "plain", help: "One row of numbers out of any shape.", synonyms: ["reshape", "ravel"] }),
  entry("relu", "ReLU", "Activations", { silhouette: "activation", curve: samples((x) => Math.max(0, x)), help: "Negative becomes 0.", synonyms: ["rectifier"] }),
  entry("tanh", "Tanh", "Activations", { silhouette: "activation", curve: samples(Math.tanh), help: "Squashes into −1 … 1." }),
  entry("sigmoid", "Sigmoid", "Activations", { silhouette: "activation", curve: samples((x) => 1 / (1 + Math.exp(-x))), help: "Squashes into 0 … 1.", synonyms: ["logistic"] }),
  entry("leaky_relu", "Leaky ReLU", "Activations", {
    silhouette: "activation", summary: "{slope}", help: "Negative becomes small.",
    fields: [{ name: "slope", title: "Slope", type: "number", default: 0.01, minimum: 0, maximum: 1, step: 0.01, slider: true, help: "How much of a negative number is let through." }],
  }),
  entry("conv2d", "Convolution", "Images", {
    silhouette: "conv", summary: "{filters} · {kernel_size}×{kernel_size} · {activation}", synonyms: ["conv", "cnn", "filter"], ranks: [3],
    help: "Slides small filters over the picture.",
    fields: [
      integer("filters", "Filters", 16, 1, 1024, "How many feature maps come out."),
      integer("kernel_size", "Kernel size", 3, 1, 15, "Side of the square each filter sees."),
      { name: "padding", title: "Padding", type: "choice", default: "same", choices: [{ value: "same", title: "Same" }, { value: "valid", title: "Valid" }], help: "What happens at the border." },
      activationField,
    ],
  }),
  entry("max_pool", "Max pooling", "Images", { silhouette: "pool", summary: "{size}×{size}", synonyms: ["maxpool", "downsample"], ranks: [3], help: "Keeps the largest of each square.", fields: [integer("size", "Size", 2, 2, 8, "Side of the square.")] }),
  entry("dropout", "Dropout", "Regularisation", {
    silhouette: "dropout", summary: "{rate}", help: "Silences some units at random while training.",
    fields: [{ name: "rate", title: "Rate", type: "number", default: 0.5, minimum: 0, maximum: 0.95, step: 0.05, slider: true, help: "The share that is silenced." }],
  }),
  entry("batch_norm", "Batch norm", "Regularisation", { silhouette: "norm", help: "Centres and scales by the batch.", synonyms: ["normalisation"] }),
  entry("add", "Add", "Wiring", { silhouette: "add", ports: [{ name: "in", many: true }], help: "Adds several answers of one shape.", synonyms: ["sum", "residual", "skip"] }),
  entry("concatenate", "Concatenate", "Wiring", { silhouette: "add", ports: [{ name: "in", many: true }], help: "Puts several answers side by side.", synonyms: ["merge", "join"] }),
]

const plane = (kind: string, title: string): CatalogueEntry =>
  entry(kind, title, "Plane", {
    view: "plane", ports: [],
    fields: [
      integer("samples", "Samples", 500, 20, 2000, "How many points."),
      { name: "noise", title: "Noise", type: "number", default: 0, minimum: 0, maximum: 0.5, step: 0.01, slider: true, help: "How far points stray." },
    ],
  })

export const catalogue: Catalogue = {
  layers,
  datasets: [plane("circle", "Circle"), plane("xor", "Xor"), plane("spiral", "Spiral"), entry("iris", "Iris", "Tables", { view: "table" })],
  preparation: [entry("standardise", "Standardise", "Scaling", {})],
  losses: [entry("binary_cross_entropy", "Binary cross-entropy", "Classes", {}), entry("cross_entropy", "Cross-entropy", "Classes", {})],
  optimizers: [
    entry("adam", "Adam", "Adaptive", { fields: [{ name: "learning_rate", title: "Learning rate", type: "number", default: 0.03, minimum: 0, exclusive_minimum: true, maximum: 10, slider: true, logarithmic: true, help: "How far each step goes." }] }),
    entry("sgd", "SGD", "Plain", { fields: [{ name: "learning_rate", title: "Learning rate", type: "number", default: 0.1, minimum: 0, exclusive_minimum: true, maximum: 10, slider: true, logarithmic: true, help: "How far each step goes." }] }),
  ],
  schedules: [entry("constant", "Constant", "Plain", {})],
  metrics: [entry("accuracy", "Accuracy", "Classes", {})],
  objectives: [entry("supervised", "Supervised", "Plain", {})],
  templates: [entry("circle", "Circle", "Plane", {}), entry("spiral", "Spiral", "Plane", {}), entry("fashion-mnist-cnn", "Fashion-MNIST CNN", "Images", {})],
}

export const glossary = {
  loss: "How wrong the network is, as one number. Training makes it small.",
  epoch: "Once through all training examples.",
  batch: "The few examples one step looks at.",
  "learning rate": "How far each step goes.",
  unit: "One number a layer computes.",
  weight: "How much one unit listens to another.",
  boundary: "Where the answer changes from one class to the other.",
}
