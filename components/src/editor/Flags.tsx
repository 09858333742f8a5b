import type { ReactElement } from "react"

/** Beside a node's title: that it is passed over, that it cannot be moved. In signs, and in words for who cannot see them. */
export function Flags({ muted, pinned }: { muted?: boolean; pinned?: boolean }): ReactElement | null {
  if (!muted && !pinned) return null
  return (
    <span className="pg-flags">
      {muted && (
        <span className="pg-flag" title="Muted: the wires go past it. M switches it on." data-testid="muted">
          muted
        </span>
      )}
      {pinned && (
        <svg className="pg-flag" width="12" height="12" viewBox="0 0 24 24" role="img" aria-label="Pinned" data-testid="pinned">
          <title>Pinned: it stays where it is. P lets it go.</title>
          <path d="M9 3h6l-1 7 4 3v2H6v-2l4-3zM12 15v6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" />
        </svg>
      )}
    </span>
  )
}
