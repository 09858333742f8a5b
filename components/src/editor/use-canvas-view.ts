import { useNodesInitialized, useReactFlow, useStore as useFlowStore, useStoreApi } from "@xyflow/react"
import { useCallback, useEffect, useLayoutEffect } from "react"
import type { LayerNode, WireEdge } from "./flow"
import { put } from "../document/drawing"
import { networkOf } from "../document/graph"
import { withEveryPlace } from "../document/tidy"
import { getState, setState, useStore } from "../store"
import { registerCanvas, sizeOf } from "./placing"

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

  const show = useCallback(
    (ids: string[] | null, duration: number, smallest = 0.05) => {
      const { width, height } = store.getState()
      const bounds = boundsOf(ids)
      if (!bounds || width === 0 || height === 0) return
      const viewport = viewportFor(bounds, width, height, smallest)
      void flow.setViewport(viewport, { duration })
      setState({ viewport })
    },
    [flow, store],
  )

  // The first fit is the last: from here on the camera is where the person left it, also after a page switch.
  const measured = useNodesInitialized()
  const sized = useFlowStore((s) => s.width > 0 && s.height > 0)
  const unplaced = useStore((s) => networkOf(s.drawing!).nodes.some((node) => !s.drawing!.layout.nodes[node.id]))
  const checked = useStore((s) => s.checked !== null)
  useLayoutEffect(() => {
    // Where nodes stand that nobody placed depends on how large they are drawn, and that on their shapes.
    if (!measured || !sized || (unplaced && !checked)) return
    const { document, drawing, inside, shipped } = getState()
    if (unplaced && document && drawing) setState({ document: put(document, inside, withEveryPlace(drawing, sizeOf), shipped) })
    else if (!getState().viewport) show(null, 0, READABLE)
  }, [measured, sized, show, unplaced, checked])

  useEffect(() => {
    const element = () => store.getState().domNode
    const duration = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : SMOOTH
    registerCanvas({
      middle: () => {
        const rect = element()?.getBoundingClientRect()
        return rect ? flow.screenToFlowPosition({ x: rect.left + rect.width / 2, y: rect.top + rect.height / 2 }) : { x: 0, y: 0 }
      },
      placeOf: (point) => flow.screenToFlowPosition(point),
      fit: (ids) => show(ids ?? null, duration),
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
  }, [flow, store, box, show])

  return box
}

function boundsOf(ids: readonly string[] | null): Box | null {
  const { drawing: document } = getState()
  const places = Object.entries(document?.layout.nodes ?? {}).filter(([id]) => !ids || ids.includes(id))
  if (places.length === 0) return null
  const boxes = places.map(([id, at]) => ({ ...at, ...sizeOf(id) }))
  const x = Math.min(...boxes.map((b) => b.x))
  const y = Math.min(...boxes.map((b) => b.y))
  return {
    x,
    y,
    width: Math.max(...boxes.map((b) => b.x + b.width)) - x,
    height: Math.max(...boxes.map((b) => b.y + b.height)) - y,
  }
}

// What must stay free around the drawing: the headline above, the rail on the left, the tools below.
const FREE = { top: 92, right: 36, bottom: 64, left: 68 }
const LARGEST = 1.35
/** A network opens no smaller than this: a thousand specks say nothing. "Show all" still shows all. */
const READABLE = 0.3

/** Everything in view. Left-over height goes below the drawing, where the cards of its layers open. */
export function viewportFor(bounds: Box, width: number, height: number, smallest = 0.05): { x: number; y: number; zoom: number } {
  const narrow = width < 600
  const free = narrow ? { top: 76, right: 16, bottom: 16, left: 16 } : FREE
  const wide = width - free.left - free.right
  const tall = height - free.top - free.bottom
  const zoom = Math.max(smallest, Math.min(LARGEST, wide / bounds.width, tall / bounds.height))
  // What does not fit at the smallest zoom begins at the left and at the top.
  const spare = Math.max(0, tall - bounds.height * zoom)
  return {
    x: free.left + Math.max(0, wide - bounds.width * zoom) / 2 - bounds.x * zoom,
    y: free.top + spare * (narrow ? 0.5 : 0.14) - bounds.y * zoom,
    zoom,
  }
}
