import { ViewportPortal, useReactFlow } from "@xyflow/react"
import { useEffect, useRef, useState, useSyncExternalStore, type PointerEvent, type ReactElement } from "react"
import type { StickyNote } from "../protocol"
import { shallow, useStore } from "../store"
import { MOST_WORDS } from "../document/flags"
import { changeNote, onWriting, removeNote, write, writeNote, writes } from "./noting"
import { canvasView } from "./placing"

/** The notes of the open drawing, over the canvas and under nothing: words a teacher leaves, or one's own. */
export function Notes(): ReactElement | null {
  const notes = useStore((s) => {
    const inside = s.inside.join(".") || null
    return Object.entries(s.document?.layout.notes ?? {}).filter(([, note]) => (note.inside ?? null) === inside)
  }, sameNotes)
  const readonly = useStore((s) => s.readonly)
  const writing = useSyncExternalStore(onWriting, writes)
  if (notes.length === 0) return null
  return (
    <ViewportPortal>
      {notes.map(([id, note]) => (
        <Note key={id} id={id} note={note} readonly={readonly} writing={writing === id} />
      ))}
    </ViewportPortal>
  )
}

function sameNotes(a: [string, StickyNote][], b: [string, StickyNote][]): boolean {
  return a.length === b.length && a.every(([id, note], index) => id === b[index]![0] && shallow(note, b[index]![1]))
}

interface Props {
  id: string
  note: StickyNote
  readonly: boolean
  writing: boolean
}

function Note({ id, note, readonly, writing }: Props): ReactElement {
  const flow = useReactFlow()
  const [drag, setDrag] = useState<{ x: number; y: number; width: number } | null>(null)
  const from = useRef<{ x: number; y: number; wider: boolean } | null>(null)
  const at = drag ?? note

  const begin = (event: PointerEvent, wider: boolean) => {
    if (readonly || event.button !== 0) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = { x: event.clientX, y: event.clientY, wider }
  }
  const move = (event: PointerEvent) => {
    if (!from.current) return
    const zoom = flow.getZoom()
    const x = (event.clientX - from.current.x) / zoom
    const y = (event.clientY - from.current.y) / zoom
    if (from.current.wider) setDrag({ x: note.x, y: note.y, width: Math.max(80, Math.min(2000, note.width + x)) })
    else setDrag({ x: note.x + x, y: note.y + y, width: note.width })
  }
  const end = () => {
    const wider = from.current?.wider
    from.current = null
    if (drag) changeNote(id, { x: Math.round(drag.x), y: Math.round(drag.y), width: Math.round(drag.width) }, wider ? "Widen a note" : "Move a note")
    setDrag(null)
  }
  const step = (key: string): [number, number] | null =>
    ({ ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] } as Record<string, [number, number]>)[key] ?? null

  return (
    <div
      className="pg-note nopan nodrag"
      data-testid={id}
      style={{ transform: `translate(${at.x}px, ${at.y}px)`, width: at.width }}
      tabIndex={0}
      role="note"
      aria-label={`Note: ${note.text}`}
      onPointerDown={(event) => !writing && begin(event, false)}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={() => {
        from.current = null
        setDrag(null)
      }}
      onDoubleClick={() => !readonly && write(id)}
      onKeyDown={(event) => {
        if (writing || readonly) return
        const by = step(event.key)
        if (event.key === "Enter" || event.key === "F2") write(id)
        else if (event.key === "Delete" || event.key === "Backspace") {
          removeNote(id)
          canvasView()?.focus()
        } else if (by) changeNote(id, { x: note.x + by[0], y: note.y + by[1] }, "Move a note")
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      {writing ? <Field id={id} text={note.text} /> : <p>{note.text || "…"}</p>}
      {!readonly && !writing && (
        <>
          <button type="button" className="pg-note-close" aria-label="Throw this note away" onPointerDown={(event) => event.stopPropagation()} onClick={() => removeNote(id)}>
            ✕
          </button>
          <span className="pg-note-edge" aria-hidden="true" onPointerDown={(event) => begin(event, true)} />
        </>
      )}
    </div>
  )
}

function Field({ id, text }: { id: string; text: string }): ReactElement {
  const field = useRef<HTMLTextAreaElement>(null)
  const left = useRef(false)
  useEffect(() => field.current?.focus({ preventScroll: true }), [])
  const done = (keep: boolean) => {
    if (left.current) return
    left.current = true
    write(null)
    writeNote(id, keep ? (field.current?.value ?? text) : text)
  }
  return (
    <textarea
      ref={field}
      data-testid="note-field"
      aria-label="Words of this note"
      placeholder="Write here. Enter keeps it, Shift + Enter begins a line."
      defaultValue={text}
      maxLength={MOST_WORDS}
      rows={Math.max(3, text.split("\n").length + 1)}
      onBlur={() => done(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
          event.preventDefault()
          done(event.key === "Enter")
          canvasView()?.focus()
        }
      }}
    />
  )
}
