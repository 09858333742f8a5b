import { useCallback, useRef, useSyncExternalStore } from "react"
import { type Shipped, opened, plainPath } from "./document/drawing"
import { type History, emptyHistory } from "./document/history"
import type {
  Catalogue,
  CatalogueEntry,
  CatalogueName,
  CheckedMessage,
  Diagnostic,
  Field,
  LinkMessage,
  NodeCosts,
  OwnBlock,
  ProjectDocument,
  ProjectEntry,
  RunMessage,
  Viewport,
} from "./protocol"
import type { ConnectionStatus } from "./connection-api"
import type { Scheme } from "./theme"

export interface Selection {
  nodes: readonly string[]
  /** Edge keys, see document/graph.ts edgeKey. */
  edges: readonly string[]
}

export interface Toast {
  id: number
  level: "note" | "warn" | "error"
  text: string
}

/** Where a search came from, and so what it offers and what choosing does. */
export interface SearchRequest {
  /** Where the card opens, in the canvas' own pixels; null: at the rail. */
  at: { x: number; y: number } | null
  /** Where a new layer goes, in the drawing's coordinates; null: beside the selection. */
  place: { x: number; y: number } | null
  /** A wire that was dropped on empty space, or is to be drawn from the keyboard. */
  wire: { node: string; port: string; side: "source" | "target" } | null
  /** Insert on this wire. */
  edge: string | null
  /** Offer layers to add, or nodes to wire to. */
  offer: "everything" | "layers" | "nodes"
}

/** A port being pulled: who it is, and which nodes it may end at. */
export interface Pulling {
  node: string
  side: "source" | "target"
  fits: ReadonlySet<string>
}

export interface Ui {
  search: SearchRequest | null
  menu: { x: number; y: number; node: string | null; edge: string | null } | null
  sheet: boolean
  renaming: string | null
  pulling: Pulling | null
  /** The wire a dragged layer would be inserted on. */
  over: string | null
  /** Moment 6: asked, answered, or not on show. */
  predict: null | { answer: string | null }
  /** The card of versions is open. */
  versions: boolean
  /** Nodes move to their new places with a short animation. */
  animate: number
}

export const quietUi: Ui = {
  search: null,
  menu: null,
  sheet: false,
  renaming: null,
  pulling: null,
  over: null,
  predict: null,
  versions: false,
  animate: 0,
}

export type PhonePane = "net" | "picture" | "curve"

/** How this person likes to look at things; remembered per browser, never part of the document. */
export interface Preferences {
  projector: boolean
  /** Cards whose "More" is open. */
  more: Record<string, boolean>
  outline: boolean
  minimap: boolean | null
}

export interface State {
  project: string | null
  revision: number
  readonly: boolean
  opening: string | null
  catalogue: Catalogue
  glossary: Record<string, string>
  /** One's own projects; null until the list was asked for. */
  projects: ProjectEntry[] | null
  /** The link that holds this project; null until it was asked for. */
  link: LinkMessage | null

  document: ProjectDocument | null
  /** The blocks that are open, outermost first; what of them is gone falls away by itself. */
  inside: readonly string[]
  /** What the server says the open blocks draw whose drawing follows from their settings. */
  shipped: Shipped
  /** The drawing of the innermost open block as a document of its own, or the document. Made from the three above. */
  drawing: ProjectDocument | null
  /** What the paths of its nodes begin with in `checked` and in frames: `encoder[0].` */
  prefix: string
  /** The open drawing follows from a block's settings and cannot be changed. */
  fixed: boolean
  /** Blocks this person keeps for all projects. */
  blocks: OwnBlock[]
  history: History
  selection: Selection
  /** Edits made here and not yet confirmed by `saved`. */
  unsaved: boolean
  viewport: Viewport | null

  checked: CheckedMessage | null
  run: RunMessage | null
  /** The operator lets nobody train at the moment. */
  held: boolean
  connection: ConnectionStatus

  toasts: Toast[]
  ui: Ui
  scheme: Scheme
  pane: PhonePane
  preferences: Preferences
}

export const emptyCatalogue: Catalogue = {
  layers: [],
  datasets: [],
  preparation: [],
  losses: [],
  optimizers: [],
  schedules: [],
  metrics: [],
  objectives: [],
  templates: [],
}

export const nothingSelected: Selection = { nodes: [], edges: [] }

export const initialState: State = {
  project: null,
  revision: 0,
  readonly: false,
  opening: null,
  catalogue: emptyCatalogue,
  glossary: {},
  projects: null,
  link: null,
  document: null,
  inside: [],
  shipped: {},
  drawing: null,
  prefix: "",
  fixed: false,
  blocks: [],
  history: emptyHistory,
  selection: nothingSelected,
  unsaved: false,
  viewport: null,
  checked: null,
  run: null,
  held: false,
  connection: { state: "connecting", seconds: null },
  toasts: [],
  ui: quietUi,
  scheme: "light",
  pane: "net",
  preferences: { projector: false, more: {}, outline: false, minimap: null },
}

// One store for the page. It lives in the module, so a Streamlit rerun or a page switch leaves it alone.
let state: State = initialState
const listeners = new Set<() => void>()

export function getState(): State {
  return state
}

export function setState(change: Partial<State> | ((state: State) => Partial<State>)): void {
  const patch = typeof change === "function" ? change(state) : change
  let differs = false
  for (const key of Object.keys(patch) as (keyof State)[]) {
    if (!Object.is(state[key], patch[key])) differs = true
  }
  if (!differs) return
  const before = state
  state = { ...state, ...patch }
  if (state.document !== before.document || state.inside !== before.inside || state.shipped !== before.shipped) {
    state = { ...state, ...openedIn(state) }
  }
  for (const listener of [...listeners]) listener()
}

