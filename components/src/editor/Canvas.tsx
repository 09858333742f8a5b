import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  MiniMap,
  ReactFlow,
  SelectionMode,
  applyNodeChanges,
  useReactFlow,
  useStore as useFlowStore,
  type Connection,
  type FinalConnectionState,
  type NodeChange,
  type OnConnectStartParams,
} from "@xyflow/react"
import { useCallback, useEffect, useMemo, useRef, type DragEvent, type ReactElement } from "react"
import { moveNodes, placeOnEdge, wire } from "../document/edits"
import { networkOf } from "../document/graph"
import { draw, endGesture, portsOf, select } from "../editing"
import type { Position } from "../protocol"
import { entryOf, getState, setUi, toast, useLocked, useStore } from "../store"
import type { Size } from "../workbench/Workbench"
import { addLayer, connectNodes, fitting, isEnd, moveWire, openSearch, refusal } from "./actions"
import {
  onEdgeContextMenu,
  onEdgesChange,
  onMoveEnd,
  onNodeContextMenu,
  onNodeDoubleClick,
  onPaneClick,
  onPaneContextMenu,
} from "./canvas-events"
import { draggedKind } from "./dragging"
import { Far, TOO_SMALL } from "./far"
import { flowEdges, wireNear, wireUnder, type LayerNode, type WireEdge } from "./flow"
import { NodeCard } from "./NodeCard"
import { freshPart } from "./summary"
import { useCanvasView } from "./use-canvas-view"
import { useFlowNodes } from "./use-flow-nodes"
import { Wire } from "./Wire"

const nodeTypes = { layer: NodeCard }
const edgeTypes = { wire: Wire }
const GRID: [number, number] = [10, 10]
const SELECTING = ["Shift", "Control", "Meta"]
/** More than so many are drawn only where they are in view; less are quicker drawn than looked through in every frame. */
const MANY_CARDS = 150
const MANY_BOXES = 1_200
const PLAIN = { hideAttribution: true }

