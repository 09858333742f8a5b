/** Under the strip: what stands between this run and the machine it shares. One thing at a time. */
import { useEffect, useRef } from "react"
import type { Offer } from "../protocol"
import { useStore } from "../store"
import { answer, command, letOfferGo } from "./commands"
import { Icon } from "./icons"
import { HELD } from "./sentences"

export function RunNote() {
  const run = useStore((s) => s.run)
  const held = useStore((s) => s.held)
  const readonly = useStore((s) => s.readonly)
  if (readonly) return null
  if (run?.offer) return <OfferCard key={run.offer.text} offer={run.offer} />
  if (run?.state === "queued") return <Queued message={run.message ?? "Queued."} />
  if (!held) return null
  return (
    <div className="pgl-note" data-kind="held" data-testid="held-note" role="status">
      <span className="pgl-note-sign">
        <Icon name="pause" size={13} />
      </span>
      <p>{HELD}</p>
    </div>
  )
}

function Queued({ message }: { message: string }) {
  return (
    <div className="pgl-note" data-kind="queued" data-testid="queue-note">
      <p role="status">{message}</p>
      <button
        type="button"
        className="pgl-button pgl-outlined"
        data-testid="leave-queue"
        onClick={() => command("pause")}
      >
        Leave the queue
      </button>
    </div>
  )
}

/** The card itself takes the focus, so that a second press of Space answers nothing by accident; Tab reaches the answers. */
function OfferCard({ offer }: { offer: Offer }) {
  const card = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const root = card.current?.getRootNode() as Document | ShadowRoot | undefined
    const before = root?.activeElement
    card.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <div
      ref={card}
      className="pgl-note"
      data-kind="offer"
      data-testid="offer"
      role="alertdialog"
      aria-label="Before this run begins"
      aria-describedby="pgl-offer-text"
      tabIndex={-1}
      onKeyDown={(event) => {
        const onCard = event.target === card.current
        if (event.key === "Escape") letOfferGo()
        else if (!(onCard && event.key === " ")) return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <p id="pgl-offer-text">{offer.text}</p>
      <button type="button" className="pgl-button pgl-small" aria-label="Not now" title="Not now" onClick={letOfferGo}>
        <Icon name="close" size={14} />
      </button>
      <div className="pgl-note-answers">
        {offer.buttons.map(({ label, how }) => (
          <button
            key={how}
            type="button"
            className="pgl-button pgl-outlined"
            data-testid={`offer-${how}`}
            onClick={() => answer(how)}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  )
}
