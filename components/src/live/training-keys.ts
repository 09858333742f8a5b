/** Space and Ctrl+Enter: Train from the keyboard, but never while somebody types or a control has the key for itself. */
import { useEffect } from "react"
import { playOrPause } from "./commands"

const OWN_KEYS =
  "input, textarea, select, button, a, [contenteditable], [role=button], [role=tab], [role=menuitem], [role=option], dialog"

export function useTrainingKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat) return
      const run = event.key === "Enter" && (event.ctrlKey || event.metaKey)
      if (!run && (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey)) return
      const at = event.composedPath()[0]
      if (!run && at instanceof Element && at.closest(OWN_KEYS)) return
      event.preventDefault()
      playOrPause()
    }
    window.addEventListener("keydown", pressed)
    return () => window.removeEventListener("keydown", pressed)
  }, [])
}
