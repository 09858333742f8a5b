/** One line for every weight between two unfolded layers. React draws them once; numbers move their attributes directly. */
import { memo, useCallback, useEffect, useMemo, useRef } from "react"
import type { WeightWiresProps } from "../live-parts"
import { useStore } from "../store"
import { live, themes, useLive } from "./live"
import type { LiveNumbers } from "./live-store"
import { short } from "./numbers"
import { hideWeight, showWeight } from "./weight-in-view"
import { lineLook, linePath } from "./weight-look"

const EVERY = 100
const MOST_FLOWING = 64

export const WeightWires = memo(function WeightWires({ source, target, from, to, dense, selected }: WeightWiresProps) {
  const group = useRef<SVGGElement>(null)
  const count = dense ? from.length * to.length : Math.min(from.length, to.length)
  const flowing = useStore((s) => s.run?.state === "running") && count <= MOST_FLOWING
  const fresh = useNewUnits(target)
  const freshBefore = useNewUnits(source)
  const isNew = (row: number, column: number): boolean => fresh.includes(row) || freshBefore.includes(column)

  const lines = useMemo(
    () =>
      dense
        ? to.flatMap((end, row) => from.map((start, column) => ({ row, column, path: linePath(start, end) })))
        : from.slice(0, to.length).map((start, n) => ({ row: n, column: n, path: linePath(start, to[n]!) })),
    [from, to, dense],
  )

  useEffect(() => () => hideWeight(target), [target, count])

  useEffect(() => {
    if (!dense) return
    let due = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const paint = (): void => {
      clearTimeout(timer)
      const wait = due - performance.now()
      if (wait > 0) {
        timer = setTimeout(paint, wait)
        return
      }
      due = performance.now() + EVERY
      if (group.current) paintLines(group.current, target, from.length)
    }
    const stop = live.onArrays([`weight/${target}`], paint)
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [lines, target, from.length, dense, fresh, flowing])

  return (
    <g ref={group} className="pgl-wires" data-flowing={flowing || undefined} data-selected={selected || undefined}>
      {lines.map(({ row, column, path }) => (
        <g
          key={`${row}.${column}`}
          className="pgl-wire nopan"
          data-testid="weight-line"
          data-row={row}
          data-column={column}
          data-new={isNew(row, column) || undefined}
          role={dense ? "button" : undefined}
          tabIndex={dense ? 0 : undefined}
          {...(dense
            ? handlers(target, [row, column], `from ${source} unit ${column + 1} to ${target} unit ${row + 1}`)
            : {})}
        >
          <path className="pgl-wire-line" d={path} />
          {isNew(row, column) && <path className="pgl-wire-new" d={path} />}
          {flowing && <path className="pgl-flow" d={path} />}
          <path className="pgl-wire-hit" d={path} />
        </g>
      ))}
    </g>
  )
})

const none: number[] = []

/** Units that came with the last edit: outlined until they have learned a little. */
function useNewUnits(node: string): number[] {
  return useLive(useCallback((numbers: LiveNumbers) => numbers.nodes[node]?.new ?? none, [node]))
}

function handlers(node: string, index: [number, number], said: string) {
  const at = (event: React.MouseEvent | React.FocusEvent, editing: boolean): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const mouse = "clientX" in event && (event.clientX !== 0 || event.clientY !== 0)
    showWeight({
      node,
      index,
      editing,
      anchor: event.currentTarget,
      left: mouse ? event.clientX : box.left + box.width / 2,
      top: mouse ? event.clientY : box.top + box.height / 2,
    })
  }
  return {
    "aria-label": `Weight ${said}`,
    onPointerEnter: (event: React.PointerEvent) => at(event, false),
    onPointerMove: (event: React.PointerEvent) => at(event, false),
    onPointerLeave: () => hideWeight(node, index),
    onFocus: (event: React.FocusEvent) => at(event, false),
    onBlur: () => hideWeight(node, index),
    onClick: (event: React.MouseEvent) => {
      event.stopPropagation()
      at(event, true)
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      event.stopPropagation()
      const box = event.currentTarget.getBoundingClientRect()
      const [left, top] = [box.left + box.width / 2, box.top + box.height / 2]
      showWeight({ node, index, editing: true, anchor: event.currentTarget, left, top })
    },
  }
}

/** Writes width, colour and dash of every line of one layer. A few hundred attribute writes, at most ten times a second. */
function paintLines(group: SVGGElement, target: string, columns: number): void {
  const theme = themes.snapshot()
  const weights = live.array(`weight/${target}`)
  if (!theme) return
  for (const line of group.children) {
    const { row, column } = (line as SVGGElement).dataset
    const path = line.querySelector<SVGPathElement>(".pgl-wire-line")
    const weight = weights?.shape[1] === columns ? weights.values[Number(row) * columns + Number(column)] : undefined
    if (!path) continue
    if (weight === undefined) {
      path.removeAttribute("style")
      continue
    }
    const { width, colour, dash } = lineLook(weight, theme)
    path.style.stroke = colour
    path.style.strokeWidth = width.toFixed(2)
    path.style.strokeDasharray = dash
    path.dataset.sign = weight < 0 ? "minus" : "plus"
    ;(line as SVGGElement).dataset.value = short(weight)
  }
}
