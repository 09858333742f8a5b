/** Whether a part from outside (a clipboard, another tab) is one of the catalogue. The server checks again; this tells early. */
import type { Catalogue, CatalogueEntry, CatalogueName, Field } from "../protocol"
import { isNodeId } from "./types"

const MAX_DEPTH = 10
const MAX_ITEMS = 64
const MAX_WORDS = 200

/** The sentence that says what is wrong with it, or null. */
export function partProblem(catalogue: Catalogue, name: CatalogueName, part: unknown, depth = 0): string | null {
  if (!isRecord(part) || typeof part.kind !== "string") return "A layer without a kind is none."
  const entry = catalogue[name].find((other) => other.kind === part.kind)
  if (!entry) return `There is no layer called “${part.kind.slice(0, 40)}” here.`
  if (depth > MAX_DEPTH) return `${entry.title} is nested too deep.`
  for (const [key, value] of Object.entries(part)) {
    if (key === "kind") continue
    const field = entry.fields.find((other) => other.name === key)
    if (!field) return `${entry.title} has no setting “${key.slice(0, 40)}”.`
    const problem = valueProblem(catalogue, entry, field, value, depth)
    if (problem) return problem
  }
  return null
}

function valueProblem(catalogue: Catalogue, entry: CatalogueEntry, field: Field, value: unknown, depth: number): string | null {
  const wrong = `${entry.title}: this value does not suit “${field.title}”.`
  if (value === null) return field.nullable ? null : wrong
  switch (field.type) {
    case "integer":
    case "number":
      return fitsNumber(field, value) ? null : wrong
    case "boolean":
      return typeof value === "boolean" ? null : wrong
    case "choice":
      return field.choices?.some((choice) => choice.value === value) ? null : wrong
    case "text":
      return typeof value === "string" && value.length <= MAX_WORDS ? null : wrong
    case "part": {
      const problem = partProblem(catalogue, (field.catalogue ?? "layers") as CatalogueName, value, depth + 1)
      if (problem || !field.group) return problem
      const chosen = catalogue[(field.catalogue ?? "layers") as CatalogueName].find((other) => other.kind === (value as { kind: string }).kind)
      return chosen?.group === field.group ? null : wrong
    }
    case "drawing":
      return drawingProblem(catalogue, value, depth) ?? (isRecord(value) ? null : wrong)
    case "list": {
      if (!Array.isArray(value) || value.length > MAX_ITEMS) return wrong
      if (field.hidden) return null
      const { items } = field
      return items && value.some((item) => valueProblem(catalogue, entry, { ...items, title: field.title }, item, depth + 1)) ? wrong : null
    }
  }
}

/** A drawing in a part is nodes and wires of ours, each layer one of the catalogue. */
function drawingProblem(catalogue: Catalogue, value: unknown, depth: number): string | null {
  if (!isRecord(value) || !Array.isArray(value.nodes) || !Array.isArray(value.edges)) return "This block has no drawing."
  const ids = new Set<unknown>()
  for (const node of value.nodes as unknown[]) {
    if (!isRecord(node) || typeof node.id !== "string" || !isNodeId(node.id) || ids.has(node.id)) return "The drawing in this block has a node without a name of its own."
    ids.add(node.id)
    const problem = partProblem(catalogue, "layers", node.layer, depth + 1)
    if (problem) return problem
  }
  const whole = (value.edges as unknown[]).every((edge) => isRecord(edge) && ids.has(edge.source) && ids.has(edge.target))
  return whole ? null : "The drawing in this block has a wire to nowhere."
}

export function fitsNumber(field: Pick<Field, "type" | "minimum" | "maximum" | "exclusive_minimum" | "exclusive_maximum">, value: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false
  if (field.type === "integer" && !Number.isInteger(value)) return false
  const { minimum: low, maximum: high } = field
  if (typeof low === "number" && (field.exclusive_minimum ? value <= low : value < low)) return false
  return !(typeof high === "number" && (field.exclusive_maximum ? value >= high : value > high))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
