import { getSmoothStepPath, useStore as useFlowStore, type EdgeProps, type ReactFlowState } from "@xyflow/react"
import { useCallback } from "react"
import type { WireEdge } from "./flow"
import { TURN, laneOf, type Card } from "./lanes"

// The store tells of every movement of the camera; where the cards stand changes only with the list of nodes.
const known = new WeakMap<object, { cards: Card[]; lanes: Map<string, number | null> }>()

function laneIn({ nodes, nodeLookup }: ReactFlowState, source: string, target: string): number | null {
  let here = known.get(nodes)
  if (!here) {
    const cards = [...nodeLookup.values()].map(({ id, internals, measured }) => {
      return { id, ...internals.positionAbsolute, width: measured.width ?? 174, height: measured.height ?? 144 }
    })
    known.set(nodes, (here = { cards, lanes: new Map() }))
  }
  const key = `${source} ${target}`
  let lane = here.lanes.get(key)
  if (lane === undefined) here.lanes.set(key, (lane = laneOf(here.cards, source, target)))
  return lane
}

/** The path of a wire that goes back to an earlier column, around the cards, with the place of its label; else null. */
export function useWayBack(props: EdgeProps<WireEdge>): [path: string, x: number, y: number] | null {
  const { source, target, sourceX, targetX } = props
  const back = targetX < sourceX
  const lane = useFlowStore(useCallback((s: ReactFlowState) => (back ? laneIn(s, source, target) : null), [back, source, target]))
  if (lane === null) return null
  const { sourceY, targetY, sourcePosition, targetPosition } = props
  const [path] = getSmoothStepPath({
    sourceX,
    sourceY,
    sourcePosition,
    targetX,
    targetY,
    targetPosition,
    borderRadius: 12,
    offset: TURN,
    centerY: lane,
  })
  return [path, (sourceX + targetX) / 2, lane]
}
