/** The one big button. It has the focus when the page opens, so Space trains at once. */
import { useEffect, useRef } from "react"
import { useStore } from "../store"
import { isTraining, isUnderWay, playOrPause } from "./commands"
import { Icon } from "./icons"

let focusedAtOpen = false

export function TrainButton({ thumb = false }: { thumb?: boolean }) {
  const running = useStore((s) => isUnderWay(s.run?.state))
  const queued = useStore((s) => s.run?.state === "queued")
  const word = queued ? "Queued" : running ? "Pause" : "Train"
  const ready = useStore((s) => s.document !== null)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!ready || focusedAtOpen || thumb) return
    focusedAtOpen = true
    const root = button.current?.getRootNode() as Document | ShadowRoot | undefined
    if (!root?.activeElement || root.activeElement === document.body) button.current?.focus({ preventScroll: true })
  }, [ready, thumb])
  useEffect(() => (thumb ? undefined : onComingBack(() => button.current)), [thumb])
  return (
    <button
      ref={button}
      type="button"
      className={thumb ? "pgl-thumb" : "pgl-train-button"}
      data-testid="train"
      aria-pressed={running}
      aria-label={queued ? "Queued. Leave the queue" : thumb ? word : undefined}
      aria-keyshortcuts="Space Control+Enter"
      disabled={!ready}
      onClick={playOrPause}
    >
      <Icon name={running ? "pause" : "play"} size={thumb ? 22 : 15} />
      {!thumb && (
        <>
          <span>{word}</span>
          <kbd aria-hidden="true">Space</kbd>
        </>
      )}
    </button>
  )
}

/** A run that was paused while nobody looked goes on with Space: the button has the focus when the page is seen again. */
function onComingBack(button: () => HTMLButtonElement | null): () => void {
  let trained = false
  const changed = (): void => {
    if (document.visibilityState === "hidden") trained = isTraining()
    else if (trained) soon(() => !isTraining() && !isTyping(button()) && button()?.focus({ preventScroll: true }))
  }
  document.addEventListener("visibilitychange", changed)
  return () => document.removeEventListener("visibilitychange", changed)
}

/** What happened meanwhile arrives with the next messages. */
function soon(task: () => void): void {
  setTimeout(task, 300)
}

function isTyping(button: HTMLElement | null): boolean {
  const focused = (button?.getRootNode() as Document | ShadowRoot | undefined)?.activeElement
  return focused instanceof HTMLElement && focused.matches("input, textarea, select, [contenteditable]")
}
