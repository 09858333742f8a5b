import { BaseEdge, EdgeLabelRenderer, getBezierPath, useInternalNode, type EdgeProps } from "@xyflow/react"
import { memo, useState, type ReactElement } from "react"
import { WeightWires } from "../live"
import { shallow, useCosts, useStore, wireTrouble } from "../store"
import { DiagnosticChip } from "./DiagnosticChip"
import { useFar } from "./far"
import { FarWire } from "./FarWire"
import type { WireEdge } from "./flow"
import { shapeText } from "./summary"
import { unitPoints, useUnits } from "./unfolding"
import { useWayBack } from "./use-lane"

export function Wire(props: EdgeProps<WireEdge>): ReactElement {
  return useFar() ? <FarWire {...props} /> : <NearWire {...props} />
}

const NearWire = memo(function NearWire(props: EdgeProps<WireEdge>): ReactElement {
  const { id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected } = props
  const [hovered, setHovered] = useState(false)
  const fromUnits = useUnits(source)
  const toUnits = useUnits(target)
  const shape = shapeText(useCosts(source)?.shape)
  const dense = (useCosts(target)?.parameters ?? 0) > 0
  const over = useStore((s) => s.ui.over === id)
  const trouble = useStore((s) => wireTrouble(s, source, target), shallow)
  const prefix = useStore((s) => s.prefix)
  const from = useInternalNode(source)
  const to = useInternalNode(target)
  const back = useWayBack(props)
  const [path, labelX, labelY] = back ?? getBezierPath({
    sourceX,
    sourceY,
    sourcePosition,
    targetX,
    targetY,
    targetPosition,
    curvature: 0.32,
  })
  const openBoth = !back && fromUnits > 0 && toUnits > 0 && from !== undefined && to !== undefined
  const starts = from && fromUnits > 0 && !back ? unitPoints(from.internals.positionAbsolute, from.measured.width ?? 148, fromUnits, "right") : null
  const ends = to && toUnits > 0 && !back ? unitPoints(to.internals.positionAbsolute, to.measured.width ?? 148, toUnits, "left") : null

  return (
    <g
      className="pg-wire"
      data-over={over || undefined}
      data-state={trouble?.severity}
      data-selected={selected || undefined}
      data-testid={`wire-${source}-${target}`}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      {openBoth ? (
        <WeightWires source={prefix + source} target={prefix + target} from={starts!} to={ends!} dense={dense} selected={selected ?? false} />
      ) : (
        <>
          <BaseEdge id={id} path={path} interactionWidth={28} className={starts || ends ? "pg-behind" : undefined} />
          {(starts ?? ends)?.map((point, index) => (
            <path key={index} className="react-flow__edge-path pg-fan" d={fan(point, starts ? { x: targetX, y: targetY } : { x: sourceX, y: sourceY })} />
          ))}
        </>
      )}
      {(over || trouble || (hovered && shape && !openBoth)) && (
        <EdgeLabelRenderer>
          <div
            className="pg-wire-label nodrag nopan"
            data-chip={trouble ? true : undefined}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {over ? (
              <span className="pg-pill pg-pill-insert">Drop to insert</span>
            ) : trouble ? (
              <DiagnosticChip diagnostic={trouble} />
            ) : (
              <span className="pg-pill pg-mono">{shape}</span>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </g>
  )
})

/** One line of the fan between a column of units and the port of a folded node. */
function fan(unit: { x: number; y: number }, port: { x: number; y: number }): string {
  const middle = (unit.x + port.x) / 2
  return `M${unit.x},${unit.y} C${middle},${unit.y} ${middle},${port.y} ${port.x},${port.y}`
}
