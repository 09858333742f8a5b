/** Says so when the connection is gone, and what happens next. */
import { useStore } from "../store"
import { CONNECTION_LOST, TOKEN_REFUSED } from "./sentences"

export function ConnectionNote() {
  const { state, seconds } = useStore((s) => s.connection)
  if (state !== "retrying" && state !== "refused") return null
  return (
    <div className="pgl-connection" data-testid="connection-note" role="status">
      {state === "refused" ? (
        <>
          {TOKEN_REFUSED}
          <button type="button" className="pgl-button pgl-outlined" onClick={() => window.location.reload()}>
            Reload
          </button>
        </>
      ) : (
        CONNECTION_LOST(seconds ?? 1)
      )}
    </div>
  )
}
