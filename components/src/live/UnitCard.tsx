/** The unit under the pointer, large, with its sum written out in live numbers. */
import { useCallback, useLayoutEffect, useRef, useState } from "react"
import { nodeOf } from "../document/graph"
import { getState } from "../store"
import { maximumOf, type LiveArray } from "./frames"
import { drawDiscs } from "./discs"
import { activationPhrase, isInputNode, prettyName, termNames } from "./incoming"
import { live, useDrawing, useLive } from "./live"
import { short } from "./numbers"
import { clipRound, colourSheet, drawFromSheet } from "./paint"
import { unitSentence, unitTrouble } from "./sentences"
import { useUnitInView, type UnitInView } from "./unit-in-view"

const SIZE = 176

export function UnitCard() {
  const shown = useUnitInView()
  return shown && <Card key={`${shown.node}/${shown.unit}`} {...shown} />
}

function Card({ node, unit, anchor }: UnitInView) {
  const box = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null)
  useLayoutEffect(() => {
    const root = box.current?.offsetParent
    if (!box.current || !root) return
    const [outer, at] = [root.getBoundingClientRect(), anchor.getBoundingClientRect()]
    const { offsetWidth: width, offsetHeight: height } = box.current
    const right = at.right - outer.left + 12
    const left = right + width < outer.width - 8 ? right : Math.max(8, at.left - outer.left - width - 12)
    const top = Math.min(Math.max(8, at.top - outer.top + at.height / 2 - height / 2), outer.height - height - 8)
    setPlace({ left, top: Math.max(8, top) })
  }, [anchor])

  const picture = useDrawing(
    [`focus/${node}/${unit}`, `picture/${node}`, `units/${node}`, "points"],
    SIZE,
    SIZE,
    useCallback(
      ({ context, theme }) => {
        const whole = { x: 0, y: 0, width: SIZE, height: SIZE }
        const focus = live.array(`focus/${node}/${unit}`)
        const picture = focus ?? live.array(`picture/${node}`)
        clipRound(context, whole, 6)
        const shape = picture?.shape.slice(-2) as [number, number] | undefined
        if (!picture || !shape || picture.values.length < (unit + 1) * (focus ? 1 : shape[0] * shape[1])) {
          const empty = { ...whole, x: -SIZE * 2 * unit }
          drawDiscs(
            context,
            live,
            node,
            Array.from({ length: 2 }, (_, n) => ({ ...empty, x: (n - unit) * SIZE * 2 })),
            theme,
            0,
          )
          return
        }
        const sheet = colourSheet(
          picture.values as Uint8Array,
          1,
          shape[0],
          shape[1],
          theme.scale.table,
          focus ? 0 : unit,
        )
        if (sheet) drawFromSheet(context, sheet, 0, whole, shape[0] > 8 && live.array("gallery") === undefined)
      },
      [node, unit],
    ),
  )
  const said = useLive(useCallback(() => sentenceOf(node, unit), [node, unit]))
  return (
    <div
      ref={box}
      className="pgl-card pgl-unit-card"
      role="tooltip"
      style={place ? { left: place.left, top: place.top } : { visibility: "hidden" }}
    >
      <header>
        <b>{said.title}</b>
        <span>{said.maximum}</span>
      </header>
      <canvas
        ref={picture}
        role="img"
        aria-label={`What ${said.title} answers`}
        style={{ width: SIZE, height: SIZE }}
      />
      {said.sum && <p>{said.sum}</p>}
      {said.trouble && <p className="pgl-warn">{said.trouble}</p>}
    </div>
  )
}

interface Said {
  title: string
  sum: string | null
  maximum: string
  trouble: string | null
}

let lastSaid: { key: string; said: Said } | null = null

/** Everything the card says; the same object while nothing changed, so that React rests. */
function sentenceOf(node: string, unit: number): Said {
  const state = getState()
  const { drawing: document, prefix, catalogue, checked } = state
  const picture = live.array(`focus/${node}/${unit}`) ?? live.array(`picture/${node}`)
  const most = picture ? maximumOf(picture, picture.name.startsWith("focus/") ? 0 : unit) : null
  const layer = document ? nodeOf(document, node.slice(prefix.length))?.layer : undefined
  const numbers = live.snapshot().nodes[node]
  const input = isInputNode(state, node)
  const said: Said = {
    title: input ? prettyName(checked?.facts?.feature_names[unit] ?? `Input ${unit + 1}`) : `Unit ${unit + 1}`,
    sum: input ? "A number from the data. The network cannot change it." : sumOf(node, unit),
    maximum: most === null ? "" : `±${short(most)}`,
    trouble: numbers ? unitTrouble(numbers) : null,
  }
  if (picture?.index) said.title = `Feature map ${(picture.index[unit] ?? unit) + 1}`
  const key = JSON.stringify(said)
  if (lastSaid?.key !== key) lastSaid = { key, said }
  return lastSaid.said

  function sumOf(path: string, row: number): string | null {
    const weights = live.array(`weight/${path}`)
    if (!document || !weights || weights.shape.length !== 2) return null
    const [out, into] = weights.shape as [number, number]
    if (row >= out) return null
    const names = termNames(document, catalogue, prefix ? null : (checked?.facts ?? null), path.slice(prefix.length), into)
    const terms = (weights.values as Float32Array).subarray(row * into, (row + 1) * into)
    return unitSentence(terms, names, biasOf(live.array(`bias/${path}`), row), activationPhrase(catalogue, layer))
  }
}

function biasOf(bias: LiveArray | undefined, row: number): number | null {
  return bias?.values[row] ?? null
}
