import { useEffect, useMemo, useRef, useState, type ReactElement } from "react"
import type { SearchRequest } from "../store"
import { setUi, useStore } from "../store"
import { matching } from "./matching"
import { canvasView } from "./placing"
import { searchItems } from "./search-items"
import { Silhouette } from "./Silhouette"

const WIDTH = 280
const HEIGHT = 380

/** "/", right-click, or a wire dropped on empty space: type, arrow, Enter. */
export function SearchCard(): ReactElement | null {
  const request = useStore((s) => s.ui.search)
  return request ? <Card key={JSON.stringify(request)} request={request} /> : null
}

function Card({ request }: { request: SearchRequest }): ReactElement {
  const [query, setQuery] = useState("")
  const [index, setIndex] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  const card = useRef<HTMLDivElement>(null)
  const catalogue = useStore((s) => s.catalogue)
  const document = useStore((s) => s.drawing)
  const readonly = useStore((s) => s.readonly)
  const items = useMemo(() => searchItems(request), [request, catalogue, document, readonly])
  const found = useMemo(() => matching(items, query).slice(0, 40), [items, query])
  const current = Math.min(index, found.length - 1)

  useEffect(() => field.current?.focus({ preventScroll: true }), [])
  useEffect(() => {
    card.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" })
  }, [current])

  const close = () => {
    setUi({ search: null })
    canvasView()?.focus()
  }
  const take = (position: number) => {
    const match = found[position]
    if (!match) return
    close()
    match.item.run()
  }
  const host = card.current?.parentElement
  const bounds = { width: host?.clientWidth ?? 900, height: host?.clientHeight ?? 600 }
  const left = request.at ? Math.max(8, Math.min(request.at.x, bounds.width - WIDTH - 8)) : 8
  const top = request.at ? Math.max(8, Math.min(request.at.y, bounds.height - HEIGHT - 8)) : 8

  return (
    <div
      ref={card}
      className="pg-search"
      style={{ left, top, width: WIDTH, maxHeight: HEIGHT }}
      data-testid="search-card"
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === "Escape") close()
        else if (event.key === "ArrowDown") setIndex(Math.min(found.length - 1, current + 1))
        else if (event.key === "ArrowUp") setIndex(Math.max(0, current - 1))
        else if (event.key === "Enter") take(current)
        else return
        event.preventDefault()
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setUi({ search: null })
      }}
    >
      <input
        ref={field}
        data-testid="search-field"
        role="combobox"
        aria-expanded="true"
        aria-controls="pg-found"
        aria-activedescendant={found[current] ? `pg-found-${current}` : undefined}
        aria-label={heading(request)}
        placeholder={heading(request)}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setIndex(0)
        }}
      />
      <div id="pg-found" role="listbox" className="pg-found" aria-label="Found">
        {found.map(({ item, because }, position) => (
          <div key={item.id} role="presentation">
            {item.section !== found[position - 1]?.item.section && query === "" && <div className="pg-found-section">{item.section}</div>}
            <div
              id={`pg-found-${position}`}
              role="option"
              aria-selected={position === current}
              className="pg-found-item"
              data-testid={`found-${item.id}`}
              onMouseDown={(event) => event.preventDefault()}
              onPointerMove={() => setIndex(position)}
              onClick={() => take(position)}
            >
              {item.silhouette ? <Silhouette kind={item.silhouette} size={18} curve={item.curve} /> : <span className="pg-found-blank" />}
              <span>{item.title}</span>
              <span className="pg-found-why">{because ?? item.detail}</span>
            </div>
          </div>
        ))}
        {found.length === 0 && <p className="pg-help">Nothing is called “{query}” here.</p>}
      </div>
    </div>
  )
}

function heading(request: SearchRequest): string {
  if (request.offer === "nodes") return "Wire to…"
  if (request.edge) return "Insert a layer"
  if (request.wire) return "What comes next?"
  return "Add a layer, or find anything"
}
