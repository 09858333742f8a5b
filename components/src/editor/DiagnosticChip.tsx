import type { ReactElement } from "react"
import type { Diagnostic, Fix } from "../protocol"
import { useStore } from "../store"
import { repair } from "./actions"
import { repetitionOf } from "./blocks"
import { canvasView } from "./placing"

/** What is wrong, in one sentence, and what can be done about it in one click. */
export function DiagnosticChip({ diagnostic }: { diagnostic: Diagnostic }): ReactElement {
  const readonly = useStore((s) => s.readonly)
  const repetition = useStore((s) => repetitionOf(s, diagnostic.node))
  const owner = diagnostic.node ?? diagnostic.edge?.join("-") ?? "network"
  return (
    <div
      className="pg-chip"
      data-severity={diagnostic.severity}
      data-testid={`diagnostic-${owner}-${diagnostic.code}`}
      role="status"
    >
      <span className="pg-chip-mark" aria-hidden="true">
        {diagnostic.severity === "error" ? "✕" : "!"}
      </span>
      <p>
        <span className="pg-unseen">{diagnostic.severity === "error" ? "Error: " : "Warning: "}</span>
        {repetition !== null && `In repetition ${repetition}: `}
        {diagnostic.message}
      </p>
      {!readonly && diagnostic.fixes.length > 0 && (
        <div className="pg-chip-fixes">
          {diagnostic.fixes.slice(0, 3).map((fix, index) => (
            <button key={fix.label} type="button" className="pg-button" data-testid={`fix-${index}`} onClick={() => mend(fix)}>
              {fix.label}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

/** The button goes with the trouble; the keys, undo first of all, must not go with it. */
function mend(fix: Fix): void {
  repair(fix)
  canvasView()?.focus()
}
