import { type ReactElement, type ReactNode } from "react"
import { Versions } from "./Versions"
import { redo, undo } from "../editing"
import { setPreferences, setUi, useStore } from "../store"
import { tidy } from "./actions"
import { groupSelection } from "./blocks"
import { canvasView } from "./placing"

/** The few tools that are always at hand, at the canvas' lower left. */
export function Toolbar(): ReactElement {
  const past = useStore((s) => s.history.past.at(-1)?.label ?? null)
  const future = useStore((s) => s.history.future.at(-1)?.label ?? null)
  const outline = useStore((s) => s.preferences.outline)
  const readonly = useStore((s) => s.readonly)
  const some = useStore((s) => s.selection.nodes.length > 0 && !s.fixed)
  const versions = useStore((s) => s.ui.versions)
  return (
    <>
    {versions && !readonly && <Versions close={() => setUi({ versions: false })} />}
    <div className="pg-tools" role="toolbar" aria-label="Drawing">
      {!readonly && (
        <>
          <Tool name="undo" title={past ? `Undo ${past} (Ctrl+Z)` : "Nothing to undo"} disabled={!past} onClick={undo}>
            <path d="M4 9h10a5.5 5.5 0 0 1 0 11h-3M4 9l4-4M4 9l4 4" />
          </Tool>
          <Tool name="redo" title={future ? `Redo ${future} (Ctrl+Y)` : "Nothing to redo"} disabled={!future} onClick={redo}>
            <path d="M20 9H10a5.5 5.5 0 0 0 0 11h3M20 9l-4-4M20 9l-4 4" />
          </Tool>
          <Tool name="versions" title="Versions" pressed={versions} onClick={() => setUi({ versions: !versions })}>
            <circle cx="12" cy="12" r="8.5" />
            <path d="M12 7v5l3.5 2" />
          </Tool>
          <span className="pg-tools-gap" />
          <Tool name="tidy" title="Tidy (T)" onClick={tidy}>
            <rect x="3" y="9" width="5" height="6" rx="1" />
            <rect x="16" y="3.5" width="5" height="6" rx="1" />
            <rect x="16" y="14.5" width="5" height="6" rx="1" />
            <path d="M8 12h4V6.5h4M12 12v5.5h4" />
          </Tool>
        </>
      )}
      {!readonly && (
        <Tool name="group" title={some ? "Group into a block (Ctrl+G)" : "Select layers to group them into a block"} disabled={!some} onClick={groupSelection}>
          <rect x="2.5" y="4" width="19" height="16" rx="3" strokeDasharray="3 2.5" />
          <path d="M6.5 9.5h4v5h-4zM13.5 9.5h4v5h-4zM10.5 12h3" />
        </Tool>
      )}
      <Tool name="fit" title="Show all (F)" onClick={() => canvasView()?.fit()}>
        <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />
      </Tool>
      <Tool name="toggle-outline" title="Outline (O)" pressed={outline} onClick={() => setPreferences({ outline: !outline })}>
        <path d="M9 6h11M9 12h11M9 18h11" />
        <path d="M4.5 6h.01M4.5 12h.01M4.5 18h.01" strokeWidth="2.6" />
      </Tool>
      <Tool name="keys" title="Keys (?)" onClick={() => setUi({ sheet: true })}>
        <path d="M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4" />
        <path d="M12 18h.01" strokeWidth="2.6" />
      </Tool>
    </div>
    </>
  )
}

interface ToolProps {
  name: string
  title: string
  disabled?: boolean
  pressed?: boolean
  onClick: () => void
  children: ReactNode
}

function Tool({ name, title, disabled = false, pressed, onClick, children }: ToolProps): ReactElement {
  return (
    <button
      type="button"
      data-testid={name}
      title={title}
      aria-label={title}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <svg
        width="18"
        height="18"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {children}
      </svg>
    </button>
  )
}