function openedIn({ document, inside, shipped }: State): Pick<State, "inside" | "drawing" | "prefix" | "fixed"> {
  if (!document) return { inside: [], drawing: null, prefix: "", fixed: false }
  const at = opened(document, inside, shipped)
  return at.inside.length === inside.length ? { ...at, inside } : at
}

export function setUi(change: Partial<Ui>): void {
  const { ui } = state
  // Called for every move of the mouse while something is dragged: most of the time nothing is new.
  if ((Object.keys(change) as (keyof Ui)[]).every((key) => Object.is(ui[key], change[key]))) return
  setState({ ui: { ...ui, ...change } })
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Reads from the store. The component renders again only when the selected value changes (by identity, or by `same`). */
export function useStore<T>(select: (state: State) => T, same: (a: T, b: T) => boolean = Object.is): T {
  const last = useRef<{ value: T } | null>(null)
  const read = useCallback(() => {
    const value = select(state)
    if (last.current && same(last.current.value, value)) return last.current.value
    last.current = { value }
    return value
  }, [select, same])
  return useSyncExternalStore(subscribe, read, read)
}

/** For selectors that build a new object or array each time. */
export function shallow<T>(a: T, b: T): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.is(a[key as keyof T], b[key as keyof T]))
}

// ---- small readings everybody needs -------------------------------------------------------------------------------

export function entryOf(catalogue: Catalogue, name: CatalogueName, kind: string): CatalogueEntry | undefined {
  return catalogue[name]?.find((entry) => entry.kind === kind)
}

export function useLayerEntry(kind: string | undefined): CatalogueEntry | undefined {
  return useStore((s) => (kind ? entryOf(s.catalogue, "layers", kind) : undefined))
}

export function fieldOf(entry: CatalogueEntry | undefined, name: string): Field | undefined {
  return entry?.fields.find((field) => field.name === name)
}

/** What the last check says of a node of the open drawing. */
export function costsOf(state: State, node: string): NodeCosts | undefined {
  return state.checked?.nodes[state.prefix + node]
}

export function useCosts(node: string): NodeCosts | undefined {
  return useStore((s) => costsOf(s, node))
}

/** Nobody can change the open drawing: it is somebody else's, or it follows from settings. */
export function useLocked(): boolean {
  return useStore((s) => s.readonly || s.fixed)
}

const none: Diagnostic[] = []
const byPath = new WeakMap<CheckedMessage, Map<string, Diagnostic[]>>()

/** Diagnostics by the path of their node without the numbers of repetitions; a block has those of what is in it, too. */
function diagnosticsBy(checked: CheckedMessage): Map<string, Diagnostic[]> {
  let found = byPath.get(checked)
  if (found) return found
  byPath.set(checked, (found = new Map<string, Diagnostic[]>()))
  for (const diagnostic of checked.diagnostics) {
    if (diagnostic.node === null) continue
    const steps = plainPath(diagnostic.node).split(".")
    steps.forEach((_, depth) => {
      const path = steps.slice(0, depth + 1).join(".")
      found.set(path, [...(found.get(path) ?? []), diagnostic])
    })
  }
  return found
}

/** What is wrong with a node of the open drawing, and in it. */
export function diagnosticsOf({ checked, inside }: State, node: string): Diagnostic[] {
  if (!checked || checked.diagnostics.length === 0) return none
  return diagnosticsBy(checked).get([...inside, node].join(".")) ?? none
}

export function useDiagnostics(node: string): Diagnostic[] {
  return useStore((s) => diagnosticsOf(s, node))
}

/** What is wrong with one wire of the open drawing. */
export function wireTrouble({ checked, inside }: State, source: string, target: string): Diagnostic | undefined {
  const path = (id: string) => [...inside, id].join(".")
  return checked?.diagnostics.find(
    ({ node, edge }) =>
      edge !== null &&
      (node === null || (inside.length > 0 && plainPath(node) === inside.join("."))) &&
      plainPath(edge[0]) === path(source) &&
      plainPath(edge[1]) === path(target),
  )
}

/** What concerns the open drawing as a whole rather than one node. */
export function drawingTrouble({ checked, inside }: State): Diagnostic[] {
  const own = (node: string | null) => (inside.length > 0 ? node !== null && plainPath(node) === inside.join(".") : node === null)
  return checked?.diagnostics.filter(({ node, edge }) => own(node) && edge === null) ?? none
}

// ---- toasts and preferences ---------------------------------------------------------------------------------------

let nextToast = 1

export function toast(text: string, level: Toast["level"] = "note"): void {
  const id = nextToast++
  setState((s) => ({ toasts: [...s.toasts.filter((t) => t.text !== text).slice(-2), { id, level, text }] }))
}

export function dismissToast(id: number): void {
  setState((s) => ({ toasts: s.toasts.filter((t) => t.id !== id) }))
}

const PREFERENCES = "playground:preferences"

export function setPreferences(change: Partial<Preferences>): void {
  setState((s) => ({ preferences: { ...s.preferences, ...change } }))
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify(state.preferences))
  } catch {
    // Private windows refuse storage; the choice then lasts as long as the page.
  }
}

export function loadPreferences(): void {
  try {
    const text = localStorage.getItem(PREFERENCES)
    if (text) setState((s) => ({ preferences: { ...s.preferences, ...JSON.parse(text) } }))
  } catch {
    // Unreadable preferences are no reason not to open.
  }
}
