import { useLayoutEffect, useRef, useState, type Dispatch, type SetStateAction } from "react"
import type { ProjectDocument } from "../protocol"
import { useStore, type Selection } from "../store"
import { flowNodes, type LayerNode } from "./flow"

const GLIDE = 200

/** The nodes on the canvas: the document's, plus what only lasts while the mouse is down. Tidy glides, everything else is at once. */
export function useFlowNodes(
  document: ProjectDocument,
  selection: Selection,
): [LayerNode[], Dispatch<SetStateAction<LayerNode[]>>] {
  const [nodes, setNodes] = useState(() => flowNodes([], document, selection))
  const animate = useStore((s) => s.ui.animate)
  const animated = useRef(animate)

  useLayoutEffect(() => {
    const glide = animate !== animated.current && !window.matchMedia("(prefers-reduced-motion: reduce)").matches
    animated.current = animate
    if (!glide) {
      setNodes((current) => flowNodes(current, document, selection))
      return
    }
    let frame = 0
    let from: Map<string, LayerNode["position"]> | null = null
    const start = performance.now()
    const step = () => {
      const t = Math.min(1, (performance.now() - start) / GLIDE)
      const eased = 1 - (1 - t) ** 3
      setNodes((current) => {
        from ??= new Map(current.map((node) => [node.id, node.position]))
        const target = flowNodes(current, document, selection)
        if (t === 1) return target
        return target.map((node) => {
          const was = from!.get(node.id)
          if (!was) return node
          const x = was.x + (node.position.x - was.x) * eased
          const y = was.y + (node.position.y - was.y) * eased
          return { ...node, position: { x, y } }
        })
      })
      if (t < 1) frame = requestAnimationFrame(step)
    }
    step()
    return () => {
      cancelAnimationFrame(frame)
      setNodes((current) => flowNodes(current, document, selection))
    }
  }, [document, selection, animate])

  return [nodes, setNodes]
}
