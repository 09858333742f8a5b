import { Handle, Position, type NodeProps } from "@xyflow/react"
import { memo, useEffect, useRef, type CSSProperties, type ReactElement } from "react"
import { NodePicture, UnfoldedDense } from "../live"
import { useLive } from "../live/live"
import { unitTrouble } from "../live/sentences"
import { Word } from "../live/Word"
import { entryOf, getState, setUi, shallow, useCosts, useDiagnostics, useLayerEntry, useStore } from "../store"
import { drawingIn, repeatOf } from "../document/drawing"
import { nodeOf } from "../document/graph"
import { portsOf } from "../editing"
import { renameNode } from "./actions"
import { DiagnosticChip } from "./DiagnosticChip"
import { useFar } from "./far"
import { Flags } from "./Flags"
import { FarCard } from "./FarCard"
import type { LayerNode } from "./flow"
import { MiniGraph } from "./MiniGraph"
import { Silhouette } from "./Silhouette"
import { countText, shapeText, summaryOf, titleOf } from "./summary"
import { useUnits } from "./unfolding"

export function NodeCard(props: NodeProps<LayerNode>): ReactElement {
  const far = useFar()
  const renaming = useStore((s) => s.ui.renaming === props.id)
  return far && !renaming ? <FarCard {...props} /> : <NearCard {...props} />
}

