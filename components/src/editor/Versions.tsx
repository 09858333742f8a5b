import { useEffect, useRef, useState, useSyncExternalStore, type ReactElement } from "react"
import { send } from "../connection-api"
import { oneLine } from "../document/plain-text"
import { endGesture } from "../editing"
import type { Version } from "../protocol"
import { toast, useStore } from "../store"
import { canvasView } from "./placing"
import { ago, knownVersions, onVersions, setVersions } from "./versions"

/** What was saved by itself, and what a person gave a name to come back to. Going back is a step like any other. */
export function Versions({ close }: { close: () => void }): ReactElement {
  const versions = useSyncExternalStore(onVersions, knownVersions)
  const unsaved = useStore((s) => s.unsaved)
  const [name, setName] = useState("")
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    send({ type: "versions" })
    field.current?.focus({ preventScroll: true })
    return () => setVersions(null)
  }, [])
  const leave = () => {
    close()
    canvasView()?.focus()
  }
  const keep = () => {
    const title = oneLine(name, 80)
    if (!title) return
    endGesture()
    field.current?.focus({ preventScroll: true })
    if (send({ type: "keep_version", title })) setName("")
    else toast("Not connected. Your work is saved; try again in a moment.", "warn")
  }
  const back = (version: Version) => {
    send({ type: "version", revision: version.revision })
    leave()
  }
  return (
    <div
      className="pg-versions"
      role="dialog"
      aria-label="Versions"
      data-testid="versions-card"
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === "Escape") leave()
      }}
    >
      <header>
        <h2>Versions</h2>
        <span className="pg-saved" data-testid="saved-state" role="status">
          {unsaved ? "Saving …" : "All changes are saved"}
        </span>
        <button type="button" className="pg-close" aria-label="Close" onClick={leave}>
          ✕
        </button>
      </header>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          keep()
        }}
      >
        <label>
          <span>Save a version</span>
          <input ref={field} value={name} maxLength={80} placeholder="Name it" data-testid="version-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <button type="submit" className="pg-button" data-testid="version-keep" disabled={name.trim() === ""}>
          Save
        </button>
      </form>
      <List title="Named" versions={versions?.filter((one) => one.named)} back={back} empty="None yet. A name makes a state easy to find again." />
      <List title="Saved by itself" versions={versions?.filter((one) => !one.named)} back={back} empty="Nothing yet." />
    </div>
  )
}

interface ListProps {
  title: string
  versions: Version[] | undefined
  back: (version: Version) => void
  empty: string
}

function List({ title, versions, back, empty }: ListProps): ReactElement {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {versions && versions.length === 0 && <p className="pg-saved">{empty}</p>}
      <ul>
        {versions?.map((version) => (
          <li key={version.revision}>
            <span className="pg-version-title">{version.title || "Saved"}</span>
            <small>{ago(version.saved)}</small>
            <button type="button" className="pg-button" aria-label={`Go back to ${version.title}`} onClick={() => back(version)}>
              Go back
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
