/** The drawing that tells the kind (LOOK 24–25): ink lines only, 24 × 24. */
import type { ReactElement } from "react"
import type { Silhouette as Kind } from "../protocol"

const drawings: Record<Kind, ReactElement> = {
  dense: (
    <>
      <circle cx="12" cy="5" r="2.6" />
      <circle cx="12" cy="12" r="2.6" />
      <circle cx="12" cy="19" r="2.6" />
    </>
  ),
  conv: (
    <>
      <path d="M9.5 3.5h11v11" />
      <path d="M6.5 6.5h11v11" />
      <rect x="3.5" y="9.5" width="11" height="11" rx="1" />
      <path d="M6 12h3.5v3.5H6z" fill="currentColor" fillOpacity=".28" />
    </>
  ),
  pool: <path d="M3.5 4.5h17l-6 7.5v5l-5 3v-8z" />,
  norm: (
    <>
      <path d="M3 12h18" />
      <path d="M5 16.5c2.5 0 3.5-9 7-9s4.5 9 7 9" />
    </>
  ),
  dropout: (
    <>
      <circle cx="6" cy="6" r="2.2" />
      <circle cx="12" cy="6" r="2.2" strokeDasharray="1.6 1.6" />
      <circle cx="18" cy="6" r="2.2" />
      <circle cx="6" cy="12" r="2.2" strokeDasharray="1.6 1.6" />
      <circle cx="12" cy="12" r="2.2" />
      <circle cx="18" cy="12" r="2.2" />
      <circle cx="6" cy="18" r="2.2" />
      <circle cx="12" cy="18" r="2.2" />
      <circle cx="18" cy="18" r="2.2" strokeDasharray="1.6 1.6" />
    </>
  ),
  add: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7.5v9M7.5 12h9" />
    </>
  ),
  input: (
    <>
      <rect x="3.5" y="4.5" width="11" height="15" rx="1.5" />
      <path d="M6.5 8.5h5M6.5 12h5M6.5 15.5h3M17 12h4.5M19 9.5l2.5 2.5-2.5 2.5" />
    </>
  ),
  output: (
    <>
      <circle cx="15.5" cy="12" r="6" />
      <circle cx="15.5" cy="12" r="2" fill="currentColor" stroke="none" />
      <path d="M2.5 12h4M4.5 9.5 7 12l-2.5 2.5" />
    </>
  ),
  activation: (
    <>
      <path d="M3.5 12h17M12 3.5v17" strokeOpacity=".35" />
      <path d="M4 18.5c6 0 6.5-1 8-6.5s2-6.5 8-6.5" />
    </>
  ),
  block: (
    <>
      <rect x="2.5" y="6.5" width="19" height="14" rx="3" />
      <rect x="5" y="9" width="14" height="9" rx="1.5" />
      <path d="M14 6.5V3.5h6v3M9.5 13.5h5" />
    </>
  ),
  plain: (
    <>
      <rect x="4" y="5" width="16" height="14" rx="2" />
      <path d="M8 12h8" />
    </>
  ),
}

interface SilhouetteProps {
  kind: Kind | undefined
  size?: number
  /** An activation draws itself. */
  curve?: readonly number[] | null
}

export function Silhouette({ kind, size = 24, curve = null }: SilhouetteProps): ReactElement {
  return (
    <svg
      className="pg-silhouette"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {curve && curve.length > 1 ? (
        <>
          <path d="M3.5 12h17M12 3.5v17" strokeOpacity=".35" />
          <path d={curvePath(curve)} />
        </>
      ) : (
        (drawings[kind ?? "plain"] ?? drawings.plain)
      )}
    </svg>
  )
}

/** −3 … 3 across; upwards as far as the largest answer needs, at least to 1. */
function curvePath(curve: readonly number[]): string {
  const reach = Math.max(1, ...curve.map((value) => Math.min(3, Math.abs(value))))
  const points = curve.map((value, index) => {
    const x = 3.5 + (17 * index) / (curve.length - 1)
    const y = 12 - (8 * Math.max(-reach, Math.min(reach, value))) / reach
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  return `M${points.join("L")}`
}