const NearCard = memo(function NearCard({ id, selected, dragging }: NodeProps<LayerNode>): ReactElement | null {
  const node = useStore((s) => (s.drawing ? nodeOf(s.drawing, id) : undefined))
  const entry = useLayerEntry(node?.layer.kind)
  const catalogue = useStore((s) => s.catalogue)
  const costs = useCosts(id)
  const diagnostics = useDiagnostics(id)
  const units = useUnits(id)
  const place = useStore((s) => s.drawing?.layout.nodes[id])
  const path = useStore((s) => s.prefix + id)
  const inBlock = path !== id
  const sick = useLive((numbers) => (numbers.nodes[path] ? unitTrouble(numbers.nodes[path]) : null))
  const fresh = useLive((numbers) => (numbers.nodes[path]?.new?.length ?? 0) > 0)
  const renaming = useStore((s) => s.ui.renaming === id)
  const pull = useStore((s) => {
    const { pulling } = s.ui
    if (!pulling) return undefined
    return pulling.node === id ? "from" : pulling.fits.has(id) ? "yes" : "no"
  })
  const shipped = useStore((s) => (entry?.silhouette === "block" ? (s.shipped[[...s.inside, id].join(".")] ?? null) : null))
  const names = useStore((s) => (entry?.silhouette === "input" && s.prefix === "" ? (s.checked?.facts?.feature_names ?? null) : null), shallow)
  if (!node) return null

  const title = titleOf(catalogue, node)
  const own = drawingIn(node.layer)
  const summary = summaryOf(catalogue, entry, node.layer)
  const worst = diagnostics.some((d) => d.severity === "error") ? "error" : diagnostics.length ? "warning" : "fine"
  const shape = shapeText(costs?.shape)
  const ports = portsOf(node.layer)
  const repeat = repeatOf(node.layer)
  const silhouette = entry?.silhouette ?? "plain"
  // In a block the ends only pass on what other layers answer: nothing is computed there.
  const passes = inBlock && (silhouette === "input" || silhouette === "output")
  const network = silhouette === "block" ? (own ?? shipped) : null
  const open = units > 0

  return (
    <div
      className="pg-node"
      data-testid={`node-${id}`}
      data-state={worst}
      data-open={open || undefined}
      data-fresh={fresh || undefined}
      data-selected={selected || undefined}
      data-dragging={dragging || undefined}
      data-pull={pull}
      data-silhouette={silhouette}
      data-repeat={repeat > 1 || undefined}
      data-muted={node.muted || undefined}
      data-collapsed={place?.collapsed || undefined}
      style={open ? ({ "--units": units } as CSSProperties) : undefined}
    >
      {repeat > 1 && (
        <span className="pg-repeat pg-mono" data-testid={`repeat-${id}`} title={`${repeat} times in a row, each with weights of its own`}>
          ×{repeat}
        </span>
      )}
      <header className="pg-node-head">
        <span className="pg-dot" data-state={costs || node.muted ? worst : "pending"} title={dotTitle(costs || node.muted ? worst : "pending")} />
        {renaming ? <RenameField id={id} title={title} /> : <span className="pg-node-title">{title}</span>}
        {open && shape && <span className="pg-mono pg-open-shape">{shape}</span>}
        <Flags muted={node.muted} pinned={place?.pinned} />
      </header>
      <div className="pg-node-line pg-mono">
        <span className="pg-node-summary">{summary || (entry ? "\u00a0" : `unknown: ${node.layer.kind}`)}</span>
        {!open && costs && costs.parameters > 0 && (
          <span className="pg-node-parameters" title={`${costs.parameters.toLocaleString("en")} parameters`}>
            {countText(costs.parameters)}
          </span>
        )}
      </div>
      {open ? (
        <div className="pg-node-units">
          <UnfoldedDense path={path} units={units} silhouette={passes ? "plain" : silhouette} names={names} />
          {costs && costs.parameters > 0 && (
            <span className="pg-open-parameters">
              <Word name="unit">
                {units} unit{units === 1 ? "" : "s"}
              </Word>
              , {countText(costs.parameters)} parameter{costs.parameters === 1 ? "" : "s"}
            </span>
          )}
        </div>
      ) : (
        <div className="pg-node-picture">
          {network ? (
            <MiniGraph network={network} isEnd={isEndKind} />
          ) : costs?.shape && !passes ? (
            <NodePicture path={path} silhouette={silhouette} shape={costs.shape} />
          ) : (
            <Silhouette kind={silhouette} size={40} curve={entry?.curve} />
          )}
        </div>
      )}

      {ports.map((port, index) => (
        <Handle
          key={port.name}
          id={port.name}
          type="target"
          position={Position.Left}
          className="pg-port"
          style={ports.length > 1 ? { top: `${((index + 1) * 100) / (ports.length + 1)}%` } : undefined}
          role="img"
          aria-label={`Input of ${title}${ports.length > 1 ? `: ${port.name}` : ""}`}
        />
      ))}
      {silhouette !== "output" && (
        <Handle id="out" type="source" position={Position.Right} className="pg-port pg-port-out" role="img" aria-label={`Output of ${title}`} />
      )}
      {shape && !open && silhouette !== "output" && <span className="pg-pill pg-mono pg-node-shape">{shape}</span>}
      {(diagnostics.length > 0 || sick) && (
        <div className="pg-chips nodrag nopan">
          {diagnostics.slice(0, 2).map((diagnostic) => (
            <DiagnosticChip key={diagnostic.code} diagnostic={diagnostic} />
          ))}
          {sick && diagnostics.length === 0 && (
            <div className="pg-chip" data-severity="warning" data-testid={`badge-${id}`}>
              <span className="pg-chip-mark" aria-hidden="true">
                !
              </span>
              <p>{sick}</p>
            </div>
          )}
        </div>
      )}
    </div>
  )
})

function isEndKind(kind: string): boolean {
  const silhouette = entryOf(getState().catalogue, "layers", kind)?.silhouette
  return silhouette === "input" || silhouette === "output"
}

function dotTitle(state: string): string {
  if (state === "error") return "This does not fit yet"
  if (state === "warning") return "Worth a look"
  return state === "pending" ? "Being checked" : "Fits"
}

function RenameField({ id, title }: { id: string; title: string }): ReactElement {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus({ preventScroll: true })
    field.current?.select()
  }, [])
  const done = (keep: boolean) => {
    if (keep && field.current) renameNode(id, field.current.value)
    setUi({ renaming: null })
  }
  return (
    <input
      ref={field}
      className="pg-rename nodrag nopan"
      data-testid="rename"
      aria-label="Name of this layer"
      defaultValue={title}
      maxLength={60}
      onBlur={() => done(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === "Enter") done(true)
        if (event.key === "Escape") done(false)
      }}
    />
  )
}
