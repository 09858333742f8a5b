/** The page: cases on the left, the case and its answer in the middle, one map with its stamp and its proof on the right. */
import { useEffect, useRef, useState, useSyncExternalStore } from "react"
import { useThemeReading } from "../live/live"
import { schemeOf, type Scheme } from "../theme"
import { Cases } from "./Cases"
import { CaseView } from "./CaseView"
import { MapView } from "./MapView"
import { store } from "./store"

type Size = "large" | "medium" | "phone"
const sizeOf = (width: number): Size => (width < 768 ? "phone" : width < 1200 ? "medium" : "large")

export function Explain() {
  const root = useRef<HTMLDivElement | null>(null)
  const state = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot)
  const [scheme, setScheme] = useState<Scheme>("light")
  const [size, setSize] = useState<Size>("large")
  useThemeReading(root, false)
  useEffect(() => {
    if (root.current) setScheme(schemeOf(root.current))
  })
  useEffect(() => {
    const element = root.current
    if (!element) return
    const observer = new ResizeObserver(() => {
      setSize(sizeOf(element.clientWidth))
      const top = element.getBoundingClientRect().top + window.scrollY
      element.parentElement?.style.setProperty("--bench-top", `${Math.max(0, Math.round(top))}px`)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={root} className="pg-root pge" data-theme={scheme} data-size={size}>
      {state.runs?.length === 0 ? (
        <NothingYet />
      ) : (
        <>
          <Cases state={state} strip={size !== "large"} />
          <CaseView state={state} />
          <MapView state={state} />
        </>
      )}
    </div>
  )
}

function NothingYet() {
  return (
    <section className="pge-nothing">
      <div className="pge-cards" aria-hidden>
        {Array.from({ length: 12 }, (_, n) => (
          <i key={n} />
        ))}
      </div>
      <h2>No network to ask yet</h2>
      <p>Train one under Build &amp; train. Then every answer it gives can be turned over here.</p>
    </section>
  )
}
