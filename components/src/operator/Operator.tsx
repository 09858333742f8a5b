/** The operator's page: how the server is, and one word to everyone. */
import { useLayoutEffect, useRef, useState, type ReactElement } from "react"
import { schemeOf, type Scheme } from "../theme"
import { headline, rows, type OperatorData, type Order } from "./state"

export function Operator({ data, order }: { data: OperatorData; order: (order: Order) => void }): ReactElement {
  const root = useRef<HTMLDivElement>(null)
  const [scheme, setScheme] = useState<Scheme>("light")
  useLayoutEffect(() => {
    if (root.current) setScheme(schemeOf(root.current))
  })
  const { state } = data
  return (
    <div ref={root} className="pg-root pg-operator" data-theme={scheme} data-testid="operator">
      <header>
        <h2 data-testid="operator-headline" role="status">
          {state ? headline(state) : "The part that trains does not answer."}
        </h2>
        <p>{state ? "Everyone on this server. The numbers are of this moment." : "It is being started again; this page goes on by itself."}</p>
      </header>
      <div className="pgo-orders">
        <button type="button" className="pgo-order" data-testid="operator-pause" disabled={!state} onClick={() => order("pause")}>
          <b>Pause everything</b>
          <span>Every run stops where it is, the queue is emptied. Anyone may go on at once.</span>
        </button>
        {state?.held ? (
          <button type="button" className="pgo-order pgo-main" data-testid="operator-go-on" onClick={() => order("go_on")}>
            <b>Let them go on</b>
            <span>Everyone may train again. Paused runs wait for their owners.</span>
          </button>
        ) : (
          <button type="button" className="pgo-order pgo-main" data-testid="operator-hold" disabled={!state} onClick={() => order("hold")}>
            <b>Hold training</b>
            <span>Every run stops, and nobody trains until you let them. All screens say so.</span>
          </button>
        )}
      </div>
      {state && (
        <dl className="pgo-rows" data-testid="operator-rows">
          {rows(state).map((row) => (
            <div key={row.id}>
              <dt>{row.title}</dt>
              <dd data-testid={`operator-${row.id}`}>{row.value}</dd>
              <dd className="pgo-says">
                {row.says}
                {row.share !== undefined && (
                  <i className="pgo-bar" aria-hidden="true" data-full={row.share > 0.9 || undefined}>
                    <i style={{ width: `${Math.round(100 * row.share)}%` }} />
                  </i>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className="pgo-foot">
        The same from a terminal on the server: <code>playground stop</code>, <code>playground stop --hold</code>,{" "}
        <code>playground stop --go-on</code>.
      </p>
    </div>
  )
}
