/** Joins the socket, the document's store and the live state. Called by the page; calling it again is cheap. */
import { connection, setConnection } from "../connection-api"
import { hearExport, takeExport } from "../files/exports"
import { hearGallery } from "../gallery/cards"
import type { ServerMessage } from "../protocol"
import { receive } from "../receive"
import { getState, setState } from "../store"
import { LiveConnection, socketUrl } from "./connection"
import { decodeFrame } from "./frames"
import { live } from "./live"
import type { Point } from "./live-store"
import { watch, watchAgain, watchVisibility } from "./watching"

export interface Mount {
  token: string
  project: string
  view: string
}

const CLOSE_AFTER = 1500

let opened: LiveConnection | null = null
let mounts = 0
let closing: ReturnType<typeof setTimeout> | undefined

/** Opens (or keeps) the connection for this mount; returns what to call when the component goes away. */
export function startLive({ token, project }: Mount, bundle: string = import.meta.url): () => void {
  clearTimeout(closing)
  mounts += 1
  // A connection that was put in place beforehand (a test bench) is left alone.
  if (opened) opened.renew(token, project)
  else if (!connection()) open(token, project, bundle)
  return () => {
    mounts -= 1
    // Another page of the app may show the same component at once; only when none does is the line hung up.
    closing = setTimeout(() => mounts === 0 && hangUp(), CLOSE_AFTER)
  }
}

function open(token: string, project: string, bundle: string): void {
  opened = new LiveConnection(socketUrl(bundle), token, project, {
    onMessage: hear,
    onFrame: (buffer) => {
      const frame = decodeFrame(buffer)
      if (!takeExport(frame)) live.take(frame)
    },
    onOpen: watchAgain,
  })
  opened.subscribe((status) => setState({ connection: status }))
  setConnection(opened)
  opened.start()
}

function hangUp(): void {
  opened?.stop()
  opened = null
  setConnection(null)
}

if (typeof document !== "undefined") watchVisibility()

/** One text message of the server: the document's store first, then what the live half keeps for itself. */
export function hear(message: ServerMessage): void {
  if (hearExport(message) || hearGallery(message)) return
  const before = getState().project
  if (message.type === "project" && before !== null && message.id !== before) live.clear()
  receive(message)
  if (message.type === "project") {
    live.forgetData()
    live.setRun(message.run)
  }
  if (message.type === "run") live.setRun(message)
  if (message.type === "checked" && message.facts) {
    const { view, task, classes, feature_names, target_names } = message.facts
    live.setData(view, JSON.stringify([view, task, classes, feature_names, target_names]), message.revision)
  }
  if (message.type === "metrics") live.addPoints(message.points as Point[], message.reset)
}

/** The picture of the network changes to another case. */
export function showSample(sample: number | null): void {
  live.showSample(sample)
  watch({ sample })
}
