/** The drawing as one SVG that needs nothing of the page: no style sheet, no script, no picture from elsewhere. */
import type { ReactElement } from "react"
import { Silhouette } from "../editor/Silhouette"
import { UNIT } from "../live-parts"
import { discsOf, type Box, type Plan } from "./drawing-layout"
import type { Inks } from "./palettes"

const SANS = "Inter, system-ui, sans-serif"
const MONO = "'JetBrains Mono', ui-monospace, monospace"
/** Width of a character as a share of its size: about that of Inter, exactly that of the mono. */
const WIDE = { sans: 0.56, mono: 0.6 }

export function DrawingSvg({ plan, inks, title, fonts = "" }: { plan: Plan; inks: Inks; title: string; fonts?: string }): ReactElement {
  const [left, top, width, height] = plan.view
  return (
    <svg
      width={width}
      height={height}
      viewBox={`${left} ${top} ${width} ${height}`}
      role="img"
      aria-label={title}
      color={inks.ink}
      fontFamily={SANS}
      fontSize="13"
    >
      <title>{title}</title>
      {fonts && <style>{fonts}</style>}
      <rect x={left} y={top} width={width} height={height} fill={inks.paper} />
      <g fill="none" stroke={inks.quiet} strokeWidth="1.5">
        {plan.lines.map((line) => (
          <path key={line.key} d={line.path} />
        ))}
      </g>
      {plan.boxes.map((box) => (box.units ? <Open key={box.id} box={box} inks={inks} /> : <Folded key={box.id} box={box} inks={inks} />))}
    </svg>
  )
}

function Folded({ box, inks }: { box: Box; inks: Inks }): ReactElement {
  const { x, y, width, height } = box
  const end = x + width - 12
  return (
    <g>
      {box.silhouette === "block" && (
        <rect x={x + 4} y={y + 4} width={width} height={height} rx="8" fill={inks.paper} stroke={inks.line} />
      )}
      <rect x={x} y={y} width={width} height={height} rx="8" fill={inks.paper} stroke={inks.quiet} strokeOpacity=".55" />
      <text x={x + 12} y={y + 24} fontWeight="550" fill={inks.ink}>
        {short(box.title, width - 24, 13, "sans")}
      </text>
      <text x={x + 12} y={y + 42} fontFamily={MONO} fontSize="12" fill={inks.quiet}>
        {short(box.summary, width - 24 - (box.parameters ? 8 + box.parameters.length * 7.2 : 0), 12, "mono")}
      </text>
      {box.parameters && (
        <text x={end} y={y + 42} fontFamily={MONO} fontSize="12" fill={inks.quiet} textAnchor="end">
          {box.parameters}
        </text>
      )}
      <g transform={`translate(${x + width / 2 - 22} ${y + 72})`}>
        <Silhouette kind={box.silhouette} size={44} curve={box.curve} />
      </g>
      {box.shape && box.silhouette !== "output" && <Pill x={x + width - 8} y={y + height} text={box.shape} inks={inks} />}
    </g>
  )
}

function Open({ box, inks }: { box: Box; inks: Inks }): ReactElement {
  const middle = box.x + box.width / 2
  return (
    <g>
      <text x={middle} y={box.y + 16} fontWeight="550" fill={inks.ink} textAnchor="middle">
        {short(box.title, box.width, 13, "sans")}
      </text>
      <text x={middle} y={box.y + 34} fontFamily={MONO} fontSize="12" fill={inks.quiet} textAnchor="middle">
        {short([box.summary, box.parameters && `${box.parameters} par.`].filter(Boolean).join(" · "), box.width + 24, 12, "mono")}
      </text>
      {discsOf(box).map(({ x, y }) => (
        <circle key={y} cx={x} cy={y} r={UNIT / 2} fill={inks.panel} stroke={inks.quiet} strokeWidth="1.25" />
      ))}
    </g>
  )
}

function Pill({ x, y, text, inks }: { x: number; y: number; text: string; inks: Inks }): ReactElement {
  const width = text.length * 7.2 + 14
  return (
    <g>
      <rect x={x - width} y={y - 10} width={width} height="20" rx="10" fill={inks.paper} stroke={inks.line} />
      <text x={x - width / 2} y={y + 4} fontFamily={MONO} fontSize="12" fill={inks.quiet} textAnchor="middle">
        {text}
      </text>
    </g>
  )
}

/** As much of a text as fits. */
function short(text: string, width: number, size: number, kind: keyof typeof WIDE): string {
  const most = Math.max(1, Math.floor(width / (size * WIDE[kind])))
  const signs = [...text]
  return signs.length <= most ? text : `${signs.slice(0, most - 1).join("")}…`
}
