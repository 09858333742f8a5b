/** Which unit a person points at. One card for the whole page; the server sends that unit's picture large. */
import { useSyncExternalStore } from "react"
import { watch } from "./watching"

export interface UnitInView {
  node: string
  unit: number
  anchor: Element
}

let shown: UnitInView | null = null
const listeners = new Set<() => void>()

export function showUnit(unit: UnitInView): void {
  shown = unit
  watch({ focus: { node: unit.node, unit: unit.unit } })
  listeners.forEach((listener) => listener())
}

/** Without a unit: whichever unit of the node is shown, for a node whose drawing goes away under the pointer. */
export function hideUnit(node: string, unit?: number): void {
  if (shown?.node !== node || (unit !== undefined && shown.unit !== unit)) return
  shown = null
  watch({ focus: null })
  listeners.forEach((listener) => listener())
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const read = (): UnitInView | null => shown

export function useUnitInView(): UnitInView | null {
  return useSyncExternalStore(subscribe, read, read)
}
