/** Gestures: every change a person makes goes through `edit`, so that it can be undone, kept and sent. */
import { send } from "./connection-api"
import { drawingIn, put } from "./document/drawing"
import type { PortRules } from "./document/edits"
import { dropped, gestureEnded, recorded, redone, undone, type Moved } from "./document/history"
import { networkOf } from "./document/graph"
import { keepDraft, keepHistory } from "./keeping"
import type { ClientMessage, ProjectDocument, Viewport } from "./protocol"
import { entryOf, getState, nothingSelected, setState, toast, type Selection } from "./store"

const TYPING_PAUSE = 400
const ANSWER_PATIENCE = 4000
const KEEP_AFTER = 200

// What is on its way to the server. One edit travels at a time, so that `base` is always what the server has.
let nextSeq = 1
let travelling: number | null = null
let unsent: string | null = null
let travellingLabel = ""
/** What was said of a drawing that the server has not got yet. */
let followers: ClientMessage[] = []
const labels = new Map<number, string>()
let confirmed: ProjectDocument | null = null
let sendTimer: ReturnType<typeof setTimeout> | undefined
let patience: ReturnType<typeof setTimeout> | undefined
let keepTimer: ReturnType<typeof setTimeout> | undefined

/** A layer's ports. A block of one's own has one for each input in its drawing: the first is `in`, others have its id. */
export const portsOf: PortRules = (layer) => {
  const { catalogue } = getState()
  const drawing = drawingIn(layer)
  if (!drawing) return entryOf(catalogue, "layers", layer.kind)?.ports ?? [{ name: "in", many: false }]
  const inputs = drawing.nodes.filter((node) => entryOf(catalogue, "layers", node.layer.kind)?.silhouette === "input")
  return inputs.map((node, index) => ({ name: index === 0 ? "in" : node.id, many: false }))
}

export interface EditOptions {
  /** Changes with the same key are one undo step until `endGesture` (a slider sweep, typing in one field). */
  gesture?: string
  select?: Partial<Selection>
}

/** One change by the person. False when nothing changed or the project is somebody else's. */
export function edit(label: string, change: (document: ProjectDocument) => ProjectDocument, options: EditOptions = {}): boolean {
  const { document, readonly, history, inside } = getState()
  if (!document) return false
  if (readonly) {
    toast("This project belongs to someone else. Make my copy, then change it.")
    return false
  }
  const next = change(document)
  if (next === document) return false
  setState({
    document: next,
    history: recorded(history, document, label, options.gesture ?? null, inside),
    unsaved: true,
  })
  setState({ selection: options.select ? { ...nothingSelected, ...options.select } : stillThere() })
  unsent = label
  keepSoon()
  clearTimeout(sendTimer)
  if (options.gesture) sendTimer = setTimeout(sendUnsent, TYPING_PAUSE)
  else sendUnsent()
  return true
}

/** One change of the open drawing, in whatever block it lies. */
export function draw(label: string, change: (drawing: ProjectDocument) => ProjectDocument, options: EditOptions = {}): boolean {
  const { drawing, inside, shipped, fixed } = getState()
  if (!drawing) return false
  const next = change(drawing)
  if (next === drawing) return false
  if (fixed && networkOf(next) !== networkOf(drawing)) {
    toast("This drawing follows from the settings of its block. Make it your own, then change it.")
    return false
  }
  return edit(label, (document) => put(document, inside, next, shipped), options)
}

/** The sweep or the typing is over: the next change is a step of its own, and the server hears of this one now. */
export function endGesture(): void {
  const { history, document } = getState()
  if (history.gesture === null) return
  const last = history.past.at(-1)
  setState({ history: last && last.document === document ? dropped(history) : gestureEnded(history) })
  clearTimeout(sendTimer)
  sendUnsent()
}

export function undo(): void {
  const { document, history, readonly } = getState()
  const back = document && !readonly ? undone(history, document) : null
  if (back) stepTo(back, `Undo ${back.label}`)
}

export function redo(): void {
  const { document, history, readonly } = getState()
  const forward = document && !readonly ? redone(history, document) : null
  if (forward) stepTo(forward, `Redo ${forward.label}`)
}

function stepTo(moved: Moved, label: string): void {
  const { inside } = getState()
  setState({ document: moved.document, history: moved.history, unsaved: true })
  goInside(sameList(moved.inside, inside) ? inside : moved.inside)
  setState({ selection: stillThere() })
  unsent = label
  keepSoon()
  clearTimeout(sendTimer)
  sendUnsent()
}

