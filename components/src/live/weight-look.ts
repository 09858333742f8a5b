/** How a weight looks as a line: width by size, colour and dash by sign. */
import type { Theme } from "./theme"

export interface LineLook {
  width: number
  colour: string
  /** Dashed when negative, so that colour is not the only signal. */
  dash: string
}

const THINNEST = 0.5
const THICKEST = 6

/** Absolute, so that lines grow while the network learns; ever slower towards 6 px, so that none runs away. */
export function lineWidth(weight: number): number {
  if (!Number.isFinite(weight)) return THICKEST
  return THINNEST + (THICKEST - THINNEST) * (1 - Math.exp(-Math.abs(weight) / 2))
}

export function lineLook(weight: number, theme: Theme): LineLook {
  const width = lineWidth(weight)
  const share = (width - THINNEST) / (THICKEST - THINNEST)
  const strength = Math.sign(weight) * (0.42 + 0.42 * share)
  const scale = theme.projector ? 2 : 1
  return {
    width: width * scale,
    colour: Number.isFinite(weight) ? theme.scale.css[128 + Math.round(127 * strength)]! : theme.text,
    dash: weight < 0 ? `${(4 + width) * scale} ${(3 + 0.6 * width) * scale}` : "none",
  }
}

/** A gentle S from the right edge of one unit to the left edge of the next. */
export function linePath(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const bend = Math.max(12, (to.x - from.x) * 0.42)
  const at = (value: number): string => value.toFixed(1)
  return `M${at(from.x)} ${at(from.y)}C${at(from.x + bend)} ${at(from.y)} ${at(to.x - bend)} ${at(to.y)} ${at(to.x)} ${at(to.y)}`
}
