/** Where in the network the open drawing lies, and the way out. */
import { useEffect, type ReactElement } from "react"
import { watch } from "../live/watching"
import { shallow, useStore } from "../store"
import { crumbs, leaveBlock, makeOwn, type Crumb } from "./blocks"
import { canvasView } from "./placing"

const sameCrumbs = (a: Crumb[], b: Crumb[]) => a.length === b.length && a.every((crumb, index) => shallow(crumb, b[index]!))

export function Breadcrumb(): ReactElement | null {
  const path = useStore(crumbs, sameCrumbs)
  const root = useStore((s) => s.document?.title || "Network")
  const fixed = useStore((s) => s.fixed)
  const readonly = useStore((s) => s.readonly)
  const shown = useStore((s) => s.prefix.slice(0, -1) || null)
  useEffect(() => watch({ inside: shown }), [shown])
  if (path.length === 0) return null
  const go = (depth: number) => {
    leaveBlock(depth)
    canvasView()?.focus()
  }
  // The button goes with what it did; the keys must not go with it.
  const own = () => {
    makeOwn()
    canvasView()?.focus()
  }
  const repeat = path.at(-1)!.repeat
  return (
    <nav className="pg-crumbs" aria-label="Open blocks" data-testid="breadcrumb">
      <ol>
        {[root, ...path.map((crumb) => crumb.title)].map((title, depth, all) => (
          <li key={depth}>
            {depth < all.length - 1 ? (
              <button type="button" title={depth === all.length - 2 ? `Back to ${title} (Escape)` : `Back to ${title}`} onClick={() => go(depth)}>
                {title}
              </button>
            ) : (
              <span aria-current="location">{title}</span>
            )}
          </li>
        ))}
      </ol>
      {repeat > 1 && <p className="pg-crumbs-note">repetition 1 of {repeat}</p>}
      {fixed && (
        <p className="pg-crumbs-note">
          drawn from its settings
          {!readonly && (
            <button type="button" className="pg-button" data-testid="make-own" onClick={own}>
              Make it my own
            </button>
          )}
        </p>
      )}
    </nav>
  )
}
