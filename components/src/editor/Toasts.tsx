import { useEffect, type ReactElement } from "react"
import { dismissToast, useStore, type Toast } from "../store"

const SHOWN_FOR = 7000

export function Toasts(): ReactElement {
  const toasts = useStore((s) => s.toasts)
  return (
    <div className="pg-toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.map((toast) => (
        <One key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

const marks = { note: "✓", warn: "!", error: "✕" }

function One({ toast }: { toast: Toast }): ReactElement {
  useEffect(() => {
    if (toast.level === "error") return undefined
    const timer = setTimeout(() => dismissToast(toast.id), SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [toast])
  return (
    <div className="pg-toast" data-level={toast.level}>
      <span className="pg-chip-mark" aria-hidden="true">
        {marks[toast.level]}
      </span>
      <p>{toast.text}</p>
      <button type="button" aria-label="Close" onClick={() => dismissToast(toast.id)}>
        ✕
      </button>
    </div>
  )
}
