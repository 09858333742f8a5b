/** The plane: what the network answers everywhere, and the points it learns from. */
import { KIND_SHAPES, type KindShape, parseColour } from "./colours"
import type { LiveArray } from "./frames"
import { colourSheet, discreteTable, drawFromSheet, mix, pixelSheet, tracePoint } from "./paint"
import type { Theme } from "./theme"

type Context = CanvasRenderingContext2D

const TEST = 2

/** Where the arrays come from: the live store, or one frame. */
export interface PlaneArrays {
  array(name: string): LiveArray | undefined
  latestDomain(): readonly [number, number] | null
}

export interface PlaneChoices {
  testPoints: boolean
  discrete: boolean
}

/** The boundary: one signed number everywhere, or the most likely kind and how sure. */
export function drawAnswer(context: Context, size: number, store: PlaneArrays, theme: Theme, discrete: boolean): boolean {
  const output = store.array("output")
  const box = { x: 0, y: 0, width: size, height: size }
  if (output) {
    const [height, width] = output.shape as [number, number]
    const table = discrete ? discreteTable(theme.scale.table) : theme.scale.table
    const sheet = colourSheet(output.values as Uint8Array, 1, height, width, table)
    if (sheet) drawFromSheet(context, sheet, 0, box, !discrete)
    return true
  }
  const kind = store.array("output_class")
  if (!kind) return false
  const [height, width] = kind.shape as [number, number]
  const sheet = pixelSheet(kindPixels(kind, store.array("output_confidence"), theme, discrete), height, width)
  if (sheet) drawFromSheet(context, sheet, 0, box, !discrete)
  return true
}

/** Kinds have no sign: each has a colour, mixed into the paper by how sure the network is. */
function kindPixels(
  kind: LiveArray,
  sure: LiveArray | undefined,
  theme: Theme,
  discrete: boolean,
): Uint32Array<ArrayBuffer> {
  const paper = parseColour(theme.paper) ?? [255, 255, 255]
  const tables = theme.kinds.map((colour) => {
    const rgb = parseColour(colour) ?? [128, 128, 128]
    return Uint32Array.from({ length: 256 }, (_, n) => mix(rgb, paper, 0.12 + 0.6 * (n / 255)))
  })
  const pixels = new Uint32Array(kind.values.length)
  for (let at = 0; at < pixels.length; at++) {
    const table = tables[kind.values[at]! % tables.length]!
    pixels[at] = table[discrete || !sure ? 200 : sure.values[at]!]!
  }
  return pixels
}

/** Points in data coordinates → CSS pixels; row 0 of a picture is the top, so y is turned over. */
export function placeOnPlane(x: number, y: number, domain: readonly [number, number], size: number): [number, number] {
  const [low, high] = domain
  const scale = size / (high - low)
  return [(x - low) * scale, size - (y - low) * scale]
}

export function drawPoints(
  context: Context,
  size: number,
  store: PlaneArrays,
  theme: Theme,
  task: string,
  choices: PlaneChoices,
): void {
  const points = store.array("points")
  const targets = store.array("targets")
  const domain = store.latestDomain()
  if (!points || !targets || !domain) return
  const part = store.array("part")?.values
  const count = Math.min(targets.values.length, points.values.length / 2)
  const reach = largest(targets.values)
  const radius = count > 1200 ? 2 : count > 400 ? 3 : 3.6
  const passes = choices.testPoints ? [TEST, 0] : [0]
  for (const pass of passes) {
    for (let n = 0; n < count; n++) {
      const isTest = part?.[n] === TEST
      if (isTest !== (pass === TEST)) continue
      const [x, y] = placeOnPlane(points.values[2 * n]!, points.values[2 * n + 1]!, domain, size)
      drawPoint(
        context,
        x,
        y,
        isTest ? radius * 0.8 : radius,
        look(targets.values[n]!, task, reach, theme),
        isTest,
        theme,
      )
    }
  }
}

function largest(values: ArrayLike<number>): number {
  let most = 1e-9
  for (let n = 0; n < values.length; n++) most = Math.max(most, Math.abs(values[n]!))
  return most
}

export interface PointLook {
  colour: string
  shape: KindShape
  hollow: boolean
}

/** Colour and the second signal: positive is a filled circle, negative a hollow square; kinds have a shape each. */
export function look(target: number, task: string, reach: number, theme: Theme): PointLook {
  if (task === "classes") {
    const kind = Math.round(target)
    return {
      colour: theme.kinds[kind % theme.kinds.length]!,
      shape: KIND_SHAPES[kind % KIND_SHAPES.length]!,
      hollow: false,
    }
  }
  const value = task === "binary" ? (target > 0.5 ? 0.85 : -0.85) : target / reach
  const strength = value === 0 ? 0 : Math.sign(value) * Math.max(0.4, Math.abs(value))
  return {
    colour: theme.scale.css[128 + Math.round(127 * strength)]!,
    shape: value < 0 ? "square" : "circle",
    hollow: value < 0,
  }
}

export function drawPoint(
  context: Context,
  x: number,
  y: number,
  size: number,
  { colour, shape, hollow }: PointLook,
  faint: boolean,
  theme: Theme,
): void {
  tracePoint(context, shape, x, y, size)
  context.lineJoin = "round"
  context.strokeStyle = theme.dark ? "black" : "white"
  context.lineWidth = hollow ? 4 : 3
  context.stroke()
  context.globalAlpha = faint ? 0.75 : 1
  context.fillStyle = hollow ? (theme.dark ? "black" : "white") : colour
  context.fill()
  if (hollow || faint) {
    if (faint && !hollow) {
      context.fillStyle = theme.dark ? "black" : "white"
      tracePoint(context, shape, x, y, size * 0.4)
      context.fill()
    }
    tracePoint(context, shape, x, y, size - 0.4)
    context.strokeStyle = colour
    context.lineWidth = 1.9
    context.stroke()
  }
  context.globalAlpha = 1
}

/** What the picture says at one place, in words: for the pointer and for people who do not see the colours. */
export function answerAt(
  store: PlaneArrays,
  across: number,
  down: number,
  classes: readonly string[],
  task: string,
): string | null {
  const output = store.array("output")
  const kind = store.array("output_class")
  const shown = output ?? kind
  if (!shown) return null
  const [height, width] = shown.shape as [number, number]
  const at = clampIndex(down, height) * width + clampIndex(across, width)
  if (kind && !output) {
    const sure = store.array("output_confidence")?.values[at]
    return `${classes[kind.values[at]!] ?? `kind ${kind.values[at]! + 1}`}${sure === undefined ? "" : `, ${(sure / 255).toFixed(2)}`}`
  }
  const value =
    Math.max(-1, (output!.values[at]! - 128) / 127) * (typeof output!.maximum === "number" ? output!.maximum : 1)
  if (task !== "binary") return `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`
  const positive = (value + 1) / 2
  return positive >= 0.5
    ? `${classes[1] ?? "blue"}, ${positive.toFixed(2)}`
    : `${classes[0] ?? "orange"}, ${(1 - positive).toFixed(2)}`
}

function clampIndex(share: number, length: number): number {
  return Math.min(length - 1, Math.max(0, Math.floor(share * length)))
}
