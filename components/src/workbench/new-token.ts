/** A server that was restarted does not know our token. Streamlit's own line to it is back by then, or soon: the page is
 *  asked to run once more, and brings a new one. */
import { getState, subscribe } from "../store"

const ATTEMPTS = 6
const FIRST_WAIT = 400

/** Calls `ask` with the present project whenever the token is refused, a few times with growing pauses. */
export function askForNewToken(ask: (project: string) => void): () => void {
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  const stop = subscribe(() => {
    const { state } = getState().connection
    if (state === "open") attempts = 0
    if (state !== "refused" || timer !== null || attempts >= ATTEMPTS) return
    timer = setTimeout(() => {
      timer = null
      const { connection, project } = getState()
      if (connection.state === "refused" && project) ask(project)
    }, FIRST_WAIT * 2 ** attempts)
    attempts += 1
  })
  return () => {
    stop()
    if (timer !== null) clearTimeout(timer)
  }
}
