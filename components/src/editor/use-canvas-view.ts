import { useNodesInitialized, useReactFlow, useStoreApi } from "@xyflow/react"
import { useCallback, useEffect } from "react"
import type { LayerNode, WireEdge } from "./flow"
import { getState, setState } from "../store"
import { registerCanvas } from "./placing"

type Box = { x: number; y: number; width: number; height: number }

const SMOOTH = 200

/** Lets the rest of the editor ask the canvas where things are; returns the box of a node. */
export function useCanvasView(): (id: string) => Box | null {
  const flow = useReactFlow<LayerNode, WireEdge>()
  const store = useStoreApi()

  const box = useCallback(
    (id: string): Box | null => {
      const node = flow.getInternalNode(id)
      if (!node) return null
      const { x, y } = node.internals.positionAbsolute
      return { x, y, width: node.measured.width ?? 160, height: node.measured.height ?? 130 }
    },
    [flow],
  )

  // The first fit is the last: from here on the camera is where the person left it, also after a page switch.
  const measured = useNodesInitialized()
  useEffect(() => {
    if (!measured) return undefined
    const timer = setTimeout(() => getState().viewport ?? setState({ viewport: flow.getViewport() }), 300)
    return () => clearTimeout(timer)
  }, [measured, flow])

  useEffect(() => {
    const element = () => store.getState().domNode
    const duration = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : SMOOTH
    registerCanvas({
      toDrawing: (point) => flow.screenToFlowPosition(point),
      middle: () => {
        const rect = element()?.getBoundingClientRect()
        return rect ? flow.screenToFlowPosition({ x: rect.left + rect.width / 2, y: rect.top + rect.height / 2 }) : { x: 0, y: 0 }
      },
      size: (id) => box(id) ?? { width: 160, height: 130 },
      fit: (ids) => {
        const nodes = ids?.map((id) => ({ id }))
        void flow.fitView({ duration, maxZoom: 1.35, padding: 0.14, ...(nodes ? { nodes } : {}) })
      },
      zoom: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: duration / 2 }),
      reveal: (id) => {
        const at = box(id)
        const rect = element()?.getBoundingClientRect()
        if (!at || !rect) return
        const from = flow.screenToFlowPosition({ x: rect.left, y: rect.top })
        const to = flow.screenToFlowPosition({ x: rect.right, y: rect.bottom })
        const inside = at.x >= from.x && at.y >= from.y && at.x + at.width <= to.x && at.y + at.height <= to.y
        if (!inside) void flow.setCenter(at.x + at.width / 2, at.y + at.height / 2, { zoom: flow.getZoom(), duration })
      },
      focus: () => element()?.closest<HTMLElement>(".pg-editor")?.focus({ preventScroll: true }),
    })
    return () => registerCanvas(null)
  }, [flow, store, box])

  return box
}
