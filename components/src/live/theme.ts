/** The colours of the moment, read from the page's own style variables; drawings are redone when they change. */
import { buildScale, parseColour, parseColourList, type Rgb, type Scale } from "./colours"

export interface Theme {
  dark: boolean
  projector: boolean
  scale: Scale
  paper: string
  text: string
  quiet: string
  line: string
  train: string
  validation: string
  kinds: string[]
  /** Font families for text in drawings. */
  font: string
}

type Listener = () => void

const SIGN = Array.from({ length: 10 }, (_, n) => `--sign-${n}`)

const luminance = ([red, green, blue]: Rgb): number => (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
const grey = (share: number): Rgb => [share, share, share].map((v) => Math.round(v * 255)) as unknown as Rgb

/** Without the page's scale (a bare test page) a grey one keeps everything readable. */
function fallbackScale(paper: Rgb): Rgb[] {
  const light = luminance(paper) > 0.5
  return Array.from({ length: 10 }, (_, n) => grey(light ? Math.abs(n - 4.5) / 9 : 1 - Math.abs(n - 4.5) / 9))
}

export class ThemeStore {
  private key = ""
  private current: Theme | null = null
  private readonly listeners = new Set<Listener>()

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  readonly snapshot = (): Theme | null => this.current

  /** Reads the variables that reach `element`; tells the listeners only when something changed. */
  read(element: Element, projector: boolean): void {
    const style = getComputedStyle(element)
    const names = [
      "--st-chart-diverging-colors",
      "--zero",
      "--paper",
      "--ink",
      "--quiet",
      "--line",
      "--st-background-color",
      "--validation",
      "--font",
      ...Array.from({ length: 8 }, (_, n) => `--kind-${n + 1}`),
      ...SIGN,
    ]
    const values = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name).trim()]))
    const key = JSON.stringify([values, projector])
    if (key === this.key) return
    this.key = key
    this.current = makeTheme(values, projector)
    this.listeners.forEach((listener) => listener())
  }
}

function makeTheme(values: Record<string, string>, projector: boolean): Theme {
  const colour = (name: string, otherwise: string): string => values[name] || otherwise
  const paper = colour("--paper", colour("--st-background-color", "white"))
  const paperRgb = parseColour(paper) ?? [255, 255, 255]
  const dark = luminance(paperRgb) < 0.5
  const theirs = parseColourList(values["--st-chart-diverging-colors"] ?? "")
  const given = theirs.length === 10 ? theirs : parseColourList(SIGN.map((name) => values[name]).join(", "))
  const diverging = given.length === 10 ? given : fallbackScale(paperRgb)
  const middle = parseColour(values["--zero"] ?? "") ?? paperRgb
  const text = colour("--ink", dark ? "white" : "black")
  const quiet = colour("--quiet", "grey")
  return {
    dark,
    projector,
    paper,
    text,
    quiet,
    scale: buildScale(diverging, middle, { midtones: !projector }),
    line: colour("--line", quiet),
    train: quiet,
    validation: colour("--validation", text),
    font: colour("--font", "system-ui, sans-serif"),
    kinds: Array.from({ length: 8 }, (_, n) => colour(`--kind-${n + 1}`, text)),
  }
}
