import { Handle, Position, type NodeProps } from "@xyflow/react"
import { memo, type ReactElement } from "react"
import { nodeOf } from "../document/graph"
import { portsOf } from "../editing"
import { diagnosticsOf, useLayerEntry, useStore } from "../store"
import type { LayerNode } from "./flow"
import { sizeOf } from "./placing"
import { titleOf } from "./summary"

/** A card from far away: a box as large as the card, with its ports, and its trouble as a colour and a thick edge. */
export const FarCard = memo(function FarCard({ id, selected, width, height }: NodeProps<LayerNode>): ReactElement | null {
  const layer = useStore((s) => (s.drawing ? nodeOf(s.drawing, id)?.layer : undefined))
  const title = useStore((s) => {
    const node = s.drawing && nodeOf(s.drawing, id)
    return node ? titleOf(s.catalogue, node) : ""
  })
  const worst = useStore((s) => {
    const mine = diagnosticsOf(s, id)
    return mine.some((d) => d.severity === "error") ? "error" : mine.length > 0 ? "warning" : undefined
  })
  const entry = useLayerEntry(layer?.kind)
  if (layer === undefined) return null
  const usual = sizeOf(id)
  const box = { width: width ?? usual.width, height: height ?? usual.height }
  return (
    <div
      className="pg-far"
      style={box}
      title={title}
      data-testid={`node-${id}`}
      data-state={worst}
      data-silhouette={entry?.silhouette}
      data-selected={selected || undefined}
    >
      {portsOf(layer).map((port) => (
        <Handle key={port.name} id={port.name} type="target" position={Position.Left} className="pg-port" />
      ))}
      {entry?.silhouette !== "output" && <Handle id="out" type="source" position={Position.Right} className="pg-port" />}
    </div>
  )
})
