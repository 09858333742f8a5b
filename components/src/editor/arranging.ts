/** Mute, pin, collapse, and even gaps: what is done to chosen nodes whatever they compute. */
import { setFlag, setMuted, spread, type Flag } from "../document/flags"
import { moveNodes } from "../document/edits"
import { networkOf, nodeOf } from "../document/graph"
import { draw, goInside, portsOf, select } from "../editing"
import { plainPath } from "../document/drawing"
import { entryOf, getState, setUi, toast } from "../store"
import { canvasView, sizeOf } from "./placing"
import { titleOf } from "./summary"

/** Only a layer with one wire in can be passed over; what joins wires, brings data in or shows the answer cannot. */
function canMute(id: string): boolean {
  const { drawing, catalogue } = getState()
  const node = drawing && nodeOf(drawing, id)
  if (!node) return false
  const silhouette = entryOf(catalogue, "layers", node.layer.kind)?.silhouette
  const ports = portsOf(node.layer)
  return silhouette !== "input" && silhouette !== "output" && ports.length === 1 && !ports[0]!.many
}

export function toggleMuted(ids: readonly string[] = getState().selection.nodes): void {
  const { drawing, catalogue } = getState()
  if (!drawing) return
  const able = ids.filter(canMute)
  const muted = ids.some((id) => nodeOf(drawing, id)?.muted)
  const refused = ids.map((id) => nodeOf(drawing, id)).find((node) => node && !node.muted && !canMute(node.id))
  if (!muted && refused) toast(`${titleOf(catalogue, refused)} cannot be muted: only a layer with one wire in and a way on can.`, "warn")
  if (able.length > 0 || muted) draw(muted ? "Switch on" : "Mute", (document) => setMuted(document, muted ? ids : able, !muted))
}

const words: Record<Flag, [on: string, off: string]> = {
  pinned: ["Pin", "Unpin"],
  collapsed: ["Show only the title", "Show all of it"],
}

export function toggleFlag(flag: Flag, ids: readonly string[] = getState().selection.nodes): void {
  const on = !ids.some((id) => getState().drawing?.layout.nodes[id]?.[flag])
  draw(words[flag][on ? 0 : 1], (document) => setFlag(document, ids, flag, on))
}

/** For the menu of a node, about all that is chosen. */
export function flagItems(id: string): { title: string; keys: string; run: () => void }[] {
  const { drawing } = getState()
  const flagged = (flag: Flag) => words[flag][drawing?.layout.nodes[id]?.[flag] ? 1 : 0]
  const muted = drawing ? nodeOf(drawing, id)?.muted : false
  return [
    ...(muted || canMute(id) ? [{ title: muted ? "Switch on" : "Mute", keys: "M", run: () => toggleMuted() }] : []),
    { title: flagged("collapsed"), keys: "C", run: () => toggleFlag("collapsed") },
    { title: flagged("pinned"), keys: "P", run: () => toggleFlag("pinned") },
  ]
}

/** Equal gaps, along whichever way the chosen nodes are spread. */
export function distribute(): void {
  const { drawing, selection } = getState()
  if (!drawing || selection.nodes.length < 3) return
  const places = selection.nodes.flatMap((id) => drawing.layout.nodes[id] ?? [])
  const reach = (axis: "x" | "y") => Math.max(...places.map((at) => at[axis])) - Math.min(...places.map((at) => at[axis]))
  const axis = reach("x") >= reach("y") ? "x" : "y"
  const length = (id: string) => sizeOf(id)[axis === "x" ? "width" : "height"]
  setUi({ animate: getState().ui.animate + 1 })
  draw("Even gaps", (document) => moveNodes(document, spread(document, selection.nodes, axis, length)))
}

/** Train was pressed on a drawing that cannot be trained: chooses the first node that fails and brings it into view.
 *  The one time the camera moves without being asked to move, for the person asked for what it shows. */
export function showTrouble(): boolean {
  const { checked, drawing, inside } = getState()
  const wrong = checked?.diagnostics.find(({ severity, node }) => severity === "error" && node !== null)
  if (!wrong?.node || !drawing) return false
  const path = plainPath(wrong.node).split(".")
  const id = path.pop()!
  if (path.join(".") !== inside.join(".")) goInside(path)
  const now = getState().drawing
  if (!now || !networkOf(now).nodes.some((node) => node.id === id)) return false
  select({ nodes: [id] })
  // A block that was just opened is drawn first.
  requestAnimationFrame(() => requestAnimationFrame(() => canvasView()?.reveal(id)))
  return true
}
