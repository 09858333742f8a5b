import { useMemo, type ReactElement } from "react"
import type { CatalogueEntry, OwnBlock } from "../protocol"
import { useStore } from "../store"
import { addLayer, addOwn, openSearch } from "./actions"
import { dropBlock } from "./blocks"
import { setDraggedKind } from "./dragging"
import { canvasView } from "./placing"
import { Silhouette } from "./Silhouette"

const LONG = 8

/** The rail of layers at the canvas' left edge: icons, with their names while the mouse is over it. */
export function Palette(): ReactElement {
  const layers = useStore((s) => s.catalogue.layers)
  const blocks = useStore((s) => s.blocks)
  const groups = useMemo(() => grouped(layers.filter((entry) => !entry.hidden)), [layers])
  return (
    <div className="pg-rail" role="toolbar" aria-label="Layers to add" aria-orientation="vertical" data-testid="palette">
      <button type="button" className="pg-rail-item pg-rail-search" title="Search (press /)" data-testid="search" onClick={() => openSearch()}>
        <svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" aria-hidden="true">
          <circle cx="10.5" cy="10.5" r="6" />
          <path d="m15 15 5 5" />
        </svg>
        <span className="pg-rail-name">
          Search <kbd>/</kbd>
        </span>
      </button>
      <div className="pg-rail-list">
        {groups.map(([group, entries]) => (
          <div key={group} className="pg-rail-group" role="group" aria-label={group}>
            <span className="pg-rail-heading">{group}</span>
            {entries.map((entry) => (
              <button
                key={entry.kind}
                type="button"
                className="pg-rail-item"
                data-testid={`palette-${entry.kind}`}
                title={entry.help?.split("\n")[0] ?? entry.title}
                aria-label={`Add ${entry.title}`}
                draggable
                onDragStart={(event) => {
                  setDraggedKind(entry.kind)
                  event.dataTransfer.effectAllowed = "copy"
                  event.dataTransfer.setData("text/plain", entry.title)
                }}
                onDragEnd={() => setDraggedKind(null)}
                onClick={(event) => {
                  addLayer(entry)
                  // After a click the keys act on the drawing again; from the keyboard one stays where one was.
                  if (event.detail > 0) canvasView()?.focus()
                }}
              >
                <Silhouette kind={entry.silhouette} size={20} curve={entry.curve} />
                <span className="pg-rail-name">{entry.title}</span>
              </button>
            ))}
          </div>
        ))}
        {blocks.length > 0 && <OwnBlocks blocks={blocks} />}
      </div>
    </div>
  )
}

/** Blocks this person keeps, for every project. */
function OwnBlocks({ blocks }: { blocks: readonly OwnBlock[] }): ReactElement {
  return (
    <div className="pg-rail-group" role="group" aria-label="My blocks">
      <span className="pg-rail-heading">My blocks</span>
      {blocks.map((block) => (
        <div key={block.id} className="pg-rail-own">
          <button
            type="button"
            className="pg-rail-item"
            data-testid={`own-${block.title}`}
            title={block.title}
            aria-label={`Add ${block.title}`}
            draggable
            onDragStart={(event) => {
              setDraggedKind(block.id)
              event.dataTransfer.effectAllowed = "copy"
              event.dataTransfer.setData("text/plain", block.title)
            }}
            onDragEnd={() => setDraggedKind(null)}
            onClick={(event) => {
              addOwn(block)
              if (event.detail > 0) canvasView()?.focus()
            }}
          >
            <Silhouette kind="block" size={20} />
            <span className="pg-rail-name">{block.title}</span>
          </button>
          <button type="button" className="pg-rail-drop" aria-label={`Forget my block ${block.title}`} title="Forget this block" onClick={() => dropBlock(block.id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  )
}

function grouped(entries: readonly CatalogueEntry[]): [string, CatalogueEntry[]][] {
  const groups = new Map<string, CatalogueEntry[]>()
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry])
  // Long groups (there are many activations) come last, so that the short ones stay in sight.
  return [...groups].sort(([, a], [, b]) => Number(a.length > LONG) - Number(b.length > LONG))
}
