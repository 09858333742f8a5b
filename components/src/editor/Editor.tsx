import { ReactFlowProvider } from "@xyflow/react"
import { useCallback, type ClipboardEvent, type PointerEvent, type ReactElement } from "react"
import { useLocked, useStore } from "../store"
import type { Size } from "../workbench/Workbench"
import { copyText, deleteSelection, pasteText } from "./actions"
import { Breadcrumb } from "./Breadcrumb"
import { Canvas } from "./Canvas"
import { EmptyHint, NetworkTrouble, PredictCard, ReadonlyBar, ShortcutSheet } from "./cards"
import { ContextMenu } from "./ContextMenu"
import { Inspector } from "./Inspector"
import { isTyping, onCanvasKey } from "./keys"
import { Notes } from "./Notes"
import { Outline } from "./Outline"
import { Palette } from "./Palette"
import { SearchCard } from "./SearchCard"
import { Toasts } from "./Toasts"
import { Toolbar } from "./Toolbar"
import "./editor.css"
import "./nodes.css"
import "./blocks.css"
import "./rail.css"
import "./cards.css"
import "./notes.css"
import "./outline.css"
import "./form.css"
import "./sticky.css"

export function Editor({ size }: { size: Size }): ReactElement {
  const project = useStore((s) => s.project)
  const ready = useStore((s) => s.drawing !== null)
  const readonly = useLocked()
  const inside = useStore((s) => s.inside)
  const outline = useStore((s) => s.preferences.outline)
  const phone = size === "phone"

  // A click on the drawing gives it the focus, so that Space and the other keys act on it.
  const takeFocus = useCallback((event: PointerEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement
    if (target.closest("button, input, select, textarea, [contenteditable], a, [role=option], .react-flow__node")) return
    event.currentTarget.focus({ preventScroll: true })
  }, [])
  const onCopy = (event: ClipboardEvent, cut: boolean) => {
    if (isTyping(event.target) || hasTextSelected()) return
    const text = copyText()
    if (!text) return
    event.clipboardData.setData("text/plain", text)
    event.preventDefault()
    if (cut) deleteSelection()
  }
  const onPaste = (event: ClipboardEvent) => {
    if (isTyping(event.target) || readonly) return
    if (pasteText(event.clipboardData.getData("text/plain"))) event.preventDefault()
  }

  return (
    <div
      className="pg-editor"
      data-size={size}
      data-readonly={readonly || undefined}
      tabIndex={0}
      role="application"
      aria-label="Network editor. Press question mark for the keys, O for an outline."
      onKeyDown={onCanvasKey}
      onPointerDownCapture={takeFocus}
      onCopy={(event) => onCopy(event, false)}
      onCut={(event) => onCopy(event, true)}
      onPaste={onPaste}
    >
      {ready ? (
        <ReactFlowProvider key={[project, ...inside].join(" ")}>
          <div className="pg-stage">
            <Canvas size={size} />
            {!readonly && !phone && <Palette />}
            {!phone && <Toolbar />}
            <Breadcrumb />
            <Notes />
            {!phone && !outline && <Inspector size={size} />}
            <EmptyHint />
            <NetworkTrouble />
            <ContextMenu />
            <PredictCard />
            <SearchCard />
            <ReadonlyBar />
            <Toasts />
          </div>
          {(outline || phone) && <Outline closable={!phone} />}
          <ShortcutSheet />
        </ReactFlowProvider>
      ) : (
        <Skeleton />
      )}
    </div>
  )
}

function hasTextSelected(): boolean {
  return (window.getSelection()?.toString() ?? "") !== ""
}

/** The outline of a network while the real one is on its way. */
function Skeleton(): ReactElement {
  return (
    <div className="pg-skeleton" aria-label="Opening the network" role="status">
      <span />
      <i />
      <span />
      <i />
      <span />
    </div>
  )
}