export function Canvas({ size }: { size: Size }): ReactElement {
  const flow = useReactFlow<LayerNode, WireEdge>()
  const far = useFlowStore((s) => s.transform[2] < TOO_SMALL)
  const document = useStore((s) => s.drawing)!
  const selection = useStore((s) => s.selection)
  const readonly = useLocked()
  const foreign = useStore((s) => s.readonly)
  const scheme = useStore((s) => s.scheme)
  const minimap = useStore((s) => s.preferences.minimap) ?? networkOf(document).nodes.length >= 12
  const [nodes, setNodes] = useFlowNodes(document, selection)
  const lastEdges = useRef<WireEdge[]>([])
  const edges = useMemo(() => (lastEdges.current = flowEdges(lastEdges.current, document, selection)), [document, selection])
  const first = useRef(getState().viewport)
  const box = useCanvasView()
  const touch = size === "phone"

  // ---- nodes: moving and selecting ----
  const onNodesChange = useCallback(
    (changes: NodeChange<LayerNode>[]) => {
      const chosen = new Set(getState().selection.nodes)
      const placed: Record<string, Position> = {}
      const rest: NodeChange<LayerNode>[] = []
      let selecting = false
      for (const change of changes) {
        if (change.type === "remove") continue
        if (change.type === "select") {
          selecting = true
          if (change.selected) chosen.add(change.id)
          else chosen.delete(change.id)
          continue
        }
        if (change.type === "position" && !change.dragging && change.position) placed[change.id] = change.position
        rest.push(change)
      }
      if (rest.length > 0) setNodes((current) => applyNodeChanges(rest, current))
      if (Object.keys(placed).length > 0) {
        draw("Move", (current) => moveNodes(current, placed), { gesture: "move" })
      }
      if (selecting) select({ nodes: [...chosen], edges: getState().selection.edges })
    },
    [setNodes],
  )

  const centreOver = useCallback(
    (id: string): string | null => {
      const at = box(id)
      const { drawing: now } = getState()
      if (!at || !now || networkOf(now).edges.some((edge) => edge.source === id || edge.target === id)) return null
      const layer = networkOf(now).nodes.find((node) => node.id === id)?.layer
      if (!layer || portsOf(layer).length === 0 || isEnd(layer.kind)) return null
      return wireNear(now, { x: at.x + at.width / 2, y: at.y + at.height / 2 }, box, id)
    },
    [box],
  )

  const onNodeDrag = useCallback((_: unknown, node: LayerNode) => setUi({ over: centreOver(node.id) }), [centreOver])
  const onNodeDragStop = useCallback(
    (_: unknown, node: LayerNode) => {
      const over = getState().ui.over
      setUi({ over: null })
      if (over) {
        // Same gesture as the move itself: one step back undoes both.
        draw("Insert on wire", (current) => placeOnEdge(current, over, node.id, portsOf) ?? current, { gesture: "move" })
      }
      endGesture()
    },
    [],
  )

  // ---- wires ----
  const onConnectStart = useCallback((_: unknown, params: OnConnectStartParams) => {
    if (!params.nodeId || !params.handleType) return
    setUi({ pulling: { node: params.nodeId, side: params.handleType, fits: fitting(params.nodeId, params.handleType) } })
  }, [])

  const onConnectEnd = useCallback((event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
    setUi({ pulling: null })
    const { fromNode, fromHandle, toNode, isValid } = state
    if (!fromNode || !fromHandle || isValid) return
    const outward = fromHandle.type === "source"
    if (toNode) {
      // Dropped on the card rather than the port, or on a port that is refused.
      if (toNode.id === fromNode.id) return
      const [source, target] = outward ? [fromNode.id, toNode.id] : [toNode.id, fromNode.id]
      const reason = refusal(source, target)
      if (reason) toast(reason, "warn")
      return
    }
    const point = "changedTouches" in event ? event.changedTouches[0]! : event
    const over = nodeUnder(point)
    if (over && over !== fromNode.id) {
      const [source, target] = outward ? [fromNode.id, over] : [over, fromNode.id]
      const layer = networkOf(getState().drawing!).nodes.find((node) => node.id === target)?.layer
      const port = layer && portsOf(layer)[0]
      if (port) connectNodes(source, target, port.name)
      return
    }
    const host = canvas.current!.getBoundingClientRect()
    const place = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY })
    openSearch({
      at: { x: point.clientX - host.left, y: point.clientY - host.top },
      place: { x: outward ? place.x : place.x - 160, y: place.y - 40 },
      wire: { node: fromNode.id, port: fromHandle.id ?? "out", side: fromHandle.type },
      offer: "layers",
    })
  }, [flow])

  const canvas = useRef<HTMLDivElement>(null)
  const nodeUnder = (point: { clientX: number; clientY: number }): string | null => {
    const root = canvas.current?.getRootNode() as Document | ShadowRoot | undefined
    const hit = root?.elementsFromPoint(point.clientX, point.clientY) ?? []
    return hit.map((element) => element.closest<HTMLElement>(".react-flow__node")?.dataset.id).find(Boolean) ?? null
  }

  const onConnect = useCallback((c: Connection) => {
    connectNodes(c.source, c.target, c.targetHandle ?? "in", c.sourceHandle ?? "out")
  }, [])
  const isValidConnection = useCallback((c: Connection | WireEdge) => refusal(c.source, c.target) === null, [])
  const onReconnect = useCallback((old: WireEdge, c: Connection) => {
    moveWire(old.id, wire(c.source, c.target, c.targetHandle ?? "in", c.sourceHandle ?? "out"))
  }, [])

  // ---- dropping a layer from the palette ----
  const dropPoint = (event: DragEvent): Position => flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
  const onDragOver = (event: DragEvent) => {
    if (!draggedKind() || readonly) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "copy"
    setUi({ over: wireUnder(event.currentTarget, event) ?? wireNear(document, dropPoint(event), box) })
  }
  // Passing from one element of the canvas to another also counts as leaving; only being outside counts here.
  const onDragLeave = ({ clientX, clientY, currentTarget }: DragEvent) => {
    const { left, right, top, bottom } = currentTarget.getBoundingClientRect()
    if (clientX <= left || clientX >= right || clientY <= top || clientY >= bottom) setUi({ over: null })
  }
  const onDrop = (event: DragEvent) => {
    const own = getState().blocks.find((block) => block.id === draggedKind())
    const entry = entryOf(getState().catalogue, "layers", own?.layer.kind ?? draggedKind() ?? "")
    if (!entry) return
    event.preventDefault()
    const point = dropPoint(event)
    const edge = portsOf(own?.layer ?? freshPart(entry)).length > 0 ? (wireUnder(event.currentTarget, event) ?? wireNear(document, point, box)) : null
    setUi({ over: null })
    addLayer(entry, { own, place: { x: point.x - 70, y: point.y - 50 }, edge })
  }

  useEffect(() => () => setUi({ pulling: null, over: null }), [])

  return (
    <div ref={canvas} className="pg-flow" data-testid="canvas" onDragOver={onDragOver} onDrop={onDrop} onDragLeave={onDragLeave}>
      <Far value={far}>
        <ReactFlow<LayerNode, WireEdge>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          colorMode={scheme}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onNodeDrag={onNodeDrag}
          onNodeDragStop={onNodeDragStop}
          onSelectionDragStop={endGesture}
          onConnectStart={onConnectStart}
          onConnectEnd={onConnectEnd}
          onConnect={onConnect}
          isValidConnection={isValidConnection}
          onReconnect={onReconnect}
          onNodeDoubleClick={onNodeDoubleClick}
          onNodeContextMenu={onNodeContextMenu}
          onEdgeContextMenu={onEdgeContextMenu}
          onPaneContextMenu={onPaneContextMenu}
          onPaneClick={onPaneClick}
          onMoveEnd={onMoveEnd}
          defaultViewport={first.current ?? undefined}
          minZoom={0.05}
          maxZoom={4}
          snapToGrid
          snapGrid={GRID}
          connectionMode={ConnectionMode.Strict}
          connectionRadius={36}
          selectionMode={SelectionMode.Partial}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={SELECTING}
          deleteKeyCode={null}
          panActivationKeyCode={null}
          zoomOnDoubleClick={false}
          nodesDraggable={!foreign && !touch}
          nodesConnectable={!readonly}
          edgesReconnectable={!readonly}
          elevateNodesOnSelect
          onlyRenderVisibleElements={nodes.length > (far ? MANY_BOXES : MANY_CARDS)}
          proOptions={PLAIN}
          aria-label="The network"
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} className="pg-grid" />
          {minimap && size === "wide" && <MiniMap className="pg-minimap" pannable zoomable ariaLabel="The whole network, small" />}
        </ReactFlow>
      </Far>
    </div>
  )
}

