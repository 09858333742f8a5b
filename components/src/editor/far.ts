/** From far away a card is a few pixels: it is drawn as a box, and its wires as plain lines. */
import { createContext, useContext } from "react"

/** Below this zoom a live picture is a few pixels: hundreds of them would cost more than they show. */
export const TOO_SMALL = 0.3

/** One answer for the whole canvas: hundreds of cards that each ask for the zoom would be asked in every frame. */
export const Far = createContext(false)

export function useFar(): boolean {
  return useContext(Far)
}
