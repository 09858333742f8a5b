/** One button over each drawn unit: the pointer or the keyboard on it opens the unit's card. */
import { useEffect } from "react"
import { useStore } from "../store"
import { useLive } from "./live"
import type { Box } from "./paint"
import { hideUnit, showUnit } from "./unit-in-view"
import { isInputNode, prettyName } from "./incoming"

interface Props {
  path: string
  units: number
  boxes: readonly Box[]
  maps?: boolean
}

const none: number[] = []

export function UnitButtons({ path, units, boxes, maps = false }: Props) {
  const fresh = useLive((numbers) => numbers.nodes[path]?.new ?? none)
  const features = useStore((s) => s.checked?.facts?.feature_names)
  const isInput = useStore((s) => isInputNode(s, path))
  useEffect(() => () => hideUnit(path), [path, units])
  const said = (n: number): string => {
    if (isInput) return `Input ${prettyName(features?.[n] ?? String(n + 1))}`
    return `${maps ? "Feature map" : "Unit"} ${n + 1} of ${path}`
  }
  return boxes
    .slice(0, units)
    .map((box, n) => (
      <button
        key={n}
        type="button"
        className="pgl-unit nodrag nopan"
        data-testid={`unit-${path}-${n}`}
        data-new={fresh.includes(n) || undefined}
        data-maps={maps || undefined}
        aria-label={said(n)}
        style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
        onPointerEnter={(event) => showUnit({ node: path, unit: n, anchor: event.currentTarget })}
        onPointerLeave={() => hideUnit(path, n)}
        onFocus={(event) => showUnit({ node: path, unit: n, anchor: event.currentTarget })}
        onBlur={() => hideUnit(path, n)}
        onKeyDown={(event) => event.key === "Escape" && hideUnit(path, n)}
      />
    ))
}
