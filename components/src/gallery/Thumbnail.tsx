/** What a template looks like: its drawing in small, and its data. */
import { useEffect, useRef, type ReactElement } from "react"
import { Silhouette } from "../editor/Silhouette"
import { wirePath } from "../files/drawing-layout"
import { laneOf } from "../editor/lanes"
import { useTheme } from "../live/live"
import { colourSheet, drawFromSheet, greyTable, prepare } from "../live/paint"
import type { GalleryCard, PlanePicture, TablePicture, TilesPicture } from "../protocol"

const NODE = { width: 150, height: 96 }
/** How far wires that go back leave the boxes. */
const REACH = 24
const SIDE = 96

export function MiniGraph({ card }: { card: GalleryCard }): ReactElement {
  const xs = card.nodes.map((node) => node.x)
  const ys = card.nodes.map((node) => node.y)
  const left = Math.min(...xs) - REACH
  const top = Math.min(...ys) - REACH
  const width = Math.max(...xs) + NODE.width + REACH - left
  const height = Math.max(...ys) + NODE.height + REACH - top
  const boxes = card.nodes.map(({ x, y }, index) => ({ id: String(index), x, y, ...NODE }))
  const middle = (n: number, side: 0 | 1) => ({ x: card.nodes[n]!.x + side * NODE.width, y: card.nodes[n]!.y + NODE.height / 2 })
  return (
    <svg className="pg-mini" viewBox={`${left} ${top} ${width} ${height}`} aria-hidden="true">
      {card.edges.map(([from, to], index) => (
        <path key={index} d={wirePath(middle(from, 1), middle(to, 0), laneOf(boxes, String(from), String(to)))} vectorEffect="non-scaling-stroke" />
      ))}
      {card.nodes.map((node, index) => (
        <g key={index} transform={`translate(${node.x} ${node.y})`}>
          <rect width={NODE.width} height={NODE.height} rx="12" vectorEffect="non-scaling-stroke" />
          <g transform={`translate(${NODE.width / 2 - 36} ${NODE.height / 2 - 36})`}>
            <Silhouette kind={node.silhouette} size={72} />
          </g>
        </g>
      ))}
    </svg>
  )
}

export function DataPicture({ card }: { card: GalleryCard }): ReactElement | null {
  const { picture } = card
  if (!picture) return null
  if ("points" in picture) return <Plane picture={picture} />
  if ("tiles" in picture) return <Tiles picture={picture} />
  return <Table picture={picture} />
}

function Plane({ picture }: { picture: PlanePicture }): ReactElement {
  const [low, high] = picture.domain
  const place = (value: number) => ((value - low) / (high - low)) * SIDE
  return (
    <span className="pg-data-picture">
      {picture.output && <Output packed={picture.output} />}
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">
        {picture.points.map(([x, y, value], index) =>
          value >= 0 ? (
            <circle key={index} className="pg-plus" cx={place(x)} cy={SIDE - place(y)} r="1.7" opacity={0.35 + 0.65 * value} />
          ) : (
            <rect key={index} className="pg-minus" x={place(x) - 1.4} y={SIDE - place(y) - 1.4} width="2.8" height="2.8" opacity={0.35 - 0.65 * value} />
          ),
        )}
      </svg>
    </span>
  )
}

const GRID = 50

function Output({ packed }: { packed: string }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  useEffect(() => {
    const context = canvas.current && theme && prepare(canvas.current, SIDE, SIDE)
    const sheet = context && colourSheet(unpacked(packed), 1, GRID, GRID, theme.scale.table)
    if (sheet) drawFromSheet(context, sheet, 0, { x: 0, y: 0, width: SIDE, height: SIDE }, true)
  }, [packed, theme])
  return <canvas ref={canvas} aria-hidden="true" />
}

function Tiles({ picture }: { picture: TilesPicture }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  useEffect(() => {
    const { width, height, tiles } = picture
    const context = canvas.current && prepare(canvas.current, SIDE, SIDE)
    const all = new Uint8Array(width * height * tiles.length)
    tiles.forEach((tile, n) => all.set(unpacked(tile).subarray(0, width * height), n * width * height))
    const sheet = context && colourSheet(all, tiles.length, height, width, greyTable(theme?.dark ?? false))
    if (!sheet) return
    const side = (SIDE - 4) / 3
    for (let n = 0; n < Math.min(9, tiles.length); n++) {
      drawFromSheet(context, sheet, n, { x: (n % 3) * (side + 2), y: Math.floor(n / 3) * (side + 2), width: side, height: side }, width > 12)
    }
  }, [picture, theme])
  return (
    <span className="pg-data-picture">
      <canvas ref={canvas} aria-hidden="true" />
    </span>
  )
}

function Table({ picture }: { picture: TablePicture }): ReactElement {
  const rows = picture.rows.length
  const columns = picture.rows[0]?.length ?? 1
  const [width, height] = [SIDE / columns, SIDE / rows]
  return (
    <span className="pg-data-picture">
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">
        {picture.rows.flatMap((row, y) =>
          row.map((value, x) => {
            const [w, h] = [(width - 2) * Math.max(0.15, Math.abs(value)), Math.min(height - 2, 6)]
            return (
              <rect
                key={`${x}-${y}`}
                className={value >= 0 ? "pg-plus" : "pg-minus"}
                x={x * width + (width - w) / 2}
                y={y * height + (height - h) / 2}
                width={w}
                height={h}
                rx="1"
              />
            )
          }),
        )}
      </svg>
    </span>
  )
}

function unpacked(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
}
