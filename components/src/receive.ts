/** What the server says, written into the store. The connection calls `receive` with every text message. */
import { emptyHistory, type Step } from "./document/history"
import { merged } from "./document/merge"
import { confirmedDocument, edit, forgetEdits, onRefused, onSaved, resend, setConfirmed } from "./editing"
import { askInside, onInside } from "./editor/blocks"
import { setVersions } from "./editor/versions"
import { lessonOf, onLesson } from "./lesson/lesson"
import { keptDraft, keptHistory, keptViewport } from "./keeping"
import type { ProjectMessage, ServerMessage } from "./protocol"
import { emptyCatalogue, getState, nothingSelected, setState, toast } from "./store"

let goTo: (project: string) => void = (project) => {
  const url = new URL(window.location.href)
  url.searchParams.set("project", project)
  window.location.assign(url)
}

/** Go to another project, as a redirect of the server does. */
export function openOther(project: string): void {
  goTo(project)
}

/** How to go to another project; the page may know a better way than the address bar. */
export function setNavigation(navigate: (project: string) => void): void {
  goTo = navigate
}

export function receive(message: ServerMessage): void {
  switch (message.type) {
    case "project":
      return openProject(message)
    case "saved":
      return onSaved(message.seq, message.revision)
    case "changed": {
      const { document, history, unsaved } = getState()
      const base = confirmedDocument()
      if (!document || !base || message.revision < getState().revision) return
      setConfirmed(message.document)
      const carried = (step: Step) => ({
        ...step,
        document: merged(base, step.document, message.document),
      })
      setState({
        revision: message.revision,
        document: unsaved ? merged(base, document, message.document) : message.document,
        history: { ...history, past: history.past.map(carried), future: history.future.map(carried) },
      })
      if (message.conflicts.length > 0) {
        toast(`Another tab changed the same layer (${message.conflicts.join(", ")}). Its version is shown; yours is in the history.`, "warn")
      }
      return
    }
    case "checked":
      if ((getState().checked?.revision ?? -1) > message.revision) return
      setState({ checked: message })
      return askInside()
    case "inside":
      return onInside(message)
    case "blocks":
      return setState({ blocks: message.blocks })
    case "run":
      return setState({ run: message })
    case "propose":
      edit(message.label, () => message.document, { select: {} })
      return
    case "toast":
      return toast(message.text, message.level)
    case "held":
      return setState({ held: message.held })
    case "projects":
      return setState({ projects: message.projects })
    case "lesson":
      return onLesson(message.lesson, message.project)
    case "versions":
      return setVersions(message.versions)
    case "link":
      return setState({ link: message })
    case "redirect":
      return goTo(message.project)
    case "error":
      onRefused(message.seq)
      return toast(message.text, "error")
    case "metrics":
      return
  }
}

function openProject(message: ProjectMessage): void {
  const before = getState()
  const same = before.project === message.id && before.document !== null
  if (!same) forgetEdits()
  const draft = message.readonly ? null : same && before.unsaved ? pendingDraft() : keptDraft(message.id)
  const catalogue = { ...emptyCatalogue, ...message.catalogue }
  if (message.templates) catalogue.templates = message.templates
  // A draft made on an older revision is carried over onto what the server has now.
  const document = !draft
    ? message.document
    : draft.base === message.revision || !draft.saved
      ? draft.document
      : merged(draft.saved, draft.document, message.document)
  const kept = same ? before.history : { ...emptyHistory, ...keptHistory(message.id) }
  setState({
    project: message.id,
    revision: message.revision,
    readonly: message.readonly,
    opening: message.opening,
    catalogue,
    glossary: message.glossary ?? {},
    document,
    inside: same ? before.inside : [],
    shipped: same ? before.shipped : {},
    history: message.readonly ? emptyHistory : kept,
    selection: same ? before.selection : nothingSelected,
    unsaved: draft !== null,
    viewport: same ? before.viewport : keptViewport(message.id),
    run: message.run,
    held: false,
    checked: same ? before.checked : null,
  })
  setConfirmed(message.document)
  lessonOf(message.id, message.readonly, message.lessons ?? {})
  if (draft) resend("Changes made while away")
}

function pendingDraft() {
  const { document, revision } = getState()
  return document && { base: revision, document, saved: confirmedDocument() }
}
