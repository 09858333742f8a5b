/** The run, three tabs and their cases: pictures as tiles, rows of a table as lines. */
import { useEffect, useRef } from "react"
import { Icon } from "../live/icons"
import { drawFromSheet, colourSheet, greyTable, prepare } from "../live/paint"
import { useTheme } from "../live/live"
import { group } from "../live/numbers"
import { type CaseEntry, TABS, type Tab } from "./messages"
import { casesOf, placeOf, type State, store } from "./store"

const TILE = 56
const NAMES: Record<"classes" | "regression", Record<Tab, string>> = {
  classes: { right: "Right", wrong: "Wrong", unsure: "Unsure" },
  regression: { right: "Close", wrong: "Far off", unsure: "Between" },
}

export function Cases({ state, strip }: { state: State; strip: boolean }) {
  const { cases, tab } = state
  const names = NAMES[cases?.facts.task === "regression" ? "regression" : "classes"]
  const shown = casesOf(state, tab)
  return (
    <aside className="pge-cases" aria-label="Test cases">
      <RunPicker state={state} />
      <div className="pge-tabs" role="tablist" aria-label="Which answers">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            tabIndex={tab === name ? 0 : -1}
            onKeyDown={moveAmong}
            disabled={!cases || cases.counts[name] === 0}
            data-testid={`tab-${name}`}
            onClick={() => store.pickTab(name)}
          >
            {names[name]} <span>{cases ? group(cases.counts[name]) : "…"}</span>
          </button>
        ))}
      </div>
      <div className={cases?.facts.view === "image" ? "pge-grid" : "pge-list"} data-strip={strip || undefined}>
        {shown.map((entry) => (
          <CaseButton key={entry.id} state={state} entry={entry} />
        ))}
        {!cases &&
          Array.from({ length: 12 }, (_, n) => <i key={n} className="pge-skeleton" aria-hidden />)}
      </div>
    </aside>
  )
}

function RunPicker({ state }: { state: State }) {
  return (
    <div className="pge-run">
      <label htmlFor="explain-run">Run</label>
      {state.run !== null && store.canBuild && (
        <button type="button" data-testid="to-build" onClick={() => store.build()}>
          Back to its drawing
        </button>
      )}
      <select
        id="explain-run"
        data-testid="explain-run"
        value={state.run ?? ""}
        onChange={(event) => store.pickRun(event.target.value)}
        disabled={!state.runs}
      >
        {(state.runs ?? []).map((run) => (
          <option key={run.id} value={run.id}>
            {run.name === run.data ? run.name : `${run.name} · ${run.data}`} · step {group(run.steps)}
            {run.score ? ` · ${run.score}` : ""}
          </option>
        ))}
      </select>
    </div>
  )
}

function CaseButton({ state, entry }: { state: State; entry: CaseEntry }) {
  const chosen = state.chosen === entry.id
  const picture = state.cases?.facts.view === "image"
  return (
    <button
      type="button"
      className={picture ? "pge-tile" : "pge-row"}
      data-testid={`case-${entry.id}`}
      aria-pressed={chosen}
      aria-label={`Case ${entry.id}: ${entry.label}`}
      title={entry.label}
      onClick={() => store.pickCase(entry.id)}
      onKeyDown={moveAmong}
    >
      {picture ? <Tile state={state} place={placeOf(state, entry.id, entry.tab)} /> : entry.label}
      {state.cases?.facts.task !== "regression" && entry.truth !== entry.answer && (
        <i className="pge-mark">
          <Icon name="wrong" size={10} />
        </i>
      )}
    </button>
  )
}

/** Arrow keys walk through the cases and the tabs; in a grid, up and down by a row. */
function moveAmong(event: React.KeyboardEvent<HTMLButtonElement>): void {
  const from = event.currentTarget
  const all = [...from.parentElement!.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")]
  const place = all.indexOf(from)
  const row = Math.max(1, all.filter((button) => button.offsetTop === all[0]!.offsetTop).length)
  const down = row === all.length ? 1 : row
  const to = { ArrowRight: place + 1, ArrowLeft: place - 1, ArrowDown: place + down, ArrowUp: place - down, Home: 0, End: all.length - 1 }[
    event.key
  ]
  if (to === undefined || !all[to]) return
  event.preventDefault()
  all[to].focus()
  if (from.role === "tab") all[to].click()
}

function Tile({ state, place }: { state: State; place: number }) {
  const canvas = useRef<HTMLCanvasElement | null>(null)
  const theme = useTheme()
  const { tiles } = state
  useEffect(() => {
    const array = tiles?.arrays.get("tiles")
    if (!canvas.current || !array || !theme || place < 0) return
    const [, h, w] = array.shape as [number, number, number]
    const context = prepare(canvas.current, TILE, TILE)
    const sheet = colourSheet(array.values as Uint8Array, 1, h, w, greyTable(theme.dark), place)
    if (context && sheet) drawFromSheet(context, sheet, 0, { x: 0, y: 0, width: TILE, height: TILE }, TILE % w > 0)
  }, [tiles, theme, place])
  return <canvas ref={canvas} style={{ width: TILE, height: TILE }} />
}
