/** How this person likes the output picture drawn; remembered per browser, never part of the document. */
import { useSyncExternalStore } from "react"
import { live } from "./live"

export interface ViewChoices {
  testPoints: boolean
  discrete: boolean
}

const KEY = "playground:view"
const listeners = new Set<() => void>()
let choices: ViewChoices = { testPoints: false, discrete: false }

try {
  choices = { ...choices, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<ViewChoices>) }
} catch {
  // Without storage the choice lasts as long as the page.
}

export function viewChoices(): ViewChoices {
  return choices
}

export function choose(change: Partial<ViewChoices>): void {
  choices = { ...choices, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(choices))
  } catch {
    // As above.
  }
  listeners.forEach((listener) => listener())
  live.redraw()
}

export function useViewChoices(): ViewChoices {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    viewChoices,
    viewChoices,
  )
}
