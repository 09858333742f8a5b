/** Everything "/" can find; what is hidden elsewhere is here. */
import { send } from "../connection-api"
import { networkOf } from "../document/graph"
import { portsOf, redo, select, undo } from "../editing"
import type { CatalogueEntry, Silhouette } from "../protocol"
import { costsOf, entryOf, getState, setPreferences, setUi, type SearchRequest } from "../store"
import { addLayer, addOwn, connectNodes, fitting, isEnd, tidy } from "./actions"
import { groupSelection, ungroupBlock } from "./blocks"
import type { Searchable } from "./matching"
import { distribute, toggleFlag, toggleMuted } from "./arranging"
import { addNote } from "./noting"
import { beginLesson, lessonNow } from "../lesson/lesson"
import { canvasView } from "./placing"
import { summaryOf, titleOf } from "./summary"

export interface SearchItem extends Searchable {
  id: string
  section: string
  detail: string
  silhouette: Silhouette | null
  curve?: readonly number[] | null
  run: () => void
}

export function searchItems(request: SearchRequest): SearchItem[] {
  if (request.offer === "nodes") return nodesToWire(request)
  const layers = layersFor(request).map(
    (entry): SearchItem => ({
      id: `layer-${entry.kind}`,
      section: entry.group,
      title: entry.title,
      synonyms: [entry.kind, ...(entry.synonyms ?? [])],
      help: entry.help ?? "",
      detail: "",
      silhouette: entry.silhouette ?? "plain",
      curve: entry.curve ?? null,
      run: () => addLayer(entry, request),
    }),
  )
  const own = getState().blocks.map(
    (block): SearchItem => ({
      id: `own-${block.id}`,
      section: "My blocks",
      title: block.title,
      synonyms: ["my block", "own"],
      help: "",
      detail: "my block",
      silhouette: "block",
      run: () => addOwn(block, request),
    }),
  )
  layers.push(...own)
  if (request.offer === "layers") return layers
  const { readonly, fixed } = getState()
  return readonly || fixed ? [...nodesToFind(), ...commands()] : [...layers, ...nodesToFind(), ...commands(), ...starts()]
}

/** A wire dropped on empty space asks only for what could take it. */
function layersFor(request: SearchRequest): CatalogueEntry[] {
  const state = getState()
  const { catalogue, drawing: document } = state
  const shown = catalogue.layers.filter((entry) => !entry.hidden)
  const into = (entry: CatalogueEntry) => (entry.ports ?? [{ name: "in", many: false }]).length > 0
  if (request.edge) return shown.filter((entry) => into(entry) && !isEnd(entry.kind))
  if (!request.wire) return shown
  // One end is enough: a second is offered only from the rail.
  const ended = networkOf(document!).nodes.some((node) => isEnd(node.layer.kind))
  if (request.wire.side === "target") return shown.filter((entry) => !isEnd(entry.kind))
  const shape = costsOf(state, request.wire.node)?.shape
  return shown.filter((entry) => into(entry) && !(ended && isEnd(entry.kind)) && (!shape || !entry.ranks || entry.ranks.includes(shape.length)))
}

function nodesToWire(request: SearchRequest): SearchItem[] {
  const from = request.wire
  if (!from) return []
  const fits = fitting(from.node, from.side)
  return nodeItems("Layers that fit", (id) => fits.has(id), (id, port) =>
    from.side === "source" ? connectNodes(from.node, id, port, from.port) : connectNodes(id, from.node, from.port),
  )
}

function nodesToFind(): SearchItem[] {
  return nodeItems("In this network", () => true, (id) => {
    select({ nodes: [id] })
    canvasView()?.reveal(id)
  })
}

function nodeItems(section: string, keep: (id: string) => boolean, run: (id: string, port: string) => void): SearchItem[] {
  const { drawing: document, catalogue } = getState()
  if (!document) return []
  return networkOf(document)
    .nodes.filter((node) => keep(node.id))
    .map((node) => {
      const entry = entryOf(catalogue, "layers", node.layer.kind)
      return {
        id: `node-${node.id}`,
        section,
        title: titleOf(catalogue, node),
        synonyms: [node.id],
        help: "",
        detail: summaryOf(catalogue, entry, node.layer),
        silhouette: entry?.silhouette ?? "plain",
        run: () => run(node.id, portsOf(node.layer)[0]?.name ?? "in"),
      }
    })
}

function commands(): SearchItem[] {
  const { preferences, readonly } = getState()
  const command = (id: string, title: string, detail: string, synonyms: string[], run: () => void): SearchItem => ({
    id: `command-${id}`,
    section: "Commands",
    title,
    detail,
    synonyms,
    help: "",
    silhouette: null,
    run,
  })
  const looking = [
    command("fit", "Show all", "F", ["fit view", "zoom", "centre"], () => canvasView()?.fit()),
    command("outline", "Outline", "O", ["list", "tree", "keyboard"], () => setPreferences({ outline: !preferences.outline })),
    command("minimap", "Minimap", "", ["overview"], () => setPreferences({ minimap: !preferences.minimap })),
    command("projector", "Projector", "", ["large", "beamer", "presentation"], () => setPreferences({ projector: !preferences.projector })),
    command("sheet", "Keys", "?", ["shortcuts", "help", "keyboard"], () => setUi({ sheet: true })),
  ]
  if (readonly) return [...looking, command("copy", "Make my copy", "", ["fork", "duplicate"], () => send({ type: "copy" }))]
  return [
    command("note", "Add a note", "N", ["sticky note", "comment", "text", "annotation"], () => addNote()),
    command("mute", "Mute", "M", ["bypass", "skip", "disable", "pass over"], () => toggleMuted()),
    command("collapse", "Show only the title", "C", ["collapse", "fold", "minimise"], () => toggleFlag("collapsed")),
    command("pin", "Pin", "P", ["lock", "fix in place"], () => toggleFlag("pinned")),
    command("distribute", "Even gaps", "G", ["distribute", "space evenly"], distribute),
    command("tidy", "Tidy", "T", ["layout", "arrange", "align"], tidy),
    command("group", "Group into a block", "Ctrl+G", ["block", "collapse", "nest"], groupSelection),
    command("ungroup", "Take block apart", "Ctrl+Shift+G", ["ungroup", "dissolve", "expand"], () => ungroupBlock()),
    command("undo", "Undo", "Ctrl+Z", ["back"], undo),
    command("redo", "Redo", "Ctrl+Y", ["again"], redo),
    ...looking,
    ...Object.entries(lessonNow().titles).map(([name, title]) => command(`lesson-${name}`, `Lesson: ${title}`, "", ["lesson", "course", "tutorial", "guide"], () => beginLesson(name))),
    command("versions", "Versions", "", ["history", "save a version", "restore"], () => setUi({ versions: true })),
    command("start-over", "Start over", "", ["reset", "restore", "lesson"], () => send({ type: "command", name: "start_over" })),
  ]
}

function starts(): SearchItem[] {
  const { templates, datasets } = getState().catalogue
  const item = (entry: CatalogueEntry, type: "template" | "dataset", section: string): SearchItem => ({
    id: `${type}-${entry.kind}`,
    section,
    title: entry.title,
    detail: type,
    synonyms: [entry.kind, ...(entry.synonyms ?? [])],
    help: entry.help ?? "",
    silhouette: null,
    run: () => send({ type, kind: entry.kind }),
  })
  return [
    ...templates.filter((entry) => !entry.hidden).map((entry) => item(entry, "template", "Templates")),
    ...datasets.filter((entry) => !entry.hidden).map((entry) => item(entry, "dataset", "Data")),
  ]
}
