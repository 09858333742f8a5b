/** The diverging colour scale as a look-up table: 128 is exactly the middle, 1 the most negative, 255 the most positive. */

export type Rgb = readonly [number, number, number]

export interface Palette {
  /** Ten colours, most negative first, as the theme gives them. */
  diverging: Rgb[]
  middle: Rgb
  paper: Rgb
  text: Rgb
  quiet: Rgb
  line: Rgb
}

/** `fillStyle` of any CSS colour comes back as #rrggbb or rgba(…); both are understood, and so are their short forms. */
export function parseColour(text: string): Rgb | null {
  const value = text.trim()
  const hex = /^#([0-9a-f]{3,8})$/i.exec(value)?.[1]
  if (hex !== undefined) {
    const full = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join("") : hex
    return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as unknown as Rgb
  }
  const numbers = /^rgba?\(([^)]+)\)$/i
    .exec(value)?.[1]
    ?.split(/[\s,/]+/)
    .map(Number)
  if (numbers && numbers.length >= 3) return [numbers[0]!, numbers[1]!, numbers[2]!]
  return null
}

/** The theme's list arrives as `#a, #b, …`, or as a JSON array of the same. */
export function parseColourList(text: string): Rgb[] {
  const found = text.match(/#[0-9a-f]{3,8}\b|rgba?\([^)]+\)/gi) ?? []
  return found.map(parseColour).filter((colour): colour is Rgb => colour !== null)
}

const toLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
const fromLinear = (v: number): number => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055)

export function toOklab([red, green, blue]: Rgb): Rgb {
  const [r, g, b] = [toLinear(red / 255), toLinear(green / 255), toLinear(blue / 255)]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

export function fromOklab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  return linear.map((v) => Math.round(255 * fromLinear(Math.min(1, Math.max(0, v))))) as unknown as Rgb
}

interface Stop {
  at: number
  lab: Rgb
}

/** Half a scale: from next to zero (at 0) to the end (at 1). Without midtones the palest colour is left out and zero jumps. */
function half(fromZeroOut: Rgb[], middle: Rgb, midtones: boolean): Stop[] {
  const colours = midtones ? [middle, ...fromZeroOut] : fromZeroOut.slice(1)
  return colours.map((colour, position) => ({ at: position / (colours.length - 1), lab: toOklab(colour) }))
}

function sample(stops: Stop[], at: number): Rgb {
  const upper = Math.max(
    1,
    stops.findIndex((stop) => stop.at >= at - 1e-9),
  )
  const [low, high] = [stops[upper - 1]!, stops[upper]!]
  const share = (at - low.at) / (high.at - low.at)
  return fromOklab(low.lab.map((v, channel) => v + share * (high.lab[channel]! - v)) as unknown as Rgb)
}

export interface Scale {
  /** 256 colours packed for a little-endian Uint32Array over ImageData: the inner part of the scale, for surfaces. */
  table: Uint32Array
  /** The same surface colours as CSS text, for the scale bar beside a surface. */
  surface: string[]
  /** 256 colours over the whole scale as CSS text: for points and lines, which stand out on surfaces. */
  css: string[]
}

/** How far a surface goes along the scale; its darkest ends are left to the points and lines drawn on it. */
export const SURFACE = 0.68

const pack = ([red, green, blue]: Rgb): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
export const cssColour = ([red, green, blue]: Rgb): string => `rgb(${red}, ${green}, ${blue})`

export function buildScale(diverging: Rgb[], middle: Rgb, options: { midtones?: boolean } = {}): Scale {
  if (diverging.length !== 10) throw new Error(`The diverging scale needs ten colours; it has ${diverging.length}.`)
  const midtones = options.midtones ?? true
  const negative = half(diverging.slice(0, 5).reverse(), middle, midtones)
  const positive = half(diverging.slice(5), middle, midtones)
  const colourOf = (value: number): Rgb =>
    value === 0 ? middle : sample(value < 0 ? negative : positive, Math.abs(value))
  const values = Array.from({ length: 256 }, (_, index) => valueOf(index))
  const surface = values.map((value) => colourOf(SURFACE * value))
  return {
    table: Uint32Array.from(surface, pack),
    surface: surface.map(cssColour),
    css: values.map((value) => cssColour(colourOf(value))),
  }
}

/** Table index → number in [−1, 1]. */
export function valueOf(index: number): number {
  return Math.max(-1, (index - 128) / 127)
}

/** Number in [−1, 1] → table index. */
export function indexOf(value: number): number {
  if (!Number.isFinite(value)) return 128
  return 128 + Math.round(127 * Math.min(1, Math.max(-1, value)))
}

/** Okabe and Ito's colours for kinds, in their order without black; the shape is the second signal. */
export const KIND_TOKENS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `--kind-${n}`)
export const KIND_SHAPES = ["circle", "square", "triangle", "diamond", "cross", "ring", "plus", "wedge"] as const
export type KindShape = (typeof KIND_SHAPES)[number]
