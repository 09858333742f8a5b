/** The entry Streamlit calls: once per mount, and again whenever `data` or the theme changes. */
import { StrictMode } from "react"
import { createRoot, type Root } from "react-dom/client"
import { setNavigation } from "../receive"
import { loadPreferences } from "../store"
import { setAskWhy } from "../live"
import { askForNewToken } from "./new-token"
import { Workbench, type WorkbenchData } from "./Workbench"
import "@xyflow/react/dist/base.css"
import "../tokens.css"
import "./workbench.css"
import "../files/files.css"

interface StreamlitComponent {
  parentElement: HTMLElement | ShadowRoot
  data: WorkbenchData | null
  setStateValue?: (name: string, value: unknown) => void
  setTriggerValue?: (name: string, value: unknown) => void
}

interface Mounted {
  root: Root
  host: HTMLElement
  stopAsking?: () => void
}

// One React root per mount; a rerun of the page calls again with the same parent and must not start over.
const mounts = new WeakMap<object, Mounted>()

export default function workbench(component: StreamlitComponent): () => void {
  const { parentElement, data } = component
  let mounted = mounts.get(parentElement)
  if (!mounted) {
    loadPreferences()
    const host = document.createElement("div")
    host.className = "pg-host"
    // Streamlit listens for a bare "r" and "c" anywhere on the page; while one draws they are only letters.
    host.addEventListener("keydown", (event) => {
      if (/^[rc]$/i.test(event.key) && !event.ctrlKey && !event.metaKey) event.stopPropagation()
    })
    parentElement.appendChild(host)
    mounted = { root: createRoot(host), host }
    mounts.set(parentElement, mounted)
  }
  if (data?.navigate && component.setTriggerValue) {
    const { setTriggerValue } = component
    const go = (project: string) => setTriggerValue("project", project)
    setNavigation(go)
    mounted.stopAsking?.()
    mounted.stopAsking = askForNewToken(go)
    setAskWhy((run) => setTriggerValue("explain", run))
  }
  const { root, host } = mounted
  if (data) {
    root.render(
      <StrictMode>
        <Workbench data={data} host={host} />
      </StrictMode>,
    )
  }
  return () => {
    mounts.get(parentElement)?.stopAsking?.()
    mounts.delete(parentElement)
    root.unmount()
    host.remove()
  }
}
