/** What the network answers over the whole plane, with the points it learns from on top. */
import { useCallback, useState } from "react"
import { useStore } from "../store"
import { live, useDrawing, useLive, useTheme } from "./live"
import { short } from "./numbers"
import { answerAt, drawAnswer, drawPoints } from "./plane"
import { useViewChoices } from "./view-choices"
import { Word } from "./Word"

const HEAT = ["output", "output_class", "output_confidence"]
const POINTS = ["points", "targets", "part"]

export function OutputPicture({ size }: { size: number }) {
  const facts = useStore((s) => s.checked?.facts ?? null)
  const choices = useViewChoices()
  const task = facts?.task ?? "binary"
  const [said, setSaid] = useState<{ text: string; left: number; top: number } | null>(null)

  const heat = useDrawing(
    HEAT,
    size,
    size,
    useCallback(
      ({ context, theme }) => void drawAnswer(context, size, live, theme, choices.discrete),
      [size, choices.discrete],
    ),
  )
  const points = useDrawing(
    POINTS,
    size,
    size,
    useCallback(({ context, theme }) => drawPoints(context, size, live, theme, task, choices), [size, task, choices]),
  )
  const classes = facts?.classes ?? []
  const read = (event: React.PointerEvent): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    const text = answerAt(live, x / box.width, y / box.height, classes, task)
    setSaid(text === null ? null : { text: `Here the network says ${text}.`, left: x, top: y })
  }
  return (
    <figure className="pgl-output" style={{ width: size }}>
      <div
        className="pgl-plane"
        style={{ width: size, height: size }}
        onPointerMove={read}
        onPointerLeave={() => setSaid(null)}
      >
        <canvas
          ref={heat}
          data-testid="output-picture"
          role="img"
          aria-label={label(task, classes)}
          style={{ width: size, height: size }}
        />
        <canvas ref={points} aria-hidden="true" style={{ width: size, height: size }} />
        {said && (
          <div
            className="pgl-said"
            style={{ left: said.left, top: said.top }}
            data-flip={said.left > size / 2 || undefined}
          >
            {said.text}
          </div>
        )}
      </div>
      {task === "classes" ? <Kinds classes={classes} /> : <ScaleBar task={task} classes={classes} />}
    </figure>
  )
}

function label(task: string, classes: readonly string[]): string {
  if (task === "binary")
    return `What the network answers everywhere: ${classes[0] ?? "orange"} or ${classes[1] ?? "blue"}, darker is surer`
  if (task === "classes") return `Which kind the network answers everywhere: ${classes.join(", ")}`
  return "The number the network answers everywhere: orange is below zero, blue above"
}

/** Zero is always the middle; the maximum is printed. */
function ScaleBar({ task, classes }: { task: string; classes: readonly string[] }) {
  const theme = useTheme()
  useLive((numbers) => numbers.step)
  const maximum = live.array("output")?.maximum
  const end = task === "binary" ? 1 : typeof maximum === "number" ? maximum : null
  const stops = theme?.scale.surface.filter((_, n) => n > 0 && (n - 1) % 14 === 0) ?? []
  const [left, right] = [stops.slice(0, (stops.length + 1) / 2), stops.slice(stops.length / 2)]
  const names = task === "binary" ? [classes[0] ?? "orange", classes[1] ?? "blue"] : ["", ""]
  return (
    <figcaption className="pgl-scale">
      <span>
        <i className="pgl-sign pgl-minus" /> {names[0]}{" "}
        {end === null ? "" : task === "binary" ? "1.0" : `−${short(end)}`}
      </span>
      {task === "binary" ? (
        // The word stands where the colour of "neither" is: in the middle of the scale.
        <>
          <span className="pgl-bar" style={{ background: `linear-gradient(90deg, ${left.join(", ")})` }} />
          <Word name="boundary">boundary</Word>
          <span className="pgl-bar" style={{ background: `linear-gradient(90deg, ${right.join(", ")})` }} />
        </>
      ) : (
        <span className="pgl-bar" style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }} />
      )}
      <span>
        {end === null ? "" : task === "binary" ? "1.0" : `+${short(end)}`} {names[1]}{" "}
        <i className="pgl-sign pgl-plus" />
      </span>
    </figcaption>
  )
}

const SIGNS = ["●", "■", "▲", "◆", "✖", "○", "✚", "▼"]

function Kinds({ classes }: { classes: readonly string[] }) {
  return (
    <figcaption className="pgl-kinds">
      {classes.slice(0, 8).map((name, n) => (
        <span key={name}>
          <i style={{ color: `var(--kind-${n + 1})` }} aria-hidden="true">
            {SIGNS[n]}
          </i>{" "}
          {name}
        </span>
      ))}
    </figcaption>
  )
}
