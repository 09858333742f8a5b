import { BaseEdge, getBezierPath, type EdgeProps } from "@xyflow/react"
import { memo, type ReactElement } from "react"
import { useStore, wireTrouble } from "../store"
import type { WireEdge } from "./flow"
import { useWayBack } from "./use-lane"

/** A wire from far away: one line, no label. */
export const FarWire = memo(function FarWire(props: EdgeProps<WireEdge>): ReactElement {
  const { id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected } = props
  const back = useWayBack(props)
  const state = useStore((s) => wireTrouble(s, source, target)?.severity)
  const path = back?.[0] ?? getBezierPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, curvature: 0.32 })[0]
  return (
    <g className="pg-wire" data-far data-state={state} data-selected={selected || undefined} data-testid={`wire-${source}-${target}`}>
      <BaseEdge id={id} path={path} interactionWidth={60} />
    </g>
  )
})
