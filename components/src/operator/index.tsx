/** The entry Streamlit calls for the operator's page: once per mount, and again whenever `data` or the theme changes. */
import { StrictMode } from "react"
import { createRoot, type Root } from "react-dom/client"
import { Operator } from "./Operator"
import type { OperatorData, Order } from "./state"
import "../tokens.css"
import "./operator.css"

interface StreamlitComponent {
  parentElement: HTMLElement | ShadowRoot
  data: OperatorData | null
  setTriggerValue: (name: string, value: unknown) => void
}

const mounts = new WeakMap<object, { root: Root; host: HTMLElement }>()

export default function operator({ parentElement, data, setTriggerValue }: StreamlitComponent): () => void {
  let mounted = mounts.get(parentElement)
  if (!mounted) {
    const host = document.createElement("div")
    parentElement.appendChild(host)
    mounted = { root: createRoot(host), host }
    mounts.set(parentElement, mounted)
  }
  const { root, host } = mounted
  if (data) {
    root.render(
      <StrictMode>
        <Operator data={data} order={(order: Order) => setTriggerValue("order", order)} />
      </StrictMode>,
    )
  }
  return () => {
    mounts.delete(parentElement)
    root.unmount()
    host.remove()
  }
}
