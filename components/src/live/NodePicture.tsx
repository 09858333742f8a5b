/** What a node computes right now, small enough for its card. The arrays at hand decide what is drawn. */
import { useCallback, useMemo } from "react"
import type { NodePictureProps } from "../live-parts"
import { useStore } from "../store"
import { discBoxes, drawDiscs } from "./discs"
import { live, useDrawing, useLive } from "./live"
import { colourSheet, drawFromSheet, drawHistogram, clipRound, type Box } from "./paint"
import { drawAnswer } from "./plane"
import { Silhouette } from "../editor/Silhouette"
import { UnitButtons } from "./UnitButtons"

const WIDTH = 148
const DISC = 28
const MAP = 32
const MOST_DISCS = 16
const SHOWN_OF_MANY = 8

type Kind = "answer" | "shares" | "discs" | "many" | "maps" | "histogram" | "nothing"

/** Which drawing fits, from the output shape and the names and shapes of the arrays at hand. */
export function pictureKind(layout: string, path: string, silhouette: string, shape: readonly number[] | null): Kind {
  const has = (name: string): boolean => layout.includes(` ${name}:`) || layout.startsWith(`${name}:`)
  if (silhouette === "output") {
    if (has("output") || has("output_class")) return "answer"
    return has("probabilities") ? "shares" : "nothing"
  }
  const units = shape?.length === 1 ? shape[0]! : 0
  if (silhouette === "input" && units > 0 && units <= 2 && has("points")) return "discs"
  if (has(`picture/${path}`)) return shape?.length === 3 ? "maps" : units > MOST_DISCS ? "many" : "discs"
  if (has(`units/${path}`) && units > 0 && units <= MOST_DISCS) return "discs"
  return has(`histogram/${path}`) ? "histogram" : "nothing"
}

export function NodePicture({ path, silhouette, shape }: NodePictureProps) {
  const layout = useLive((numbers) => numbers.layout)
  const kind = pictureKind(layout, path, silhouette, shape)
  if (kind === "nothing") return <Silhouette kind={silhouette} size={40} />
  if (kind === "answer") return <Answer />
  if (kind === "shares") return <Shares />
  if (kind === "maps") return <Maps path={path} />
  if (kind === "histogram") return <Histogram path={path} />
  const units = shape![0]!
  return kind === "discs" ? <Discs path={path} units={units} /> : <ManyDiscs path={path} units={units} />
}

function Discs({ path, units }: { path: string; units: number }) {
  const boxes = useMemo(() => discBoxes(units, WIDTH, 80, DISC), [units])
  const height = Math.max(...boxes.map((box) => box.y + box.height))
  const canvas = useDrawing(
    [`picture/${path}`, `units/${path}`, "points"],
    WIDTH,
    height,
    useCallback(({ context, theme }) => drawDiscs(context, live, path, boxes, theme), [path, boxes]),
    2,
  )
  return (
    <div className="pgl-units" style={{ width: WIDTH, height }}>
      <canvas ref={canvas} aria-hidden="true" style={{ width: WIDTH, height }} />
      <UnitButtons path={path} units={units} boxes={boxes} />
    </div>
  )
}

/** The first units, and under them a histogram of all answers where the server sends one. */
function ManyDiscs({ path, units }: { path: string; units: number }) {
  const counted = useLive((numbers) => numbers.layout.includes(`histogram/${path}:`))
  const boxes = useMemo(
    () => discBoxes(SHOWN_OF_MANY, counted ? WIDTH : 124, counted ? 30 : 60, counted ? 15 : DISC, 4),
    [counted],
  )
  const height = counted ? 44 : 60
  const canvas = useDrawing(
    [`picture/${path}`, `histogram/${path}`],
    WIDTH,
    height,
    useCallback(
      ({ context, theme }) => {
        drawDiscs(context, live, path, boxes, theme)
        const bins = live.array(`histogram/${path}`)
        if (bins) drawHistogram(context, { x: 0, y: 20, width: WIDTH, height: 24 }, bins.values, bins.range, theme)
      },
      [path, boxes],
    ),
    2,
  )
  return (
    <div className="pgl-units" style={{ width: WIDTH, height: height + 18 }}>
      <canvas ref={canvas} aria-hidden="true" style={{ width: WIDTH, height }} />
      <UnitButtons path={path} units={SHOWN_OF_MANY} boxes={boxes} />
      <span className="pgl-more">+ {units - SHOWN_OF_MANY}</span>
    </div>
  )
}