/** The selection without what is gone. */
function stillThere(): Selection {
  const { selection, drawing } = getState()
  const ids = new Set(drawing ? networkOf(drawing).nodes.map((node) => node.id) : [])
  const nodes = selection.nodes.filter((id) => ids.has(id))
  return nodes.length === selection.nodes.length ? selection : { ...selection, nodes }
}

// ---- on the way to the server -------------------------------------------------------------------------------------

function sendUnsent(): void {
  const { document, revision } = getState()
  if (unsent === null || travelling !== null || !document) return
  const seq = nextSeq++
  if (!send({ type: "edit", seq, base: revision, label: unsent, document })) return
  travelling = seq
  travellingLabel = unsent
  unsent = null
  for (const message of followers.splice(0)) send(message)
  clearTimeout(patience)
  patience = setTimeout(() => giveUpWaiting(), ANSWER_PATIENCE)
}

/** A message about the drawing as it is on the screen: it goes after every edit, also after one that waits its turn. */
export function sendAfterEdits(message: ClientMessage): boolean {
  clearTimeout(sendTimer)
  sendUnsent()
  if (unsent === null) return send(message)
  if (travelling === null) return false
  followers.push(message)
  return true
}

/** No answer came. Whatever is newest goes out with the next edit, or when the connection is back. */
function giveUpWaiting(): void {
  travelling = null
  sendUnsent()
}

export function onSaved(seq: number, revision: number): void {
  if (seq === travelling) labels.set(revision, travellingLabel)
  setState((s) => ({ revision: Math.max(revision, s.revision) }))
  // A refusal of something else may have come between; the newest edit is confirmed all the same.
  if (seq !== (travelling ?? nextSeq - 1)) return
  clearTimeout(patience)
  travelling = null
  if (unsent === null) {
    confirmed = getState().document
    setState({ unsaved: false })
    keepSoon()
  } else {
    sendUnsent()
  }
}

/** `seq`: this edit can never be saved, nor anything made on top of it. What was saved comes back; undo shows the rest. */
export function onRefused(seq?: number): void {
  clearTimeout(patience)
  travelling = null
  const saved = confirmed
  if (seq === nextSeq - 1 && saved) edit("Back to what was saved", () => saved)
}

/** After a reconnect: nothing is known to have arrived, so what is not confirmed goes again. */
export function resend(label: string): void {
  clearTimeout(patience)
  travelling = null
  unsent = label
  sendUnsent()
}

export function setConfirmed(document: ProjectDocument): void {
  confirmed = document
}

export function confirmedDocument(): ProjectDocument | null {
  return confirmed
}

/** A different project: nothing of the old one may leak into it. */
export function forgetEdits(): void {
  clearTimeout(sendTimer)
  clearTimeout(patience)
  keepNow()
  travelling = null
  unsent = null
  followers = []
  confirmed = null
  labels.clear()
}

/** What the edit was called that made this revision, if it was made on this page. */
export function labelOf(revision: number): string | undefined {
  return labels.get(revision)
}

// ---- keeping ------------------------------------------------------------------------------------------------------

function keepSoon(): void {
  clearTimeout(keepTimer)
  keepTimer = setTimeout(keepNow, KEEP_AFTER)
}

export function keepNow(): void {
  clearTimeout(keepTimer)
  const { project, document, history, revision, unsaved, readonly } = getState()
  if (!project || !document || readonly) return
  keepDraft(project, unsaved ? { base: revision, document, saved: confirmed } : null)
  keepHistory(project, history)
}

if (typeof window !== "undefined") window.addEventListener("pagehide", keepNow)

// ---- blocks -------------------------------------------------------------------------------------------------------

const views = new Map<string, Viewport>()

/** Opens these blocks, or fewer. Each drawing is seen again as it was left. */
export function goInside(inside: readonly string[]): void {
  const { inside: before, viewport, project } = getState()
  if (sameList(before, inside)) return
  const key = (path: readonly string[]) => [project, ...path].join(" ")
  if (viewport) views.set(key(before), viewport)
  setState({ inside })
  const { inside: now } = getState()
  if (sameList(before, now)) return
  setState({ viewport: views.get(key(now)) ?? null, selection: nothingSelected })
}

// ---- selection ----------------------------------------------------------------------------------------------------

export function select(selection: Partial<Selection>): void {
  const next = { ...nothingSelected, ...selection }
  const was = getState().selection
  if (sameList(was.nodes, next.nodes) && sameList(was.edges, next.edges)) return
  setState({ selection: next })
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
