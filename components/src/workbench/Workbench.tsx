import { useLayoutEffect, useRef, useState, type ReactElement } from "react"
import { Editor } from "../editor/Editor"
import { Dialogs } from "../files/Dialogs"
import { DropTarget } from "../files/DropTarget"
import { LessonCard } from "../lesson/LessonCard"
import { Headline, LiveColumn, PhoneCurve, PhonePicture, PhonePlay, Strip, Timeline, startLive } from "../live"
import { useEffect } from "react"
import { setState, useStore, type PhonePane } from "../store"
import { divergingColours, schemeOf } from "../theme"

export interface WorkbenchData {
  token: string
  project: string
  view: string
  /** The page wants to be told of a change of project by the trigger "project" instead of the address bar. */
  navigate?: boolean
  /** The pages of the app, for the bar at the bottom of a phone. */
  pages?: { title: string; url: string; current?: boolean }[]
}

export type Size = "wide" | "medium" | "phone"

export function Workbench({ data, host }: { data: WorkbenchData; host: HTMLElement }): ReactElement {
  const root = useRef<HTMLDivElement>(null)
  const scheme = useStore((s) => s.scheme)
  const projector = useStore((s) => s.preferences.projector)
  const pane = useStore((s) => s.pane)
  const size = useSize(host)

  // Every render may be a change of theme: Streamlit calls the component again and only the properties differ.
  useLayoutEffect(() => {
    if (!root.current) return
    setState({ scheme: schemeOf(root.current) })
    divergingColours(root.current)?.forEach((colour, index) => root.current?.style.setProperty(`--sign-${index}`, colour))
  })

  const { token, project, view } = data
  useEffect(() => startLive({ token, project, view }), [token, project, view])

  return (
    <div
      ref={root}
      className="pg-root"
      data-theme={scheme}
      data-size={size}
      data-projector={projector || undefined}
      data-testid="workbench"
    >
      <div className="pg-strip">
        <Strip />
      </div>
      <Dialogs />
      {(size !== "phone" || pane === "net") && (
        <main className="pg-canvas">
          <Editor size={size} />
          <LessonCard />
          <div className="pg-headline">
            <Headline />
          </div>
          <DropTarget area={root} />
        </main>
      )}
      {size !== "phone" && (
        <>
          <aside className="pg-live" aria-label="What the network answers">
            <LiveColumn />
          </aside>
          <div className="pg-timeline">
            <Timeline />
          </div>
        </>
      )}
      {size === "phone" && (
        <>
          {pane === "picture" && <div className="pg-pane">{<PhonePicture />}</div>}
          {pane === "curve" && <div className="pg-pane">{<PhoneCurve />}</div>}
          <PhoneBar pane={pane} pages={data.pages ?? []} />
        </>
      )}
    </div>
  )
}

const panes: { id: PhonePane; title: string }[] = [
  { id: "net", title: "Net" },
  { id: "picture", title: "Picture" },
  { id: "curve", title: "Curve" },
]

function PhoneBar({ pane, pages }: { pane: PhonePane; pages: NonNullable<WorkbenchData["pages"]> }): ReactElement {
  return (
    <nav className="pg-phonebar" aria-label="Panes">
      <div className="pg-segments" role="tablist" aria-label="What to look at">
        {panes.map(({ id, title }) => (
          <button
            key={id}
            role="tab"
            aria-selected={pane === id}
            data-testid={`pane-${id}`}
            onClick={() => setState({ pane: id })}
          >
            {title}
          </button>
        ))}
      </div>
      <PhonePlay />
      {pages.length > 0 && (
        <div className="pg-pages">
          {pages.map((page) => (
            <a key={page.url} href={page.url} target="_self" aria-current={page.current ? "page" : undefined}>
              {page.title}
            </a>
          ))}
        </div>
      )}
    </nav>
  )
}

/** By our own width, not the window's: the component may sit beside something. Also writes how much height is left below us. */
function useSize(host: HTMLElement): Size {
  const [size, setSize] = useState<Size>(() => sizeFor(host.clientWidth || window.innerWidth))
  useLayoutEffect(() => {
    const measure = () => {
      setSize(sizeFor(host.clientWidth || window.innerWidth))
      const top = Math.max(0, Math.round(host.getBoundingClientRect().top + window.scrollY))
      host.style.setProperty("--bench-top", `${top < window.innerHeight / 2 ? top : 0}px`)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(host)
    window.addEventListener("resize", measure)
    return () => {
      observer.disconnect()
      window.removeEventListener("resize", measure)
    }
  }, [host])
  return size
}

function sizeFor(width: number): Size {
  if (width < 768) return "phone"
  return width < 1200 ? "medium" : "wide"
}
