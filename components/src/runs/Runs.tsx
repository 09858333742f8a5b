/** My runs: what was trained, how well, and the way back to each. */
import { useLayoutEffect, useRef, useState, type ReactElement } from "react"
import { schemeOf, type Scheme } from "../theme"
import { canGoOn, counted, duration, matching, sparkline, STATES, when, type RunEntry, type RunsData, type StateFilter } from "./list"

export interface Actions {
  open(run: string): void
  goOn(run: string): void
  remove(run: string): void
  start(): void
}

const FILTERS: { id: StateFilter; title: string }[] = [
  { id: "all", title: "All" },
  { id: "running", title: "Training" },
  { id: "finished", title: "Finished" },
  { id: "stopped", title: "Stopped" },
]

export function Runs({ data, actions }: { data: RunsData; actions: Actions }): ReactElement {
  const root = useRef<HTMLDivElement>(null)
  const [scheme, setScheme] = useState<Scheme>("light")
  const [search, setSearch] = useState("")
  const [filter, setFilter] = useState<StateFilter>("all")
  useLayoutEffect(() => {
    if (root.current) setScheme(schemeOf(root.current))
  })
  const shown = matching(data.runs, search, filter)
  return (
    <div ref={root} className="pg-root pg-runs" data-theme={scheme} data-testid="runs">
      {data.runs.length === 0 ? (
        <Empty sample={data.sample} start={actions.start} />
      ) : (
        <>
          <div className="pgr-head">
            <h2>Runs</h2>
            <span className="pgr-count" data-testid="run-count">
              {counted(shown.length, data.runs.length)}
            </span>
            <input
              type="search"
              value={search}
              placeholder="Filter by name, data, state"
              aria-label="Filter runs"
              data-testid="run-search"
              onChange={(event) => setSearch(event.target.value)}
            />
            <div className="pgr-filters" role="group" aria-label="State">
              {FILTERS.map(({ id, title }) => (
                <button key={id} type="button" aria-pressed={filter === id} onClick={() => setFilter(id)}>
                  {title}
                </button>
              ))}
            </div>
          </div>
          {shown.length === 0 ? (
            <p className="pgr-none">No run fits. Clear the filter to see all {data.runs.length}.</p>
          ) : (
            <Table runs={shown} actions={actions} />
          )}
        </>
      )}
    </div>
  )
}

function Table({ runs, actions }: { runs: readonly RunEntry[]; actions: Actions }): ReactElement {
  return (
    <table className="pgr-table">
      <thead>
        <tr>
          <th scope="col">Loss</th>
          <th scope="col">Run</th>
          <th scope="col">State</th>
          <th scope="col" className="pgr-number">
            Score
          </th>
          <th scope="col" className="pgr-number">
            Steps
          </th>
          <th scope="col" className="pgr-number">
            Time
          </th>
          <th scope="col">Started</th>
          <th scope="col">
            <span className="pgr-unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} actions={actions} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ run, actions }: { run: RunEntry; actions: Actions }): ReactElement {
  const [asking, setAsking] = useState(false)
  return (
    <tr data-testid="run" data-run={run.id}>
      <Cells run={run} />
      <td className="pgr-actions">
        {asking ? (
          <>
            <span>Delete it with its weights?</span>
            <button type="button" className="pgr-danger" data-testid="run-delete-yes" onClick={() => actions.remove(run.id)}>
              Delete
            </button>
            <button type="button" autoFocus onClick={() => setAsking(false)}>
              Keep
            </button>
          </>
        ) : (
          <>
            <button type="button" data-testid="run-open" onClick={() => actions.open(run.id)}>
              Open
            </button>
            {canGoOn(run) && (
              <button type="button" data-testid="run-go-on" onClick={() => actions.goOn(run.id)}>
                Train on
              </button>
            )}
            <button
              type="button"
              className="pgr-quiet"
              aria-label={`Delete ${run.name}`}
              data-testid="run-delete"
              onClick={() => setAsking(true)}
            >
              Delete
            </button>
          </>
        )}
      </td>
    </tr>
  )
}

function Cells({ run }: { run: RunEntry }): ReactElement {
  const state = STATES[run.state]
  return (
    <>
      <td className="pgr-curve">
        <svg viewBox="0 0 96 28" width="96" height="28" role="img" aria-label={curveWords(run)}>
          <path d={sparkline(run.curve, 96, 28)} />
        </svg>
      </td>
      <td className="pgr-name">
        <strong>{run.name}</strong>
        <small>
          {run.data} · {run.parameters.toLocaleString("en")} weights
        </small>
      </td>
      <td>
        <span className="pgr-state" data-state={run.state}>
          <i aria-hidden="true">{state.sign}</i>
          {state.word}
        </span>
      </td>
      <td className="pgr-number">{run.score || "–"}</td>
      <td className="pgr-number">{run.steps.toLocaleString("en")}</td>
      <td className="pgr-number">{duration(run.seconds)}</td>
      <td className="pgr-when">{when(run.started)}</td>
    </>
  )
}

function curveWords(run: RunEntry): string {
  const first = run.curve[0]
  const last = run.curve.at(-1)
  return first === undefined || last === undefined ? "No curve yet" : `Loss from ${first.toPrecision(2)} to ${last.toPrecision(2)}`
}

function Empty({ sample, start }: { sample: RunEntry; start: () => void }): ReactElement {
  return (
    <div className="pgr-empty" data-testid="runs-empty">
      <h2>Your runs will stand here</h2>
      <p>Everything you train is kept: its curve, its weights, its settings. This is what one looks like.</p>
      <div className="pgr-sample">
        <span className="pgr-pill">Sample</span>
        <table className="pgr-table">
          <tbody>
            <tr>
              <Cells run={sample} />
            </tr>
          </tbody>
        </table>
      </div>
      <button type="button" className="pgr-primary" data-testid="runs-start" onClick={start}>
        Train the first one
      </button>
    </div>
  )
}
