/** The entry Streamlit calls for the Explain page: once per mount, and again when `data` or the theme changes. */
import { createRoot, type Root } from "react-dom/client"
import { LiveConnection, socketUrl } from "../live/connection"
import { decodeFrame } from "../live/frames"
import { Explain } from "./Explain"
import type { FromServer } from "./messages"
import { store } from "./store"
import "../tokens.css"
import "./case.css"
import "./map.css"
import "./explain.css"

interface ExplainData {
  token: string
  run: string | null
}

interface StreamlitComponent {
  parentElement: HTMLElement | ShadowRoot
  data: ExplainData | null
  setTriggerValue?: (name: string, value: unknown) => void
}

const mounts = new WeakMap<object, { root: Root; host: HTMLElement }>()
let connection: LiveConnection | null = null

function connect({ token, run }: ExplainData): void {
  store.wish(run)
  if (connection) {
    connection.renew(token, "")
    return
  }
  connection = new LiveConnection(socketUrl(import.meta.url), token, "", {
    onMessage: (message) => store.hear(message as unknown as FromServer),
    onFrame: (buffer) => store.hearFrame(decodeFrame(buffer)),
    onOpen: () => store.begin(),
  })
  // The live half's connection carries any JSON; only its types name the Build page's messages.
  store.send = (message) => void connection?.send(message as never)
  connection.start()
}

export default function explain({ parentElement, data, setTriggerValue }: StreamlitComponent): () => void {
  let mounted = mounts.get(parentElement)
  if (!mounted) {
    const host = document.createElement("div")
    host.className = "pg-host"
    parentElement.appendChild(host)
    mounted = { root: createRoot(host), host }
    mounts.set(parentElement, mounted)
  }
  if (setTriggerValue) store.goToBuild = (run) => setTriggerValue("build", run)
  if (data?.token) connect(data)
  const { root, host } = mounted
  root.render(<Explain />)
  return () => {
    mounts.delete(parentElement)
    connection?.stop()
    connection = null
    root.unmount()
    host.remove()
  }
}
