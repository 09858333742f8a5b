/** The small cards that come over the canvas. */
import { ViewportPortal, useStore as useFlowStore } from "@xyflow/react"
import { useEffect, useRef, type ReactElement } from "react"
import { networkOf } from "../document/graph"
import { drawingTrouble, setUi, shallow, useLocked, useStore } from "../store"
import { openSearch } from "./actions"
import { DiagnosticChip } from "./DiagnosticChip"
import { sheet } from "./keys"
import { lessonNow } from "../lesson/lesson"
import { canvasView } from "./placing"

/** Moment 6: predict first, then look. */
export function PredictCard(): ReactElement | null {
  const predict = useStore((s) => s.ui.predict)
  // A lesson asks its own questions.
  if (!predict || lessonNow().lesson) return null
  return (
    <div className="pg-predict" role="dialog" aria-label="A question" data-testid="predict">
      <p className="pg-question">Without the middle layer, what shape can the boundary have?</p>
      {predict.answer === null ? (
        <div className="pg-answers">
          {["A circle", "A straight line", "Anything"].map((answer) => (
            <button key={answer} type="button" className="pg-button" onClick={() => setUi({ predict: { answer } })}>
              {answer}
            </button>
          ))}
        </div>
      ) : (
        <div className="pg-answers">
          <p className="pg-answer" data-testid="predict-answer">
            A straight line.
          </p>
          <button type="button" className="pg-button" onClick={() => setUi({ predict: null })}>
            Close
          </button>
        </div>
      )}
    </div>
  )
}

export function ReadonlyBar(): ReactElement | null {
  const readonly = useStore((s) => s.readonly)
  if (!readonly) return null
  return (
    <div className="pg-readonly" role="status" data-testid="readonly">
      This network belongs to someone else. Look at everything; make your copy to change it.
    </div>
  )
}

export function ShortcutSheet(): ReactElement | null {
  const open = useStore((s) => s.ui.sheet)
  const card = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (open) card.current?.focus()
  }, [open])
  if (!open) return null
  const close = () => {
    setUi({ sheet: false })
    canvasView()?.focus()
  }
  return (
    <div className="pg-veil" onClick={close}>
      <div
        ref={card}
        className="pg-sheet"
        role="dialog"
        aria-label="Keys"
        tabIndex={-1}
        data-testid="sheet"
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          if (event.key !== "Escape" && event.key !== "?") return
          event.stopPropagation()
          close()
        }}
      >
        <header>
          <h2>Keys</h2>
          <button type="button" className="pg-close" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        <div className="pg-sheet-columns">
          {sheet.map((part) => (
            <section key={part.title}>
              <h3>{part.title}</h3>
              <dl>
                {part.keys.map(([keys, what]) => (
                  <div key={keys}>
                    <dt>
                      <kbd>{keys}</kbd>
                    </dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </div>
  )
}

/** What concerns the whole network rather than one node. */
export function NetworkTrouble(): ReactElement | null {
  const diagnostics = useStore(drawingTrouble, shallow)
  if (diagnostics.length === 0) return null
  return (
    <div className="pg-network-trouble">
      {diagnostics.slice(0, 2).map((diagnostic) => (
        <DiagnosticChip key={diagnostic.code} diagnostic={diagnostic} />
      ))}
    </div>
  )
}

/** Nothing drawn yet: say how to begin. */
export function EmptyHint(): ReactElement | null {
  const empty = useStore((s) => s.drawing !== null && networkOf(s.drawing).nodes.length <= 2 && networkOf(s.drawing).edges.length === 0)
  const locked = useLocked()
  if (!empty || locked) return null
  return (
    <>
      <GhostWire />
      <button type="button" className="pg-empty" onClick={() => openSearch()}>
        Drop a layer here, or press <kbd>/</kbd> and type.
      </button>
    </>
  )
}

/** A dotted line where the first wire would be. */
function GhostWire(): ReactElement | null {
  const line = useFlowStore((s) => {
    const [a, b] = [...s.nodeLookup.values()]
    if (!a?.measured.width || !b?.measured.width) return null
    const y = (node: typeof a) => node.internals.positionAbsolute.y + (node.measured.height ?? 0) / 2
    const x = a.internals.positionAbsolute.x + a.measured.width
    return `M${x},${y(a)} C${x + 80},${y(a)} ${b.internals.positionAbsolute.x - 80},${y(b)} ${b.internals.positionAbsolute.x - 8},${y(b)}`
  })
  if (!line) return null
  return (
    <ViewportPortal>
      <svg className="pg-ghost" width="1" height="1" aria-hidden="true">
        <path d={line} />
      </svg>
    </ViewportPortal>
  )
}
