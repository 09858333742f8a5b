/** A part in a few words, from the catalogue's templates. */
import { drawingIn } from "../document/drawing"
import type { Catalogue, CatalogueEntry, CatalogueName, Field, Network, Part } from "../protocol"

/** "{units} · {activation}" with the part's values; a piece whose value is empty is left out. */
export function summaryOf(catalogue: Catalogue, entry: CatalogueEntry | undefined, part: Part): string {
  const drawing = drawingIn(part)
  if (drawing) return layersIn(catalogue, drawing)
  if (!entry?.summary) return ""
  return entry.summary
    .split(" · ")
    .flatMap((piece) => {
      let empty = false
      const text = piece.replace(/\{(\w+)\}/g, (_, name: string) => {
        const field = entry.fields.find((other) => other.name === name)
        const value = name in part ? part[name] : (entry.defaults?.[name] ?? field?.default)
        const word = wordFor(catalogue, field, value)
        if (word === null) empty = true
        return word ?? ""
      })
      return empty ? [] : [text]
    })
    .join(" · ")
}

/** Of a block of one's own: how much is in it. */
function layersIn(catalogue: Catalogue, drawing: Network): string {
  const ends = catalogue.layers.filter(({ silhouette }) => silhouette === "input" || silhouette === "output").map(({ kind }) => kind)
  const count = drawing.nodes.filter((node) => !ends.includes(node.layer.kind)).length
  return `${count} ${count === 1 ? "layer" : "layers"}`
}

function wordFor(catalogue: Catalogue, field: Field | undefined, value: unknown): string | null {
  if (value === null || value === undefined || value === false || value === "") return null
  if (value === true) return field?.title.toLowerCase() ?? "yes"
  if (Array.isArray(value)) return value.join("×")
  if (typeof value === "object") {
    const { kind } = value as Part
    const entry = catalogue[(field?.catalogue ?? "layers") as CatalogueName]?.find((other) => other.kind === kind)
    return entry?.title.toLowerCase() ?? String(kind).replaceAll("_", " ")
  }
  const choice = field?.choices?.find((other) => other.value === value)
  return choice?.title.toLowerCase() ?? String(value)
}

export function titleOf(catalogue: Catalogue, node: { layer: Part; title: string | null }): string {
  return node.title ?? catalogue.layers.find((entry) => entry.kind === node.layer.kind)?.title ?? node.layer.kind
}

/** [64, 7, 7] → "64×7×7". */
export function shapeText(shape: readonly number[] | null | undefined): string {
  return shape ? shape.join("×") || "1" : ""
}

/** 1234567 → "1.2 M". */
export function countText(count: number): string {
  if (count < 1000) return String(count)
  if (count < 10_000) return `${Math.floor(count / 1000)},${String(count % 1000).padStart(3, "0")}`
  if (count < 1_000_000) return `${trim(count / 1000)} k`
  if (count < 1e9) return `${trim(count / 1e6)} M`
  return `${trim(count / 1e9)} G`
}

function trim(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value))
}

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${trim(bytes / 1024)} KB`
  if (bytes < 1024 ** 3) return `${trim(bytes / 1024 ** 2)} MB`
  return `${trim(bytes / 1024 ** 3)} GB`
}

/** A new part of this kind, with the catalogue's defaults. */
export function freshPart(entry: CatalogueEntry): Part {
  const values: Record<string, unknown> = {}
  for (const field of entry.fields) {
    const value = entry.defaults?.[field.name] ?? field.default
    if (value !== undefined) values[field.name] = structuredClone(value)
  }
  return { ...values, kind: entry.kind }
}
