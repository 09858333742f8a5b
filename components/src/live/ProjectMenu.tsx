/** The project: its name, the ways to begin another, to keep this one as a file, and back to one's other projects. */
import { useEffect, useRef, useState } from "react"
import { send } from "../connection-api"
import { oneLine } from "../document/plain-text"
import { edit } from "../editing"
import { FileButtons } from "../files/FileButtons"
import { LessonList } from "../lesson/LessonList"
import type { ProjectEntry } from "../protocol"
import { openOther } from "../receive"
import { useStore } from "../store"
import { Icon } from "./icons"
import { Popover } from "./Popover"

const FIRST = 8

export function ProjectMenu({ wide }: { wide: boolean }) {
  const title = useStore((s) => s.document?.title ?? "")
  const unsaved = useStore((s) => s.unsaved)
  return (
    <Popover
      name={`${title}: project, new, files and your other projects`}
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
  useEffect(() => void send({ type: "projects" }), [])
  return (
    <div className="pgl-drawer pgl-project-menu">
      <Name />
      <FileButtons close={close} />
      <LessonList close={close} />
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
  const mine = useStore((s) => !s.readonly)
  const projects = useStore((s) => s.projects)
  const [all, setAll] = useState(false)
  const listed = (projects ?? []).filter((project) => project.id !== here || mine)
  const shown = all ? listed : listed.slice(0, FIRST)
  if (listed.length === 0) return null
  return (
    <>
      <h3>Your projects</h3>
      <ul className="pgl-projects">
        {shown.map((project) => (
          <Project key={project.id} project={project} here={project.id === here} close={close} />
        ))}
      </ul>
      {shown.length < listed.length && (
        <button type="button" className="pgl-button pgl-quiet-button" onClick={() => setAll(true)}>
          Show all {listed.length}
        </button>
      )}
    </>
  )
}

function Project({ project, here, close }: { project: ProjectEntry; here: boolean; close: () => void }) {
  const [asking, setAsking] = useState(false)
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (asking) keep.current?.focus()
  }, [asking])
  if (asking) {
    return (
      <li data-testid="project-asked">
        <span>Delete “{project.title}”? Its runs stay on the Runs page.</span>
        <button
          type="button"
          className="pgl-button pgl-outlined pgl-danger"
          data-testid="project-delete-yes"
          onClick={() => {
            send({ type: "delete_project", project: project.id })
            if (here) close()
          }}
        >
          Delete
        </button>
        <button ref={keep} type="button" className="pgl-button pgl-outlined" onClick={() => setAsking(false)}>
          Keep
        </button>
      </li>
    )
  }
  return (
    <li>
      <button
        type="button"
        className="pgl-project"
        data-testid={here ? "this-project" : "other-project"}
        aria-current={here || undefined}
        title={`Changed ${new Date(1000 * project.updated).toLocaleString()}`}
        disabled={here}
        onClick={() => {
          openOther(project.id)
          close()
        }}
      >
        <span>{project.title}</span>
        {here && <small>open</small>}
      </button>
      <button
        type="button"
        className="pgl-button pgl-quiet-button"
        data-testid="project-delete"
        aria-label={`Delete the project ${project.title}`}
        onClick={() => setAsking(true)}
      >
        Delete
      </button>
    </li>
  )
}