function Maps({ path }: { path: string }) {
  const shape = live.array(`picture/${path}`)?.shape
  const count = Math.min(6, shape?.[0] ?? 6)
  const boxes = useMemo<Box[]>(
    () =>
      Array.from({ length: count }, (_, n) => ({
        x: 20 + (n % 3) * (MAP + 6),
        y: Math.floor(n / 3) * (MAP + 4),
        width: MAP,
        height: MAP,
      })),
    [count],
  )
  const height = boxes.length > 3 ? 2 * MAP + 4 : MAP
  const canvas = useDrawing(
    [`picture/${path}`],
    WIDTH,
    height,
    useCallback(
      ({ context, theme }) => {
        const picture = live.array(`picture/${path}`)
        if (!picture || picture.shape.length !== 3) return
        const [maps, h, w] = picture.shape as [number, number, number]
        const sheet = colourSheet(picture.values as Uint8Array, Math.min(maps, boxes.length), h, w, theme.scale.table)
        boxes.forEach((box, n) => {
          if (!sheet || n >= maps) return
          context.save()
          clipRound(context, box, 3)
          drawFromSheet(context, sheet, n, box, false)
          context.restore()
        })
      },
      [path, boxes],
    ),
    2,
  )
  return (
    <div className="pgl-units" style={{ width: WIDTH, height }}>
      <canvas ref={canvas} aria-hidden="true" style={{ width: WIDTH, height }} />
      <UnitButtons path={path} units={count} boxes={boxes} maps />
    </div>
  )
}

function Histogram({ path }: { path: string }) {
  const canvas = useDrawing(
    [`histogram/${path}`],
    WIDTH,
    40,
    useCallback(
      ({ context, theme }) => {
        const bins = live.array(`histogram/${path}`)
        if (bins) drawHistogram(context, { x: 0, y: 0, width: WIDTH, height: 40 }, bins.values, bins.range, theme)
      },
      [path],
    ),
    2,
  )
  return (
    <canvas ref={canvas} role="img" aria-label="How often each answer occurs" style={{ width: WIDTH, height: 40 }} />
  )
}

const ANSWER = 76

function Answer() {
  const facts = useStore((s) => s.checked?.facts ?? null)
  const canvas = useDrawing(
    ["output", "output_class", "output_confidence"],
    ANSWER,
    ANSWER,
    useCallback(({ context, theme }) => {
      clipRound(context, { x: 0, y: 0, width: ANSWER, height: ANSWER }, 6)
      drawAnswer(context, ANSWER, live, theme, false)
    }, []),
    2,
  )
  const words = facts?.classes.length ? `: ${facts.classes.join(" or ")}` : ""
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={`The answer of the network${words}`}
      className="pgl-answer"
      style={{ width: ANSWER, height: ANSWER }}
    />
  )
}

/** One bar for each kind: how likely the network finds it for the picture shown. The likeliest is in ink. */
function Shares() {
  const canvas = useDrawing(
    ["probabilities"],
    WIDTH,
    ANSWER,
    useCallback(({ context, theme }) => {
      const shares = live.array("probabilities")?.values
      if (!shares) return
      const height = Math.min(14, ANSWER / shares.length)
      const most = Math.max(...shares)
      shares.forEach((share, n) => {
        context.fillStyle = theme.line
        context.fillRect(0, n * height, WIDTH, height - 1.5)
        context.fillStyle = share === most ? theme.text : theme.quiet
        context.fillRect(0, n * height, Math.max(1, share * WIDTH), height - 1.5)
      })
    }, []),
    2,
  )
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label="How likely the network finds each kind"
      style={{ width: WIDTH, height: ANSWER }}
    />
  )
}
