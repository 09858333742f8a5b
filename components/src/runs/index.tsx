/** The entry Streamlit calls for the list of runs: once per mount, and again whenever `data` or the theme changes. */
import { StrictMode } from "react"
import { createRoot, type Root } from "react-dom/client"
import { Runs, type Actions } from "./Runs"
import type { RunsData } from "./list"
import "../tokens.css"
import "./runs.css"

interface StreamlitComponent {
  parentElement: HTMLElement | ShadowRoot
  data: RunsData | null
  setTriggerValue: (name: string, value: unknown) => void
}

const mounts = new WeakMap<object, { root: Root; host: HTMLElement }>()

export default function runs({ parentElement, data, setTriggerValue }: StreamlitComponent): () => void {
  let mounted = mounts.get(parentElement)
  if (!mounted) {
    const host = document.createElement("div")
    parentElement.appendChild(host)
    mounted = { root: createRoot(host), host }
    mounts.set(parentElement, mounted)
  }
  const { root, host } = mounted
  const tell = (act: string) => (run: string) => setTriggerValue("act", { act, run })
  const actions: Actions = {
    open: tell("open"),
    goOn: tell("go_on"),
    remove: tell("delete"),
    start: () => setTriggerValue("act", { act: "start", run: "" }),
  }
  if (data) {
    root.render(
      <StrictMode>
        <Runs data={data} actions={actions} />
      </StrictMode>,
    )
  }
  return () => {
    mounts.delete(parentElement)
    root.unmount()
    host.remove()
  }
}
