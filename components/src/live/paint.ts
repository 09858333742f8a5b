/** Drawing small numbers as pictures: heat maps, discs, feature maps, histograms, points. Canvas only, no React. */
import type { KindShape } from "./colours"
import type { Theme } from "./theme"

type Context = CanvasRenderingContext2D

const scratch: { canvas: HTMLCanvasElement | null } = { canvas: null }

function scratchOf(width: number, height: number): HTMLCanvasElement {
  const canvas = (scratch.canvas ??= document.createElement("canvas"))
  if (canvas.width < width || canvas.height < height) {
    canvas.width = Math.max(canvas.width, width)
    canvas.height = Math.max(canvas.height, height)
  }
  return canvas
}

/** Makes the canvas as sharp as the screen and returns a context whose unit is one CSS pixel. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number, zoom = 1): Context | null {
  const ratio = Math.min(3, (window.devicePixelRatio || 1) * zoom)
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
  }
  const context = canvas.getContext("2d")
  context?.setTransform(w / width, 0, 0, h / height, 0, 0)
  context?.clearRect(0, 0, width, height)
  return context
}

/** A run of equally large pictures in one array, coloured once, drawn piece by piece. */
export interface Sheet {
  canvas: HTMLCanvasElement
  width: number
  height: number
}

/** Colours `count` pictures from `values` into one shared sheet. Draw from it before the next call. */
export function colourSheet(
  values: Uint8Array,
  count: number,
  height: number,
  width: number,
  table: Uint32Array,
  first = 0,
): Sheet | null {
  const start = first * width * height
  const pixels = new Uint32Array(width * height * count)
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[values[start + at] ?? 128]!
  return pixelSheet(pixels, height, width)
}

export function pixelSheet(pixels: Uint32Array<ArrayBuffer>, height: number, width: number): Sheet | null {
  const rows = pixels.length / width
  const canvas = scratchOf(width, rows)
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (!context) return null
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, rows), 0, 0)
  return { canvas, width, height }
}

export function drawFromSheet(context: Context, sheet: Sheet, n: number, box: Box, smooth: boolean): void {
  context.imageSmoothingEnabled = smooth
  context.imageSmoothingQuality = "high"
  const inset = smooth && sheet.width > 2 ? 0.5 : 0
  context.drawImage(
    sheet.canvas,
    inset,
    n * sheet.height + inset,
    sheet.width - 2 * inset,
    sheet.height - 2 * inset,
    box.x,
    box.y,
    box.width,
    box.height,
  )
}

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export function clipRound(context: Context, box: Box, radius: number): void {
  context.beginPath()
  context.roundRect(box.x, box.y, box.width, box.height, radius)
  context.clip()
}

/** Two flat colours instead of a scale: what would be answered, not how sure. */
export function discreteTable(table: Uint32Array): Uint32Array {
  return table.map((_, index) => (index === 128 ? table[128]! : table[index < 128 ? 64 : 192]!))
}

/** Light to dark from paper to ink: for pictures that have no sign (the sample itself). */
export function greyTable(dark: boolean): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    const v = dark ? n : 255 - n
    return ((255 << 24) | (v << 16) | (v << 8) | v) >>> 0
  })
}

/** The darker the surer: one kind's colour mixed into the paper. */
export function mix(colour: readonly number[], paper: readonly number[], share: number): number {
  const [red, green, blue] = colour.map((v, channel) => Math.round(paper[channel]! + share * (v - paper[channel]!)))
  return ((255 << 24) | (blue! << 16) | (green! << 8) | red!) >>> 0
}

export function drawHistogram(
  context: Context,
  box: Box,
  bins: ArrayLike<number>,
  range: [number, number] | null,
  theme: Theme,
): void {
  let most = 0
  for (let at = 0; at < bins.length; at++) most = Math.max(most, bins[at]!)
  const width = box.width / bins.length
  const [low, high] = range ?? [-1, 1]
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1
  for (let at = 0; at < bins.length; at++) {
    const value = low + ((at + 0.5) / bins.length) * (high - low)
    const height = most > 0 ? (bins[at]! / most) * (box.height - 1) : 0
    const strength = Math.sign(value) * Math.max(0.45, Math.abs(value) / reach)
    context.fillStyle = theme.scale.css[128 + Math.round(127 * strength)]!
    context.fillRect(box.x + at * width, box.y + box.height - height, Math.max(1, width - 0.5), height)
  }
  context.fillStyle = theme.line
  context.fillRect(box.x, box.y + box.height - 1, box.width, 1)
  if (low < 0 && high > 0) context.fillRect(box.x + (-low / (high - low)) * box.width, box.y, 1, box.height)
}

export function tracePoint(context: Context, shape: KindShape, x: number, y: number, size: number): void {
  context.beginPath()
  if (shape === "circle" || shape === "ring") context.arc(x, y, size, 0, 2 * Math.PI)
  else if (shape === "square") context.roundRect(x - size * 0.88, y - size * 0.88, size * 1.76, size * 1.76, size * 0.3)
  else if (shape === "triangle") polygon(context, x, y, size * 1.2, 3, -Math.PI / 2)
  else if (shape === "diamond") polygon(context, x, y, size * 1.2, 4, -Math.PI / 2)
  else if (shape === "wedge") polygon(context, x, y, size * 1.2, 3, Math.PI / 2)
  else crossShape(context, x, y, size * 1.1, shape === "cross" ? Math.PI / 4 : 0)
}

function polygon(context: Context, x: number, y: number, size: number, corners: number, turn: number): void {
  for (let n = 0; n < corners; n++) {
    const angle = turn + (n * 2 * Math.PI) / corners
    context.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle))
  }
  context.closePath()
}

function crossShape(context: Context, x: number, y: number, size: number, turn: number): void {
  const arm = size * 0.36
  const outline = [
    [arm, -size],
    [arm, -arm],
    [size, -arm],
    [size, arm],
    [arm, arm],
    [arm, size],
    [-arm, size],
    [-arm, arm],
    [-size, arm],
    [-size, -arm],
    [-arm, -arm],
    [-arm, -size],
  ] as const
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  for (const [dx, dy] of outline) context.lineTo(x + dx * cos - dy * sin, y + dx * sin + dy * cos)
  context.closePath()
}
