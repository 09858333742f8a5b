/** Every message of docs/protocol.md, as types. Nothing here runs. */

// ---- the document -------------------------------------------------------------------------------------------------

/** A part as it travels: its kind and its fields. */
export interface Part {
  kind: string
  [field: string]: unknown
}

export interface NetworkNode {
  id: string
  layer: Part
  title: string | null
  /** Passed over: the network runs as if its wires went through it. */
  muted?: boolean
}

export interface NetworkEdge {
  source: string
  target: string
  source_port: string
  target_port: string
}

export interface Network {
  nodes: NetworkNode[]
  edges: NetworkEdge[]
}

export interface Experiment {
  networks: Record<string, Network>
  data: { dataset: Part; preparation: Part[]; split: Record<string, unknown>; [key: string]: unknown }
  objective: Part & { loss?: Part }
  training: {
    optimizer: Part
    schedule: Part
    batch_size: number
    epochs: number
    [key: string]: unknown
  }
  metrics: Part[]
  seed: number
  [key: string]: unknown
}

export interface Position {
  x: number
  y: number
}

/** Where a node lies, and how. */
export interface Place extends Position {
  /** It cannot be moved. */
  pinned?: boolean
  /** Only its title is shown. */
  collapsed?: boolean
}

/** Words on the canvas: text, never markup. */
export interface StickyNote extends Position {
  width: number
  text: string
  /** The block in whose drawing it lies. */
  inside?: string | null
}

export interface Viewport extends Position {
  zoom: number
}

/** A setting of a node in a block that is shown on the block itself. */
export interface Face {
  node: string
  field: string
  title: string | null
}

export interface Layout {
  nodes: Record<string, Place>
  /** Places of the nodes in blocks, by the ids of the blocks joined by dots. */
  blocks?: Record<string, Record<string, Place>>
  notes?: Record<string, StickyNote>
  /** Nodes by path, without the numbers of repetitions. */
  unfolded: string[]
  viewport: Viewport | null
}

export interface ProjectDocument {
  schema: number
  title: string
  notes: string
  experiment: Experiment
  layout: Layout
}

// ---- the catalogue ------------------------------------------------------------------------------------------------

export type FieldType = "integer" | "number" | "boolean" | "choice" | "text" | "part" | "list" | "drawing"

export interface Field {
  name: string
  title: string
  help?: string
  type: FieldType
  default?: unknown
  minimum?: number | null
  maximum?: number | null
  /** The minimum itself is not allowed. */
  exclusive_minimum?: boolean
  exclusive_maximum?: boolean
  step?: number | null
  unit?: string | null
  slider?: boolean
  logarithmic?: boolean
  advanced?: boolean
  choices?: { value: unknown; title: string }[] | null
  /** For a part: the catalogue it is chosen from, and the group within it. */
  catalogue?: string | null
  group?: string | null
  nullable?: boolean
  /** For a list: what each item is. */
  items?: Field | null
  /** No form shows it. */
  hidden?: boolean
}

export type Silhouette =
  | "dense"
  | "conv"
  | "pool"
  | "norm"
  | "dropout"
  | "add"
  | "input"
  | "output"
  | "activation"
  | "block"
  | "plain"

export interface Port {
  name: string
  many: boolean
}

export interface CatalogueEntry {
  kind: string
  title: string
  group: string
  help?: string
  synonyms?: string[]
  silhouette?: Silhouette
  /** For an activation: its answers at 25 points from −3 to 3, drawn as its silhouette. */
  curve?: number[] | null
  /** "{units} · {activation}" */
  summary?: string
  ports?: Port[]
  /** How many numbers a shape it accepts may have (28×28 is 2); absent: any. */
  ranks?: number[] | null
  view?: string
  /** For a template: what it shows and what to try. */
  purpose?: string
  fields: Field[]
  defaults?: Record<string, unknown>
  hidden?: boolean
}

export type CatalogueName =
  | "layers"
  | "datasets"
  | "preparation"
  | "losses"
  | "optimizers"
  | "schedules"
  | "metrics"
  | "objectives"
  | "templates"

export type Catalogue = Record<CatalogueName, CatalogueEntry[]>

// ---- checked ------------------------------------------------------------------------------------------------------

