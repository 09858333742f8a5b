/** What must survive F5: the draft until the server confirmed it (any tab), undo history and camera (this tab). */
import type { History, Step } from "./document/history"
import type { ProjectDocument, Viewport } from "./protocol"

interface Draft {
  base: number
  document: ProjectDocument
  saved: ProjectDocument | null
}

const draftKey = (project: string) => `playground:draft:${project}`
const tabKey = (project: string) => `playground:tab:${project}`
const viewKey = (project: string) => `playground:view:${project}`
const MAX_HISTORY_CHARACTERS = 2_000_000

export function keepDraft(project: string, draft: Draft | null): void {
  attempt(() => {
    if (draft) localStorage.setItem(draftKey(project), JSON.stringify(draft))
    else localStorage.removeItem(draftKey(project))
  })
}

export function keptDraft(project: string): Draft | null {
  return attempt(() => {
    const text = localStorage.getItem(draftKey(project))
    return text ? (JSON.parse(text) as Draft) : null
  })
}

/** Newest steps first in line when room is short. */
export function keepHistory(project: string, history: History): void {
  attempt(() => {
    const past: string[] = []
    let room = MAX_HISTORY_CHARACTERS
    for (const step of [...history.past].reverse()) {
      const text = JSON.stringify(step)
      room -= text.length
      if (room < 0) break
      past.unshift(text)
    }
    const future = JSON.stringify(history.future.slice(-20))
    sessionStorage.setItem(tabKey(project), `{"past":[${past.join(",")}],"future":${future}}`)
  })
}

export function keptHistory(project: string): { past: Step[]; future: Step[] } | null {
  return attempt(() => {
    const text = sessionStorage.getItem(tabKey(project))
    return text ? (JSON.parse(text) as { past: Step[]; future: Step[] }) : null
  })
}

export function keepViewport(project: string, viewport: Viewport): void {
  attempt(() => localStorage.setItem(viewKey(project), JSON.stringify(viewport)))
}

export function keptViewport(project: string): Viewport | null {
  return attempt(() => {
    const text = localStorage.getItem(viewKey(project))
    const value = text ? (JSON.parse(text) as Viewport) : null
    return value && [value.x, value.y, value.zoom].every(Number.isFinite) ? value : null
  })
}

/** Storage may be full or refused (private windows); then F5 goes back to what the server has. */
function attempt<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}
