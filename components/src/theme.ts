/** Streamlit's theme crosses into the component as --st-* properties; what CSS alone cannot derive is derived here. */

export type Scheme = "light" | "dark"

/** Relative luminance (0 black … 1 white) of any colour the browser can parse. */
export function luminance(colour: string): number {
  const channels = parseColour(colour)
  if (!channels) return 1
  const [red, green, blue] = channels.map((channel) => {
    const value = channel / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** "#14171b", "#fff", "rgb(20, 23, 27)" → [20, 23, 27]. */
export function parseColour(colour: string): [number, number, number] | null {
  const text = colour.trim()
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text)
  if (short) return [1, 2, 3].map((i) => parseInt(short[i]! + short[i]!, 16)) as [number, number, number]
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(text)
  if (long) return [1, 2, 3].map((i) => parseInt(long[i]!, 16)) as [number, number, number]
  const call = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(text)
  if (call) return [1, 2, 3].map((i) => Number(call[i])) as [number, number, number]
  return null
}

export function schemeOf(element: Element): Scheme {
  const background = getComputedStyle(element).getPropertyValue("--st-background-color")
  return background && luminance(background) < 0.4 ? "dark" : "light"
}

/** The ten colours of sign, most negative first; null when the theme has none. */
export function divergingColours(element: Element): string[] | null {
  const text = getComputedStyle(element).getPropertyValue("--st-chart-diverging-colors")
  const colours = text
    .split(/,(?![^(]*\))/)
    .map((colour) => colour.trim().replace(/^["']|["']$/g, ""))
    .filter(Boolean)
  return colours.length === 10 ? colours : null
}