export type FixOperation =
  | { op: "set"; node: string; values: Record<string, unknown> }
  | { op: "insert"; source: string; target: string; layer: Part }
  | { op: "add"; layer: Part; after: string | null }
  | { op: "remove"; node: string }
  | { op: "mute"; node: string; muted: boolean }
  | { op: "connect"; source: string; target: string; target_port?: string }
  | { op: "disconnect"; source: string; target: string }
  | { op: "experiment"; path: string; value: unknown }

/** `inside`: ids of the blocks in whose drawing it is done, outermost first. */
export type FixStep = FixOperation & { inside?: string[] }

export interface Fix {
  label: string
  ops: FixStep[]
}

export interface Diagnostic {
  node: string | null
  edge: [string, string] | null
  code: string
  severity: "error" | "warning"
  message: string
  fixes: Fix[]
}

export interface NodeCosts {
  shape: number[] | null
  parameters: number
  flops: number
  memory: number
}

export interface Facts {
  task: "binary" | "classes" | "regression"
  input_shape: number[]
  feature_names: string[]
  classes: string[]
  target_names: string[]
  view: "plane" | "image" | "table"
  samples: { train: number; validation: number; test: number }
}

// ---- browser → server ---------------------------------------------------------------------------------------------

export type CommandName = "play" | "pause" | "step" | "epoch" | "rewind" | "speed" | "start_over"

/** The answer to an offer. */
export type How = "now" | "queue" | "instead" | "small"

export type ClientMessage =
  | { type: "open"; project: string }
  | { type: "edit"; seq: number; base: number; label: string; document: ProjectDocument }
  | { type: "command"; name: CommandName; value?: number | null; how?: How }
  | { type: "weight"; node: string; name: "weight" | "bias"; index: number[]; value: number }
  | { type: "watch"; visible: boolean; focus: { node: string; unit: number } | null; sample: number | null; inside: string | null }
  | { type: "inside"; path: string }
  | { type: "keep_block"; title: string; layer: Part }
  | { type: "drop_block"; block: string }
  | { type: "template"; kind: string }
  | { type: "dataset"; kind: string }
  | { type: "copy" }
  | { type: "new"; kind: string }
  | { type: "projects" }
  | { type: "delete_project"; project: string }
  | { type: "lesson"; name: string; begin?: boolean }
  | { type: "keep_version"; title: string }
  | { type: "versions" }
  | { type: "version"; revision: number }
  | { type: "link" }
  | { type: "file"; document: unknown }
  | { type: "export"; task: string; form: ExportForm }
  | { type: "cancel"; task: string }
  | { type: "gallery" }

// ---- server → browser ---------------------------------------------------------------------------------------------

export type RunPhase = "idle" | "starting" | "queued" | "running" | "paused" | "finished" | "failed" | "interrupted"

/** Train was pressed and waits for an answer. */
export interface Offer {
  text: string
  buttons: { label: string; how: How }[]
}

export interface RunMessage {
  type: "run"
  id: string | null
  state: RunPhase
  step: number
  epoch: number
  message: string | null
  /** Updates a second it is held to; null or absent: as fast as the machine goes. */
  speed?: number | null
  /** Of a queued run: how many are before it. */
  ahead?: number | null
  offer?: Offer | null
}

export interface ProjectMessage {
  type: "project"
  id: string
  revision: number
  readonly: boolean
  document: ProjectDocument
  catalogue: Catalogue
  templates?: CatalogueEntry[]
  glossary: Record<string, string>
  /** Titles of lessons by name. */
  lessons?: Record<string, string>
  run: RunMessage | null
  opening: string | null
}

export interface CheckedMessage {
  type: "checked"
  revision: number
  nodes: Record<string, NodeCosts>
  total: { parameters: number; flops: number; memory: number }
  diagnostics: Diagnostic[]
  facts: Facts | null
}

export interface MetricsPoint {
  step: number
  epoch: number
  [metric: string]: number | null
}

export interface MetricsMessage {
  type: "metrics"
  run: string
  reset: boolean
  points: MetricsPoint[]
}

/** The whole project as text for an address, or the sentence that says why it does not fit into one. */
export interface LinkMessage {
  type: "link"
  text: string | null
  problem: string | null
}

/** One of a person's own projects, in a list. */
export interface ProjectEntry {
  id: string
  title: string
  /** Seconds since 1970. */
  updated: number
}

