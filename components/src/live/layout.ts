/** Element sizes for drawings that must know how large they are. */
import { useLayoutEffect, useState } from "react"

export interface Size {
  width: number
  height: number
}

export function useElementSize(element: React.RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const target = element.current
    if (!target) return
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = target
      setSize((was) => (was.width === width && was.height === height ? was : { width, height }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return size
}

/** The live column's picture: as wide as the column, but everything below it stays on the screen. */
export function pictureSize({ width, height }: Size, below: number): number {
  const free = Math.min(width - 32, height - below)
  return Math.max(160, Math.min(560, Math.floor(free)))
}
