import { BaseEdge, getBezierPath, type EdgeProps } from "@xyflow/react"
import { memo, type ReactElement } from "react"
import { useStore } from "../store"
import type { WireEdge } from "./flow"
import { useWayBack } from "./use-lane"

/** A wire from far away: one line, no label. */
export const FarWire = memo(function FarWire(props: EdgeProps<WireEdge>): ReactElement {
  const { id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected } = props
  const back = useWayBack(props)
  const state = useStore(
    (s) => s.checked?.diagnostics.find((d) => d.edge !== null && d.node === null && d.edge[0] === source && d.edge[1] === target)?.severity,
  )
  const path = back?.[0] ?? getBezierPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, curvature: 0.32 })[0]
  return (
    <g className="pg-wire" data-far data-state={state} data-selected={selected || undefined} data-testid={`wire-${source}-${target}`}>
      <BaseEdge id={id} path={path} interactionWidth={60} />
    </g>
  )
})
