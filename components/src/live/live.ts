/** The one live state of the page and the hooks that read it. It lives in the module: a rerun of the page leaves it alone. */
import { useCallback, useEffect, useRef, useSyncExternalStore } from "react"
import { LiveStore, type LiveNumbers } from "./live-store"
import { prepare } from "./paint"
import { type Theme, ThemeStore } from "./theme"

export const live = new LiveStore()
export const themes = new ThemeStore()

themes.subscribe(() => live.redraw())

/** Reads from the numbers (at most five changes a second); renders again only when the selected value changes. */
export function useLive<T>(select: (numbers: LiveNumbers) => T): T {
  const last = useRef<{ from: LiveNumbers; select: unknown; value: T } | null>(null)
  const read = useCallback(() => {
    const from = live.snapshot()
    if (last.current?.from !== from || last.current.select !== select) {
      last.current = { from, select, value: select(from) }
    }
    return last.current.value
  }, [select])
  return useSyncExternalStore(live.subscribe, read, read)
}

export function useTheme(): Theme | null {
  return useSyncExternalStore(themes.subscribe, themes.snapshot, themes.snapshot)
}

/** Keeps the colours up to date: reads them after every render of the caller, and when the system's scheme changes. */
export function useThemeReading(element: React.RefObject<Element | null>, projector: boolean): void {
  useEffect(() => {
    if (element.current) themes.read(element.current, projector)
  })
  useEffect(() => {
    const query = window.matchMedia("(prefers-color-scheme: dark)")
    const again = (): void => {
      requestAnimationFrame(() => element.current && themes.read(element.current, projector))
    }
    query.addEventListener("change", again)
    return () => query.removeEventListener("change", again)
  }, [element, projector])
}

export interface Drawing {
  context: CanvasRenderingContext2D
  width: number
  height: number
  theme: Theme
}

/** A canvas that is painted straight from the arrays, once per animation frame in which one of them changed. */
export function useDrawing(
  names: readonly string[],
  width: number,
  height: number,
  draw: (drawing: Drawing) => void,
  zoom = 1,
): React.RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement | null>(null)
  const latest = useRef(draw)
  useEffect(() => {
    latest.current = draw
  })
  const key = names.join(" ")
  useEffect(() => {
    const paint = (): void => {
      const theme = themes.snapshot()
      if (!canvas.current || !theme || width <= 0 || height <= 0) return
      const context = prepare(canvas.current, width, height, zoom)
      if (context) latest.current({ context, width, height, theme })
    }
    const stop = live.onArrays(key.split(" "), paint)
    return stop
  }, [key, width, height, zoom, draw])
  return canvas
}
