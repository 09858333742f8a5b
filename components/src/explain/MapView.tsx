/** One explanation: its map or its list, its stamp, its sentence, the ways to make it, and the attempt to prove it wrong. */
import { useEffect, useRef, useState } from "react"
import { useTheme } from "../live/live"
import { indexOf } from "../live/colours"
import { short } from "../live/numbers"
import { drawFromSheet, pixelSheet, prepare } from "../live/paint"
import { Credits } from "./Credits"
import type { ExplanationMessage } from "./messages"
import { ProveItWrong } from "./ProveItWrong"
import { Stamp, withMinus } from "./Stamp"
import { type State, store } from "./store"

const SIDE = 336
const PATIENCE = 1000

export function MapView({ state }: { state: State }) {
  const { explanation, asking, problem } = state
  return (
    <section className="pge-map" aria-label="The explanation" aria-busy={asking !== null}>
      <Methods state={state} />
      {asking && <Waiting text={asking.text} share={asking.share} />}
      {problem && (
        <p className="pge-problem" role="alert">
          {problem}{" "}
          {state.chosen !== null && (
            <button type="button" data-testid="ask-again" onClick={() => store.again()}>
              Ask again
            </button>
          )}
        </p>
      )}
      {explanation && <Shown state={state} explanation={explanation} />}
    </section>
  )
}

function Methods({ state }: { state: State }) {
  const layers = state.cases?.layers ?? []
  return (
    <div className="pge-methods" role="group" aria-label="Method">
      {(state.cases?.methods ?? []).map(({ part, offer, reason }) => (
        <button
          key={part.kind}
          type="button"
          data-testid={`method-${part.kind}`}
          aria-pressed={part.kind === state.method}
          disabled={offer === "not offered"}
          title={offer === "not offered" ? reason : part.help.split("\n")[0]}
          onClick={() => store.pickMethod(part.kind)}
        >
          {part.title}
        </button>
      ))}
      {layers.length > 1 && hasLayer(state) && (
        <select
          aria-label="Layer whose maps are read"
          value={state.layer ?? layers.at(-1)!.path}
          onChange={(event) => store.pickMethod(state.method, event.target.value)}
        >
          {layers.map(({ path, title }, n) => (
            <option key={path} value={path}>
              {title === layers[n - 1]?.title || title === layers[n + 1]?.title ? `${title} ${n + 1}` : title}
            </option>
          ))}
        </select>
      )}
    </div>
  )
}

function hasLayer(state: State): boolean {
  const method = state.cases?.methods.find(({ part }) => part.kind === state.method)
  return method !== undefined && "layer" in method.part.defaults
}

/** A still skeleton; after a second it says what is happening, and can be ended. */
function Waiting({ text, share }: { text: string; share: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="pge-waiting">
      <i className="pge-skeleton" style={{ height: SIDE }} aria-hidden />
      {late && (
        <p role="status">
          {text || "Waiting for a free place"} · {Math.round(100 * share)} %{" "}
          <button type="button" data-testid="cancel" onClick={() => store.cancel()}>
            Cancel
          </button>
        </p>
      )}
    </div>
  )
}

function Shown({ state, explanation }: { state: State; explanation: ExplanationMessage }) {
  const withheld = explanation.stamp.word === "WITHHELD"
  const picture = state.cases?.facts.view === "image"
  return (
    <>
      {withheld ? (
        <p className="pge-withheld" data-testid="withheld">
          {withMinus(explanation.sentence)}
        </p>
      ) : picture ? (
        <Heat state={state} explanation={explanation} />
      ) : (
        <Credits explanation={explanation} />
      )}
      <Stamp explanation={explanation} />
      {!withheld && <p className="pge-sentence">{withMinus(explanation.sentence)}</p>}
      {[...(explanation.caution ? [explanation.caution] : []), ...explanation.warnings].map((warning) => (
        <p className="pge-warning" key={warning}>
          {withMinus(warning)}
        </p>
      ))}
      {explanation.proof && <ProveItWrong proof={explanation.proof} probability={state.cases?.facts.task !== "regression"} />}
      <p className="pge-limits">
        {explanation.question} {explanation.cannot_say}
      </p>
    </>
  )
}

function Heat({ state, explanation }: { state: State; explanation: ExplanationMessage }) {
  const canvas = useRef<HTMLCanvasElement | null>(null)
  const theme = useTheme()
  const map = state.picture?.arrays.get("map")
  const thing = state.picture?.arrays.get("case")
  const most = typeof map?.maximum === "number" ? map.maximum : 0
  useEffect(() => {
    if (!canvas.current || !map || !theme) return
    const [h, w] = map.shape as [number, number]
    const pixels = new Uint32Array(h * w)
    for (let n = 0; n < pixels.length; n++) {
      const value = most > 0 ? map.values[n]! / most : 0
      pixels[n] = over(theme.scale.table[indexOf(value)]!, thing?.values[n] ?? 0, theme.dark)
    }
    const context = prepare(canvas.current, SIDE, SIDE)
    const sheet = pixelSheet(pixels, h, w)
    if (context && sheet) drawFromSheet(context, sheet, 0, { x: 0, y: 0, width: SIDE, height: SIDE }, false)
  }, [map, thing, theme, most])
  return (
    <figure className="pge-heat">
      <canvas
        ref={canvas}
        data-testid="explanation-map"
        role="img"
        aria-label={`${explanation.title}: ${explanation.sentence}`}
        style={{ width: SIDE, height: SIDE }}
      />
      <figcaption>
        <span className="pge-scale" aria-hidden>
          <i />
        </span>
        <span>− away from it</span>
        <span>towards {explanation.target.name} +</span>
        <b>max {short(most)}</b>
      </figcaption>
    </figure>
  )
}

/** The sign's colour with a breath of the picture under it, so that one sees what is marked. */
function over(colour: number, grey: number, dark: boolean): number {
  const ink = dark ? grey : 255 - grey
  const share = 0.24
  const channel = (shift: number): number =>
    Math.round((1 - share) * ((colour >>> shift) & 255) + share * ink) << shift
  return (channel(0) | channel(8) | channel(16) | (255 << 24)) >>> 0
}
