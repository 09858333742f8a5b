/** The case as large as it is, what the network answers, and, for tables, its values to change and ask again. */
import { useEffect, useRef, useState } from "react"
import { useTheme } from "../live/live"
import { readNumber, short } from "../live/numbers"
import { colourSheet, drawFromSheet, greyTable, prepare } from "../live/paint"
import type { Facts } from "./messages"
import { PlaneCase } from "./PlaneCase"
import { placeOf, type State, store } from "./store"

const SIDE = 280
const BARS = 5

export function CaseView({ state }: { state: State }) {
  const { cases, explanation, changed } = state
  const facts = cases?.facts
  const entry = cases?.cases.find((one) => one.id === state.chosen)
  const answer = state.said?.case === state.chosen ? state.said?.answer : undefined
  const probabilities = changed?.probabilities ?? answer?.probabilities ?? null
  return (
    <section className="pge-case" aria-label="The case">
      {facts?.view === "image" && state.chosen !== null && <Picture state={state} />}
      {facts?.view === "plane" && state.chosen !== null && <PlaneCase state={state} side={SIDE} />}
      <p className="pge-answer" data-testid="answer" aria-live="polite">
        {answer?.sentence ?? (entry ? ` ${entry.label}` : "")}
      </p>
      {facts && probabilities && (
        <Bars facts={facts} probabilities={probabilities} target={explanation?.target.index ?? null} />
      )}
      {facts && facts.view !== "image" && explanation?.features && <Values state={state} facts={facts} />}
    </section>
  )
}

function Picture({ state }: { state: State }) {
  const canvas = useRef<HTMLCanvasElement | null>(null)
  const theme = useTheme()
  const { tiles, chosen, tab, cases } = state
  useEffect(() => {
    const array = tiles?.arrays.get("tiles")
    if (!canvas.current || !array || !theme || chosen === null) return
    const place = placeOf({ ...state, tiles, chosen, tab, cases }, chosen, tab)
    const [, h, w] = array.shape as [number, number, number]
    const context = prepare(canvas.current, SIDE, SIDE)
    const sheet = place >= 0 && colourSheet(array.values as Uint8Array, 1, h, w, greyTable(theme.dark), place)
    if (context && sheet) drawFromSheet(context, sheet, 0, { x: 0, y: 0, width: SIDE, height: SIDE }, false)
  })
  return (
    <canvas
      ref={canvas}
      className="pge-picture"
      role="img"
      aria-label="The case as the network sees it"
      style={{ width: SIDE, height: SIDE }}
    />
  )
}

interface BarsProps {
  facts: Facts
  probabilities: number[]
  target: number | null
}

/** The likeliest classes; a press asks for the reasons of that class instead. */
function Bars({ facts, probabilities, target }: BarsProps) {
  const order = probabilities
    .map((share, kind) => ({ kind, share }))
    .sort((a, b) => b.share - a.share)
    .slice(0, BARS)
  return (
    <div className="pge-bars" role="group" aria-label="Probability of each class">
      {order.map(({ kind, share }) => (
        <button
          key={kind}
          type="button"
          className="pge-bar"
          aria-pressed={kind === target}
          title={`Explain ${facts.classes[kind]}`}
          onClick={() => store.pickTarget(kind)}
        >
          <span>{facts.classes[kind]}</span>
          <i style={{ "--share": `${100 * share}%` } as React.CSSProperties} />
          <b>{share.toFixed(2)}</b>
        </button>
      ))}
    </div>
  )
}

function Values({ state, facts }: { state: State; facts: Facts }) {
  const features = state.explanation?.features ?? []
  const { changed } = state
  return (
    <div className="pge-values">
      <h3>Change a value, see the answer follow</h3>
      <div className="pge-fields">
        {features.map((credit, n) => (
          <Value
            key={`${state.chosen}-${credit.name}`}
            name={credit.name}
            value={changed?.values[n] ?? credit.value}
            onChange={(value) => store.changeValue(n, value)}
          />
        ))}
      </div>
      {changed && (
        <p className="pge-changed" role="status">
          {changedSentence(changed.answer, changed.probabilities, facts)}{" "}
          <button type="button" onClick={() => store.restore()}>
            Back to the case
          </button>
        </p>
      )}
    </div>
  )
}

export function changedSentence(answer: number | null, probabilities: number[] | null, facts: Facts): string {
  if (answer === null) return "Asking the network…"
  if (!probabilities) return `With your change: ${short(answer)}${facts.target_unit ? ` ${facts.target_unit}` : ""}.`
  return `With your change: ${facts.classes[answer]}, ${probabilities[answer]!.toFixed(2)}.`
}

interface ValueProps {
  name: string
  value: number | null
  onChange: (value: number) => void
}

function Value({ name, value, onChange }: ValueProps) {
  const [text, setText] = useState<string | null>(null)
  const take = (): void => {
    const read = text === null ? null : readNumber(text)
    if (read !== null && read !== value) onChange(read)
    setText(null)
  }
  return (
    <label>
      <span>{name}</span>
      <input
        inputMode="decimal"
        value={text ?? (value === null ? "" : String(Number(value.toPrecision(5))).replace("-", "−"))}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take()
          if (event.key === "Escape") setText(null)
        }}
      />
    </label>
  )
}
