/** A case of the plane where it lies: what the network answers everywhere, the points it knows, and the case in a ring. */
import { useEffect, useMemo, useRef } from "react"
import type { LiveArray } from "../live/frames"
import { useTheme } from "../live/live"
import { prepare } from "../live/paint"
import { drawAnswer, drawPoints, type PlaneArrays, placeOnPlane } from "../live/plane"
import type { Theme } from "../live/theme"
import { type Answer, placeOf, type State, store } from "./store"

const RING = 9

export function PlaneCase({ state, side }: { state: State; side: number }) {
  const canvas = useRef<HTMLCanvasElement | null>(null)
  const theme = useTheme()
  const { tiles, chosen, tab, changed, cases } = state
  const arrays = useMemo<PlaneArrays | null>(
    () =>
      tiles && {
        array: (name) => tiles.arrays.get(name),
        latestDomain: () => tiles.header.domain ?? null,
      },
    [tiles],
  )
  const task = cases?.facts.task ?? "binary"
  const place = chosen === null ? -1 : placeOf(state, chosen, tab)
  const values = changed?.values
  useEffect(() => {
    const domain = arrays?.latestDomain()
    if (!canvas.current || !theme || !arrays || !domain) return
    const context = prepare(canvas.current, side, side)
    if (!context) return
    drawAnswer(context, side, arrays, theme, false)
    drawPoints(context, side, arrays, theme, task, { testPoints: false, discrete: false })
    const rows = arrays.array("rows")?.values
    if (!rows || place < 0) return
    const [x, y] = [rows[2 * place]!, rows[2 * place + 1]!]
    ring(context, placeOnPlane(x, y, domain, side), theme, false)
    if (values?.length === 2) {
      const to = placeOnPlane(values[0]!, values[1]!, domain, side)
      ring(context, to, theme, true)
    }
  }, [arrays, theme, place, values, side, task])

  const move = (event: React.PointerEvent, done: boolean): void => {
    const domain = arrays?.latestDomain()
    if (!domain || (event.buttons !== 1 && !done)) return
    const box = event.currentTarget.getBoundingClientRect()
    const [across, down] = [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)]
    const along = (share: number): number => domain[0] + share * (domain[1] - domain[0])
    const values = [along(across), along(1 - down)]
    if (done) store.changeValues(values)
    else store.showChanged(values, seen(arrays?.array("output"), across, down, task))
  }
  return (
    <figure className="pge-plane">
      <canvas
        ref={canvas}
        className="pge-picture"
        data-testid="case-plane"
        role="img"
        aria-label="What the network answers everywhere; the case is in the ring"
        style={{ width: side, height: side }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          move(event, false)
        }}
        onPointerMove={(event) => move(event, false)}
        onPointerUp={(event) => move(event, true)}
      />
      <figcaption>The ring is the case. Drag it, or change a number below.</figcaption>
    </figure>
  )
}

const within = (share: number): number => Math.min(0.999, Math.max(0, share))

/** The answer as the picture shows it, while the network is not asked for every pixel of a drag. */
function seen(output: LiveArray | undefined, across: number, down: number, task: string): Answer | null {
  if (!output) return null
  const [h, w] = output.shape as [number, number]
  const value = (output.values[Math.floor(down * h) * w + Math.floor(across * w)]! - 128) / 127
  if (task !== "binary") return { probabilities: null, answer: value * (output.maximum as number) }
  const yes = within((value + 1) / 2)
  return { probabilities: [1 - yes, yes], answer: yes > 0.5 ? 1 : 0 }
}

/** Paper under ink, so that it shows on every colour. Where the case was moved to it is dashed. */
function ring(context: CanvasRenderingContext2D, [x, y]: [number, number], theme: Theme, moved: boolean): void {
  context.beginPath()
  context.arc(x, y, RING, 0, 2 * Math.PI)
  context.setLineDash([])
  context.strokeStyle = theme.paper
  context.lineWidth = 5
  context.stroke()
  if (moved) context.setLineDash([4, 3])
  context.strokeStyle = theme.text
  context.lineWidth = 2
  context.stroke()
  context.setLineDash([])
  context.fillStyle = theme.text
  context.beginPath()
  context.arc(x, y, 2.5, 0, 2 * Math.PI)
  context.fill()
}
