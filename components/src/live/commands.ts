/** Play, pause and the rest, as the buttons and keys ask for them. */
import { send } from "../connection-api"
import { sendAfterEdits } from "../editing"
import { showTrouble } from "../editor/arranging"
import type { CommandName, How } from "../protocol"
import { getState, setState, toast } from "../store"
import { live } from "./live"

const NOT_CONNECTED = "Not connected. Your work is saved; try again in a moment."

export function command(name: CommandName, value?: number | null): boolean {
  // The server says in a sentence why it cannot train; here the place is shown.
  if (name === "play" || name === "step" || name === "epoch") showTrouble()
  const sent = sendAfterEdits(value === undefined ? { type: "command", name } : { type: "command", name, value })
  if (!sent) toast(NOT_CONNECTED, "warn")
  else if (name === "play" && getState().opening !== null && !live.snapshot().trainedHere) live.beginAgain()
  else if (name === "play" || name === "step" || name === "epoch") live.markTrainedHere()
  return sent
}

/** It trains, or will by itself: Space pauses it. */
export function isUnderWay(state: string | undefined): boolean {
  return state === "running" || state === "starting" || state === "queued"
}

export function isTraining(): boolean {
  return isUnderWay(getState().run?.state)
}

/** The answer to what was offered when Train was pressed. */
export function answer(how: How): void {
  if (!send({ type: "command", name: "play", how })) return void toast(NOT_CONNECTED, "warn")
  if (how !== "small") live.markTrainedHere()
}

/** Not now: the offer goes, and nothing happens. */
export function letOfferGo(): void {
  setState((s) => ({ run: s.run && { ...s.run, offer: null } }))
}

export function playOrPause(): void {
  if (getState().readonly) toast("This is someone else's project. Make my copy to train it.")
  else command(isTraining() ? "pause" : "play")
}

export function setWeight(node: string, name: "weight" | "bias", index: number[], value: number): boolean {
  return send({ type: "weight", node, name, index, value })
}
