import type { ProjectDocument } from "./types"

/** What undo goes back to: the document before a gesture, and the gesture's name. */
export interface Step {
  label: string
  document: ProjectDocument
  /** The blocks that were open when it was made: undo takes a person back to where the change is. */
  inside?: readonly string[]
}

/** One gesture is one step: changes that carry the same gesture key are folded into the step the first of them made. */
export interface History {
  past: Step[]
  future: Step[]
  gesture: string | null
}

export const HISTORY_LIMIT = 200

export const emptyHistory: History = { past: [], future: [], gesture: null }

export function recorded(history: History, before: ProjectDocument, label: string, gesture: string | null, inside: readonly string[] = []): History {
  if (gesture !== null && gesture === history.gesture && history.past.length > 0) {
    return history.future.length ? { ...history, future: [] } : history
  }
  const past = [...history.past, { label, document: before, inside }]
  return { past: past.length > HISTORY_LIMIT ? past.slice(past.length - HISTORY_LIMIT) : past, future: [], gesture }
}

/** The next change starts a step of its own, even with the same key. */
export function gestureEnded(history: History): History {
  return history.gesture === null ? history : { ...history, gesture: null }
}

export interface Moved {
  history: History
  document: ProjectDocument
  label: string
  inside: readonly string[]
}

export function undone(history: History, present: ProjectDocument): Moved | null {
  const step = history.past.at(-1)
  if (!step) return null
  return {
    document: step.document,
    label: step.label,
    inside: step.inside ?? [],
    history: {
      past: history.past.slice(0, -1),
      future: [...history.future, { ...step, document: present }],
      gesture: null,
    },
  }
}

export function redone(history: History, present: ProjectDocument): Moved | null {
  const step = history.future.at(-1)
  if (!step) return null
  return {
    document: step.document,
    label: step.label,
    inside: step.inside ?? [],
    history: {
      past: [...history.past, { ...step, document: present }],
      future: history.future.slice(0, -1),
      gesture: null,
    },
  }
}

/** A gesture that ended where it began leaves no step behind. */
export function dropped(history: History): History {
  return { ...history, past: history.past.slice(0, -1), gesture: null }
}