/** What a block draws whose drawing follows from its settings. */
export interface InsideMessage {
  type: "inside"
  path: string
  revision: number
  network: Network | null
  /** Its repetitions all draw the same. */
  alike: boolean
}

/** A block that a person keeps for all projects. */
export interface OwnBlock {
  id: string
  title: string
  layer: Part
}

/** One comparison of a lesson's "done when"; all of a card's must hold. */
export interface Condition {
  fact: string
  operator: "==" | "!=" | ">=" | "<=" | ">" | "<"
  number: number
}

export interface LessonCard {
  title: string
  text: string[]
  question: string | null
  choices: string[]
  answer: string | null
  /** Words that follow the answer. */
  after: string[]
  done: Condition[]
}

export interface Lesson {
  name: string
  title: string
  cards: LessonCard[]
}

/** An earlier state of the project: one that a person named, or one that was saved by itself. */
export interface Version {
  revision: number
  title: string
  named: boolean
  /** Seconds since 1970. */
  saved: number
}

// ---- taking away, and the gallery ----------------------------------------------------------------------------------

export type ExportForm = "pytorch" | "notebook" | "onnx" | "weights"

export type ExportMessage =
  | { type: "export_progress"; task: string; share: number; text: string }
  | { type: "export_failed"; task: string; message: string; cancelled: boolean }
  | {
      type: "exported"
      task: string
      file: string
      bytes: number
      /** Of the weights in it; null: they are the first ones, or there are none. */
      step: number | null
      /** Whether it answers like the network here; null where nothing was compared. */
      same: boolean | null
      sentence: string | null
      notes: string[]
    }

export interface PlanePicture {
  domain: [number, number]
  /** x₁, x₂, and the target from −1 to 1. */
  points: [number, number, number][]
  /** Base64 of 50 × 50 bytes from the top, as in a frame's `output`. */
  output: string | null
}

export interface TilesPicture {
  width: number
  height: number
  /** Base64 of grey bytes. */
  tiles: string[]
}

export interface TablePicture {
  /** Standardised values from −1 to 1. */
  rows: number[][]
}

export interface GalleryCard {
  kind: string
  title: string
  group: string
  purpose: string
  about: string
  synonyms: string[]
  data: string
  view: "plane" | "image" | "table"
  task: "binary" | "classes" | "regression"
  parameters: number
  score: {
    metric: string
    median: number
    target: number
    simple_model: string | null
    simple_score: number | null
    seconds: number
  } | null
  picture: PlanePicture | TilesPicture | TablePicture | null
  nodes: { x: number; y: number; silhouette: Silhouette }[]
  edges: [number, number][]
}

export interface GalleryMessage {
  type: "gallery"
  cards: GalleryCard[]
}

export type ServerMessage =
  | ExportMessage
  | GalleryMessage
  | { type: "versions"; versions: Version[] }
  /** `project`: the one that was made for it. */
  | { type: "lesson"; lesson: Lesson; project: string | null }
  | InsideMessage
  | { type: "blocks"; blocks: OwnBlock[] }
  | { type: "projects"; projects: ProjectEntry[] }
  | ProjectMessage
  | { type: "saved"; seq: number; revision: number }
  | { type: "changed"; revision: number; document: ProjectDocument; label: string; conflicts: string[] }
  | CheckedMessage
  | RunMessage
  | MetricsMessage
  | { type: "propose"; label: string; document: ProjectDocument }
  | { type: "toast"; level: "note" | "warn" | "error"; text: string }
  | { type: "redirect"; project: string }
  /** The operator lets nobody train, or everyone again. */
  | { type: "held"; held: boolean }
  | LinkMessage
  | { type: "error"; text: string; seq?: number }

// ---- frames -------------------------------------------------------------------------------------------------------

export interface FrameArray {
  name: string
  dtype: "u8" | "f32" | "i32"
  shape: number[]
  offset: number
  maximum?: number | number[]
  range?: [number, number]
  index?: number[]
}

export interface FrameHeader {
  type: "frame" | "data"
  run?: string
  step?: number
  epoch?: number
  revision?: number
  steps_per_second?: number
  values?: Record<string, number | null>
  nodes?: Record<string, { units?: number; dead?: number; saturated?: number; nan?: boolean; new?: number[] }>
  domain?: [number, number]
  labels?: string[]
  arrays: FrameArray[]
}
