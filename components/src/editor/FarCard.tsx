import { Handle, Position, type NodeProps } from "@xyflow/react"
import { memo, type ReactElement } from "react"
import { nodeOf } from "../document/graph"
import { useLayerEntry, useStore } from "../store"
import type { LayerNode } from "./flow"
import { sizeOf } from "./placing"
import { titleOf } from "./summary"

/** A card from far away: a box as large as the card, with its ports, and its trouble as a colour and a thick edge. */
export const FarCard = memo(function FarCard({ id, selected, width, height }: NodeProps<LayerNode>): ReactElement | null {
  const kind = useStore((s) => (s.document ? nodeOf(s.document, id)?.layer.kind : undefined))
  const title = useStore((s) => {
    const node = s.document && nodeOf(s.document, id)
    return node ? titleOf(s.catalogue, node) : ""
  })
  const worst = useStore((s) => {
    const mine = s.checked?.diagnostics.filter((d) => d.node === id) ?? []
    return mine.some((d) => d.severity === "error") ? "error" : mine.length > 0 ? "warning" : undefined
  })
  const entry = useLayerEntry(kind)
  if (kind === undefined) return null
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
      {(entry?.ports ?? [{ name: "in", many: false }]).map((port) => (
        <Handle key={port.name} id={port.name} type="target" position={Position.Left} className="pg-port" />
      ))}
      {entry?.silhouette !== "output" && <Handle id="out" type="source" position={Position.Right} className="pg-port" />}
    </div>
  )
})
