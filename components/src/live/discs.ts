/** Units as small round pictures of what each answers. */
import type { LiveArray } from "./frames"
import type { LiveStore } from "./live-store"
import { clipRound, colourSheet, drawFromSheet, drawHistogram, type Box } from "./paint"
import type { Theme } from "./theme"

type Context = CanvasRenderingContext2D

/** Draws picture n of the node into box n. Without a picture a disc shows its silhouette only. */
export function drawDiscs(
  context: Context,
  store: LiveStore,
  path: string,
  boxes: readonly Box[],
  theme: Theme,
  radius?: number,
): void {
  const picture = store.array(`picture/${path}`) ?? inputPicture(store, path, boxes.length)
  const shape = picture?.shape
  const sheet =
    picture && shape?.length === 3
      ? colourSheet(
          picture.values as Uint8Array,
          Math.min(boxes.length, shape[0]!),
          shape[1]!,
          shape[2]!,
          theme.scale.table,
        )
      : null
  const counted = picture ? undefined : store.array(`units/${path}`)
  boxes.forEach((box, n) => {
    const round = radius ?? box.width / 2
    context.save()
    clipRound(context, box, round)
    if (sheet && n < (shape?.[0] ?? 0)) drawFromSheet(context, sheet, n, box, true)
    else if (counted && n < counted.shape[0]!) drawCounted(context, counted, n, box, theme)
    else {
      context.fillStyle = theme.scale.css[128]!
      context.fillRect(box.x, box.y, box.width, box.height)
    }
    context.restore()
    context.beginPath()
    context.roundRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1, round)
    context.strokeStyle = theme.quiet
    context.globalAlpha = 0.55
    context.lineWidth = 1
    context.stroke()
    context.globalAlpha = 1
  })
}

/** On tables, where there is no plane to show: how often unit n gives which answer, zero in the middle. */
function drawCounted(context: Context, counted: LiveArray, n: number, box: Box, theme: Theme): void {
  const bins = counted.shape[1]!
  context.fillStyle = theme.scale.css[128]!
  context.fillRect(box.x, box.y, box.width, box.height)
  const foot = box.height * 0.14
  const within = { x: box.x, y: box.y + foot, width: box.width, height: box.height - 2 * foot }
  drawHistogram(context, within, counted.values.subarray(n * bins, (n + 1) * bins), counted.range, theme)
}

const RAMP = 24
let ramps: LiveArray | null = null

/** The plane's own coordinates: x₁ grows to the right, x₂ upwards. Drawn here, as nobody computes them. */
function inputPicture(store: LiveStore, path: string, units: number): LiveArray | null {
  if (units !== 2 || !store.array("points") || store.array(`histogram/${path}`)) return null
  if (store.snapshot().nodes[path]) return null
  if (ramps) return ramps
  const values = new Uint8Array(2 * RAMP * RAMP)
  for (let row = 0; row < RAMP; row++) {
    for (let column = 0; column < RAMP; column++) {
      values[row * RAMP + column] = ramp(column)
      values[RAMP * RAMP + row * RAMP + column] = ramp(RAMP - 1 - row)
    }
  }
  ramps = { name: "ramps", shape: [2, RAMP, RAMP], values, maximum: null, index: null, range: null, part: null }
  return ramps
}

const ramp = (at: number): number => 128 + Math.round(127 * ((2 * at) / (RAMP - 1) - 1))

/** Places `count` discs of at most `largest` px in rows inside a width and a height. */
export function discBoxes(count: number, width: number, height: number, largest: number, gap = 4): Box[] {
  for (let size = largest; size >= 8; size -= 2) {
    const columns = Math.max(1, Math.floor((width + gap) / (size + gap)))
    const rows = Math.ceil(count / columns)
    if (rows * (size + gap) - gap <= height || size <= 9) {
      const across = Math.ceil(count / rows)
      const left = (width - across * (size + gap) + gap) / 2
      return Array.from({ length: count }, (_, n) => ({
        x: Math.max(0, left) + (n % across) * (size + gap),
        y: Math.floor(n / across) * (size + gap),
        width: size,
        height: size,
      }))
    }
  }
  return []
}
