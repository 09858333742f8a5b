/** The loss while it falls: training dashed, validation or test solid, the best point marked. uPlot draws it. */
import { useEffect, useRef } from "react"
import uPlot from "uplot"
import { stickyEnd, ticks } from "./axis-steps"
import { columns, type Curve } from "./curve-columns"
import { labelOf } from "../editing"
import { live, useLive, useTheme } from "./live"
import { group, short } from "./numbers"
import type { Theme } from "./theme"

const EVERY = 100
/** Left and right of what is drawn: the numbers of the axis, and room for the last one. */
const MARGINS = [40, 22] as const
const WIDE_MARGINS = [48, 30] as const

export function LossCurve({ width, height }: { width: number; height: number }) {
  const host = useRef<HTMLDivElement>(null)
  const legend = useRef<HTMLSpanElement>(null)
  const theme = useTheme()

  useEffect(() => {
    if (!host.current || !theme) return
    const state: Drawn = { curve: columns(live.points), end: null }
    const plot = new uPlot(options(width, height, theme, state), data(state.curve), host.current)
    let due = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = (): void => {
      clearTimeout(timer)
      const wait = due - performance.now()
      if (wait > 0) {
        timer = setTimeout(draw, wait)
        return
      }
      due = performance.now() + EVERY
      state.curve = columns(live.points)
      state.end = live.points.length < 2 ? null : state.end
      plot.setData(data(state.curve))
      if (legend.current) legend.current.textContent = state.curve.heldName ?? ""
      host.current?.setAttribute("aria-label", describe(state.curve))
    }
    const stop = live.onArrays(["curve"], draw)
    return () => {
      stop()
      clearTimeout(timer)
      plot.destroy()
    }
  }, [width, height, theme])

  return (
    <section className="pgl-curve" style={{ width }}>
      <header>
        <h3>Loss</h3>
        <span className="pgl-key pgl-train">training</span>
        <span className="pgl-key pgl-held" ref={legend} />
        <span className="pgl-key pgl-best">best</span>
      </header>
      <div className="pgl-plot">
        <div
          ref={host}
          data-testid="loss-curve"
          role="img"
          aria-label="Loss over steps: nothing yet"
          style={{ width, height }}
        />
        <Cuts width={width} projector={theme?.projector ?? false} />
      </div>
    </section>
  )
}

/** Where the experiment was changed: what lies left of a line was learned by another network, or under other settings. */
function Cuts({ width, projector }: { width: number; projector: boolean }) {
  const marks = useLive((numbers) => numbers.marks)
  useLive((numbers) => numbers.step)
  const last = live.points.at(-1)?.step ?? 0
  const end = stickyEnd(Math.max(10, last), null)
  const [left, right] = projector ? WIDE_MARGINS : MARGINS
  return marks.map(({ step, revision }) => (
    <i
      key={step}
      className="pgl-cut"
      data-testid="cut"
      style={{ left: left + ((width - left - right) * Math.min(step, end)) / end }}
      title={`${labelOf(revision) ?? "Changed"} at step ${group(step)}. Weights that fit were kept.`}
    />
  ))
}

interface Drawn {
  curve: Curve
  end: number | null
}

const data = (curve: Curve): uPlot.AlignedData => [curve.steps, curve.train, curve.held]

function describe(curve: Curve): string {
  const last = curve.steps.length - 1
  if (last < 0) return "Loss over steps: nothing yet"
  const known = curve.held.findLast((value) => value !== null) ?? null
  const held = curve.heldName ? `, ${curve.heldName} ${short(known)}` : ""
  return `Loss over steps. At step ${group(curve.steps[last]!)}: training ${short(curve.train[last] ?? null)}${held}`
}

function options(width: number, height: number, theme: Theme, state: Drawn): uPlot.Options {
  const font = `${theme.projector ? 16 : 12}px ${theme.font}`
  const axis = { stroke: theme.quiet, font, ticks: { show: false }, gap: 4 } as const
  return {
    width,
    height,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, theme.projector ? WIDE_MARGINS[1] : MARGINS[1], 0, 0],
    scales: {
      x: { time: false, range: () => [0, stickyEnd(Math.max(10, state.curve.steps.at(-1) ?? 0), null)] },
      y: {
        range: () => {
          state.end = stickyEnd(state.curve.largest > 0 ? state.curve.largest : 1, state.end)
          return [0, state.end]
        },
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: theme.projector ? 30 : 24,
        splits: (_plot, _n, _low, high) => ticks(high, 4),
        values: (_plot, splits) => splits.map((value) => group(value)),
      },
      {
        ...axis,
        grid: { stroke: theme.line, width: 1 },
        size: theme.projector ? WIDE_MARGINS[0] : MARGINS[0],
        splits: (_plot, _n, _low, high) => ticks(high, 2),
        values: (_plot, splits) => splits.map((value) => short(value)),
      },
    ],
    series: [
      {},
      { stroke: theme.train, width: 1.5, dash: [4, 3], points: { show: false }, spanGaps: true },
      { stroke: theme.validation, width: theme.projector ? 3 : 2, points: { show: false }, spanGaps: true },
    ],
    hooks: { draw: [(plot) => markBest(plot, state.curve, theme)] },
  }
}

function markBest(plot: uPlot, curve: Curve, theme: Theme): void {
  if (curve.best === null) return
  const value = curve.heldName ? curve.held[curve.best] : curve.train[curve.best]
  if (value === null || value === undefined) return
  const [x, y] = [plot.valToPos(curve.steps[curve.best]!, "x", true), plot.valToPos(value, "y", true)]
  plot.ctx.beginPath()
  plot.ctx.arc(x, y, 4 * devicePixelRatio, 0, 2 * Math.PI)
  plot.ctx.fillStyle = curve.heldName ? theme.validation : theme.train
  plot.ctx.strokeStyle = theme.paper
  plot.ctx.lineWidth = 2 * devicePixelRatio
  plot.ctx.fill()
  plot.ctx.stroke()
}
