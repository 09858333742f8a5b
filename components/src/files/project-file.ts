/** A project as a file: written here, because the browser owns the document; read by the server, which knows every part. */
import { send } from "../connection-api"
import { endGesture } from "../editing"
import type { ProjectDocument } from "../protocol"
import { getState, toast } from "../store"
import { download } from "./download"

export const ENDING = ".playground.json"
/** What is read at all: nothing larger is a drawing. */
export const MAX_FILE = 5_000_000
/** The longest message the server takes, less what stands around the document. */
export const MAX_SENT = 256 * 1024 - 64

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** A name every system takes: letters, digits, spaces, dots and dashes, nothing else of the title. */
export function fileName(title: string): string {
  return fileStem(title) + ENDING
}

/** The same without an ending. */
export function fileStem(title: string): string {
  const clean = title
    .normalize("NFC")
    .slice(0, 200)
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, "-")
    .replace(/\s+/g, " ")
  const short = [...clean].slice(0, 60).join("").replace(/^[ .-]+|[ .-]+$/g, "")
  return RESERVED.test(short.split(".")[0]!) ? `project ${short}` : short || "project"
}

/** What stands in the file: the document as the command line reads it too. */
export function fileText(project: ProjectDocument): string {
  return JSON.stringify(project, null, 1) + "\n"
}

export function saveFile(): void {
  endGesture()
  const { document: project } = getState()
  if (!project) return
  download(fileName(project.title), new Blob([fileText(project)], { type: "application/json" }))
}

/** The document in a file's text, ready to send; or the sentence that says why not. */
export function readFileText(text: string): { document: unknown } | { problem: string } {
  let document: unknown
  let size: number
  try {
    document = JSON.parse(text)
    size = new TextEncoder().encode(JSON.stringify(document)).length
  } catch (error) {
    const deep = error instanceof RangeError
    return { problem: deep ? "This file is nested too deep. Choose a project file." : "This is not a project file: it is not JSON. Choose one that was saved here." }
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return { problem: "This is not a project file. Choose one that was saved here." }
  }
  if (size > MAX_SENT) return { problem: `This drawing has ${Math.ceil(size / 1024)} KB; 256 KB work here.` }
  return { document }
}

/** Opens a file as a new project. Whatever is wrong with it is told in one sentence. */
export async function openFile(file: File): Promise<void> {
  const problem = await openedFile(file)
  if (problem) toast(problem, "error")
}

async function openedFile(file: File): Promise<string | null> {
  if (file.size > MAX_FILE) return `This file has ${(file.size / 1e6).toFixed(1)} MB; a project has at most ${MAX_FILE / 1e6} MB.`
  let text: string
  try {
    text = await file.text()
  } catch {
    return "This file cannot be read. Choose another one."
  }
  const read = readFileText(text)
  if ("problem" in read) return read.problem
  const sent = send({ type: "file", document: read.document })
  return sent ? null : "The server does not answer. Open the file again when the connection is back."
}

/** Opens the one file that was dropped or chosen. */
export function openFiles(files: FileList | null): void {
  const [file, another] = files ?? []
  if (another) toast("Drop one project file at a time.", "warn")
  else if (file) void openFile(file)
}
