/** The project: its name, networks to begin another from, and the way back to one's other projects. */
import { useEffect, useState } from "react"
import { send } from "../connection-api"
import { oneLine } from "../document/plain-text"
import { edit } from "../editing"
import { FileButtons } from "../files/FileButtons"
import type { CatalogueEntry } from "../protocol"
import { openOther } from "../receive"
import { useStore } from "../store"
import { Icon } from "./icons"
import { Popover } from "./Popover"

const OTHERS = 8

export function ProjectMenu({ wide }: { wide: boolean }) {
  const title = useStore((s) => s.document?.title ?? "")
  const unsaved = useStore((s) => s.unsaved)
  return (
    <Popover
      name={`${title}: project, templates and your other projects`}
      testid="project-menu"
      className="pgl-quiet-button"
      wide
      label={
        <>
          {wide && (
            <span className="pgl-name" data-testid="project-name" title={unsaved ? "Saving" : "Saved"}>
              {title}
              {unsaved && <i aria-label="not saved yet">·</i>}
            </span>
          )}
          {wide ? <Icon name="down" size={12} /> : <Icon name="menu" />}
        </>
      }
    >
      {(close) => <Menu close={close} />}
    </Popover>
  )
}

function Menu({ close }: { close: () => void }) {
  const templates = useStore((s) => s.catalogue.templates)
  useEffect(() => void send({ type: "projects" }), [])
  return (
    <div className="pgl-drawer pgl-project-menu">
      <Name />
      <FileButtons close={close} />
      <h3>Begin with another network</h3>
      {groups(templates).map(([group, entries]) => (
        <section key={group} aria-label={group}>
          <h4>{group}</h4>
          <div className="pgl-templates">
            {entries.map((entry) => (
              <button
                key={entry.kind}
                type="button"
                className="pgl-template"
                data-testid={`template-${entry.kind}`}
                onClick={() => {
                  send({ type: "new", kind: entry.kind })
                  close()
                }}
              >
                <b>{entry.title}</b>
                <span>{entry.purpose}</span>
              </button>
            ))}
          </div>
        </section>
      ))}
      <Others close={close} />
    </div>
  )
}

function Name() {
  const title = useStore((s) => s.document?.title ?? "")
  const readonly = useStore((s) => s.readonly)
  const [text, setText] = useState<string | null>(null)
  const take = (): void => {
    const name = oneLine(text ?? "", 80)
    if (name && name !== title) edit("Rename", (document) => ({ ...document, title: name }))
    setText(null)
  }
  return (
    <label className="pgl-project-name">
      <span>Name of this project</span>
      <input
        value={text ?? title}
        maxLength={80}
        disabled={readonly}
        data-testid="project-title"
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take()
        }}
      />
    </label>
  )
}

function Others({ close }: { close: () => void }) {
  const here = useStore((s) => s.project)
  const projects = useStore((s) => s.projects)
  const others = (projects ?? []).filter((project) => project.id !== here).slice(0, OTHERS)
  if (others.length === 0) return null
  return (
    <>
      <h3>Your other projects</h3>
      <div className="pgl-choices">
        {others.map((project) => (
          <button
            key={project.id}
            type="button"
            className="pgl-choice"
            data-testid="other-project"
            title={new Date(1000 * project.updated).toLocaleString()}
            onClick={() => {
              openOther(project.id)
              close()
            }}
          >
            {project.title}
          </button>
        ))}
      </div>
    </>
  )
}

/** Templates by group, in the order of the catalogue. */
export function groups(templates: CatalogueEntry[]): [string, CatalogueEntry[]][] {
  const found = new Map<string, CatalogueEntry[]>()
  for (const entry of templates) {
    if (!entry.hidden) found.set(entry.group, [...(found.get(entry.group) ?? []), entry])
  }
  return [...found]
}
