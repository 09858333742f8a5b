/** A word of the trade that explains itself on hover and focus. */
import type { ReactNode } from "react"
import { useStore } from "../store"

export function Word({ name, children }: { name: string; children?: ReactNode }) {
  const meaning = useStore((s) => s.glossary[name])
  if (!meaning) return <>{children ?? name}</>
  return (
    <span className="pgl-word" tabIndex={0} data-meaning={meaning} aria-description={meaning}>
      {children ?? name}
    </span>
  )
}
