/** The weight a person points at or is typing a new number for. One note for the whole page. */
import { useSyncExternalStore } from "react"

export interface WeightInView {
  node: string
  index: [number, number]
  left: number
  top: number
  anchor: Element
  editing: boolean
}

let shown: WeightInView | null = null
const listeners = new Set<() => void>()

export function showWeight(weight: WeightInView | null): void {
  if (shown?.editing && weight !== null && !weight.editing) return
  shown = weight
  listeners.forEach((listener) => listener())
}

/** Without an index: whichever weight into the node is shown, for wires that go away under the pointer. */
export function hideWeight(node: string, index?: readonly number[]): void {
  if (shown?.node !== node) return
  if (index === undefined) showWeight(null)
  else if (!shown.editing && shown.index.join() === index.join()) showWeight(null)
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const read = (): WeightInView | null => shown

export function useWeightInView(): WeightInView | null {
  return useSyncExternalStore(subscribe, read, read)
}
