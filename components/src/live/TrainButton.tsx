/** The one big button. It has the focus when the page opens, so Space trains at once. */
import { useEffect, useRef } from "react"
import { useStore } from "../store"
import { playOrPause } from "./commands"
import { Icon } from "./icons"

let focusedAtOpen = false

export function TrainButton({ thumb = false }: { thumb?: boolean }) {
  const running = useStore((s) => s.run?.state === "running" || s.run?.state === "starting")
  const ready = useStore((s) => s.document !== null)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!ready || focusedAtOpen || thumb) return
    focusedAtOpen = true
    const root = button.current?.getRootNode() as Document | ShadowRoot | undefined
    if (!root?.activeElement || root.activeElement === document.body) button.current?.focus({ preventScroll: true })
  }, [ready, thumb])
  return (
    <button
      ref={button}
      type="button"
      className={thumb ? "pgl-thumb" : "pgl-train-button"}
      data-testid="train"
      aria-pressed={running}
      aria-label={thumb ? (running ? "Pause" : "Train") : undefined}
      aria-keyshortcuts="Space Control+Enter"
      disabled={!ready}
      onClick={playOrPause}
    >
      <Icon name={running ? "pause" : "play"} size={thumb ? 22 : 15} />
      {!thumb && (
        <>
          <span>{running ? "Pause" : "Train"}</span>
          <kbd aria-hidden="true">Space</kbd>
        </>
      )}
    </button>
  )
}
