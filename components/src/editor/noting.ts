/** Notes on the canvas: set down, written, moved, thrown away. Each is one step of undo. */
import { MOST_NOTES, MOST_WORDS, freshNote, putNote } from "../document/flags"
import { edit } from "../editing"
import type { Position, StickyNote } from "../protocol"
import { getState, toast } from "../store"
import { canvasView } from "./placing"

const WIDTH = 200

/** Which note is being written. It lives outside the document: whoever undoes does not want a cursor back. */
let writing: string | null = null
const listeners = new Set<() => void>()

export function writes(): string | null {
  return writing
}

export function onWriting(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function write(id: string | null): void {
  writing = id
  listeners.forEach((listener) => listener())
}

export function addNote(at: Position | null = null): void {
  const { document, inside } = getState()
  if (!document) return
  if (Object.keys(document.layout.notes ?? {}).length >= MOST_NOTES) return toast(`There are ${MOST_NOTES} notes; that is as many as fit.`, "warn")
  const middle = at ?? canvasView()?.middle() ?? { x: 0, y: 0 }
  const id = freshNote(document)
  const note: StickyNote = { x: Math.round(middle.x - WIDTH / 2), y: Math.round(middle.y - 40), width: WIDTH, text: "", inside: inside.join(".") || null }
  if (edit("Add a note", (current) => putNote(current, id, note))) write(id)
}

export function changeNote(id: string, change: Partial<StickyNote>, label: string): void {
  edit(label, (document) => {
    const was = document.layout.notes?.[id]
    if (!was || Object.entries(change).every(([name, value]) => was[name as keyof StickyNote] === value)) return document
    return putNote(document, id, { ...was, ...change })
  })
}

/** What was typed, without what no database keeps. An empty note is thrown away. */
export function writeNote(id: string, text: string): void {
  // eslint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "").slice(0, MOST_WORDS)
  if (clean.trim() === "") removeNote(id)
  else changeNote(id, { text: clean }, "Write a note")
}

export function removeNote(id: string): void {
  edit("Throw a note away", (document) => putNote(document, id, null))
}
