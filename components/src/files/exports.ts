/** What is being taken away: asked of the server, which makes it, runs it elsewhere and says whether it answers alike. */
import { useSyncExternalStore } from "react"
import { send } from "../connection-api"
import { endGesture } from "../editing"
import type { Frame } from "../live/frames"
import type { ExportForm, ExportMessage } from "../protocol"
import { download } from "./download"

export interface Making {
  task: string
  share: number
  text: string
  failed: string | null
  done: Extract<ExportMessage, { type: "exported" }> | null
  file: { name: string; content: Blob } | null
}

type Makings = Partial<Record<ExportForm, Making>>

let makings: Makings = {}
let count = 0
const listeners = new Set<() => void>()

function change(form: ExportForm, patch: Partial<Making>): void {
  const before = makings[form]
  if (!before) return
  makings = { ...makings, [form]: { ...before, ...patch } }
  announce()
}

function announce(): void {
  for (const listener of [...listeners]) listener()
}

export function useMakings(): Makings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => makings,
  )
}

export function currentMakings(): Makings {
  return makings
}

/** Nothing that was made before says anything about the network as it is now. */
export function forgetExports(): void {
  for (const making of Object.values(makings)) {
    if (!making.done && !making.failed) send({ type: "cancel", task: making.task })
  }
  makings = {}
  announce()
}

export function make(form: ExportForm): void {
  endGesture()
  const task = `export-${form}-${(count += 1)}`
  const sent = send({ type: "export", task, form })
  const failed = sent ? null : "The server does not answer. Try again when the connection is back."
  makings = { ...makings, [form]: { task, share: 0, text: "Asking for it", failed, done: null, file: null } }
  announce()
}

function formOf(task: string): ExportForm | undefined {
  return (Object.keys(makings) as ExportForm[]).find((form) => makings[form]?.task === task)
}

/** Whether this message was about an export. */
export function hearExport(message: { type: string }): boolean {
  if (!["export_progress", "export_failed", "exported"].includes(message.type)) return false
  const about = message as ExportMessage
  const form = formOf(about.task)
  if (!form) return true
  if (about.type === "export_progress") change(form, { share: about.share, text: about.text })
  else if (about.type === "export_failed") change(form, { failed: about.message })
  else change(form, { done: about, share: 1 })
  return true
}

/** Whether this frame was the file of an export. */
export function takeExport({ header, arrays }: Frame): boolean {
  if ((header.type as string) !== "export") return false
  const { task, name } = header as unknown as { task: string; name: string }
  const form = formOf(task)
  const bytes = arrays.get("file")?.values
  // A copy: the frame's buffer also holds the header.
  if (form && bytes) change(form, { file: { name: plainName(name), content: new Blob([new Uint8Array(bytes)]) } })
  return true
}

/** Letters, digits and one ending, whatever the server called it. */
function plainName(name: string): string {
  return /^[a-z0-9-]{1,60}\.[a-z]{2,12}$/.test(name) ? name : "network.bin"
}

export function save(form: ExportForm): void {
  const file = makings[form]?.file
  if (file) download(file.name, file.content)
}
