/** What this viewer looks at, so that the server sends no more than that. */
import { send } from "../connection-api"

export interface Watch {
  visible: boolean
  focus: { node: string; unit: number } | null
  sample: number | null
  /** Path of the open block, `encoder[0]`: the nodes in it are drawn, too. */
  inside: string | null
}

let watched: Watch = { visible: true, focus: null, sample: null, inside: null }

export function watch(change: Partial<Watch>): void {
  const next = { ...watched, ...change }
  if (JSON.stringify(next) === JSON.stringify(watched)) return
  watched = next
  send({ type: "watch", ...watched })
}

/** After a reconnect the server has forgotten. */
export function watchAgain(): void {
  send({ type: "watch", ...watched })
}

/** Hidden pages get no frames. */
export function watchVisibility(): () => void {
  const changed = (): void => watch({ visible: document.visibilityState !== "hidden" })
  document.addEventListener("visibilitychange", changed)
  changed()
  return () => document.removeEventListener("visibilitychange", changed)
}
