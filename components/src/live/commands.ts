/** Play, pause and the rest, as the buttons and keys ask for them. */
import { send } from "../connection-api"
import type { CommandName } from "../protocol"
import { getState, toast } from "../store"
import { live } from "./live"

export function command(name: CommandName, value?: number | null): boolean {
  const sent = send(value === undefined ? { type: "command", name } : { type: "command", name, value })
  if (!sent) toast("Not connected. Your work is saved; try again in a moment.", "warn")
  else if (name === "play" && getState().opening !== null && !live.snapshot().trainedHere) live.beginAgain()
  else if (name === "play" || name === "step" || name === "epoch") live.markTrainedHere()
  return sent
}

export function isTraining(): boolean {
  const state = getState().run?.state
  return state === "running" || state === "starting"
}

export function playOrPause(): void {
  if (getState().readonly) toast("This is someone else's project. Make my copy to train it.")
  else command(isTraining() ? "pause" : "play")
}

export function setWeight(node: string, name: "weight" | "bias", index: number[], value: number): boolean {
  return send({ type: "weight", node, name, index, value })
}
