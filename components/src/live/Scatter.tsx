/** Truth against answer for numbers: on the diagonal the network is right. */
import { useCallback } from "react"
import { useStore } from "../store"
import { commonRange } from "./axis-steps"
import { casesOf, Waiting } from "./Confusion"
import { live, useDrawing, useLive, type Drawing } from "./live"
import { short } from "./numbers"

const LEFT = 44
const BOTTOM = 34
const TOP = 10
const RIGHT = 18

export function Scatter({ size }: { size: number }) {
  const target = useStore((s) => s.checked?.facts?.target_names[0] ?? "target")
  const ready = useLive((numbers) => numbers.layout.includes("scatter:"))
  const canvas = useDrawing(
    ["scatter"],
    size,
    size,
    useCallback((drawing: Drawing) => drawScatter(drawing, target), [target]),
  )
  if (!ready) return <Waiting size={size} />
  return (
    <figure className="pgl-output" style={{ width: size }}>
      <canvas
        ref={canvas}
        data-testid="output-picture"
        role="img"
        aria-label={`${casesOf(live.array("scatter"))}: true ${target} across, the network's answer upwards. On the diagonal it is right.`}
        style={{ width: size, height: size }}
      />
      <figcaption className="pgl-quiet">{casesOf(live.array("scatter"))}. On the dashed line it is right.</figcaption>
    </figure>
  )
}

function drawScatter({ context, width, height, theme }: Drawing, target: string): void {
  const pairs = live.array("scatter")
  if (!pairs) return
  const { low, high, step } = commonRange(pairs.values)
  const x = (value: number): number => LEFT + ((value - low) / (high - low)) * (width - LEFT - RIGHT)
  const y = (value: number): number => height - BOTTOM - ((value - low) / (high - low)) * (height - BOTTOM - TOP)
  context.font = `${theme.projector ? 16 : 12}px ${theme.font}`
  context.fillStyle = theme.quiet
  context.strokeStyle = theme.line
  context.lineWidth = 1
  for (let tick = low; tick <= high + step / 2; tick += step) {
    context.beginPath()
    context.moveTo(x(low), Math.round(y(tick)) + 0.5)
    context.lineTo(x(high), Math.round(y(tick)) + 0.5)
    context.stroke()
    context.textAlign = "right"
    context.fillText(short(Number(tick.toPrecision(10))), LEFT - 6, y(tick) + 4)
    context.textAlign = "center"
    context.fillText(short(Number(tick.toPrecision(10))), x(tick), height - BOTTOM + 15)
  }
  context.fillText(`true ${target}`, (LEFT + width) / 2, height - 4)
  context.save()
  context.translate(10, (height - BOTTOM) / 2)
  context.rotate(-Math.PI / 2)
  context.fillText(`answered ${target}`, 0, 0)
  context.restore()
  context.setLineDash([4, 4])
  context.strokeStyle = theme.quiet
  context.beginPath()
  context.moveTo(x(low), y(low))
  context.lineTo(x(high), y(high))
  context.stroke()
  context.setLineDash([])
  context.globalAlpha = pairs.shape[0]! > 300 ? 0.4 : 0.65
  context.fillStyle = theme.text
  for (let n = 0; n < pairs.values.length; n += 2) {
    context.beginPath()
    context.arc(x(pairs.values[n]!), y(pairs.values[n + 1]!), 2.6, 0, 2 * Math.PI)
    context.fill()
  }
  context.globalAlpha = 1
}
