/** Where a node's numbers come from: names for the terms of its sums, and what it does with the sum. */
import { networkOf, nodeOf } from "../document/graph"
import type { Catalogue, Facts, Part, ProjectDocument } from "../protocol"
import { entryOf, type State } from "../store"
import { subscript } from "./numbers"

/** "x1" → "x₁"; other names stay. */
export function prettyName(name: string): string {
  const found = /^([a-z])_?(\d+)$/i.exec(name)
  return found ? `${found[1]}${subscript(Number(found[2]))}` : name
}

export function isInputNode({ drawing, prefix, catalogue }: State, path: string): boolean {
  // What begins the drawing of a block is fed by other layers, not by the data.
  const layer = drawing && prefix === "" ? nodeOf(drawing, path)?.layer : undefined
  return !!layer && entryOf(catalogue, "layers", layer.kind)?.silhouette === "input"
}

/** One name for each number that arrives at `id`: feature names from the input, else u₁, u₂, … */
export function termNames(
  document: ProjectDocument,
  catalogue: Catalogue,
  facts: Facts | null,
  id: string,
  count: number,
): string[] {
  const units = Array.from({ length: count }, (_, n) => `u${subscript(n + 1)}`)
  const edge = networkOf(document).edges.find((candidate) => candidate.target === id)
  const source = edge && nodeOf(document, edge.source)
  if (!source || entryOf(catalogue, "layers", source.layer.kind)?.silhouette !== "input") return units
  return units.map((unit, n) => (facts?.feature_names[n] ? prettyName(facts.feature_names[n]) : unit))
}

/** "squashes it (tanh)" for a layer with an activation of its own; null when the sum is the answer. */
export function activationPhrase(catalogue: Catalogue, layer: Part | undefined): string | null {
  const activation = layer?.activation
  if (!activation || typeof activation !== "object") return null
  const kind = (activation as Part).kind
  const entry = entryOf(catalogue, "layers", kind) as (ReturnType<typeof entryOf> & { phrase?: string }) | undefined
  if (entry?.phrase) return entry.phrase
  return `applies ${entry?.title ?? kind}`
}
