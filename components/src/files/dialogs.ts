/** Which of the large dialogs is open. Not part of the document, nor of what one likes: closed again with the page. */
import { useSyncExternalStore } from "react"

export type DialogName = "export" | "gallery"

let open: DialogName | null = null
const listeners = new Set<() => void>()

export function openDialog(name: DialogName | null): void {
  open = name
  for (const listener of [...listeners]) listener()
}

export function useDialog(): DialogName | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => open,
  )
}
