/** A file may be dropped anywhere on the workbench; while one hovers, the canvas says what will happen. */
import { useEffect, useState, type ReactElement, type RefObject } from "react"
import { openFiles } from "./project-file"

export function DropTarget({ area }: { area: RefObject<HTMLElement | null> }): ReactElement | null {
  const hovering = useFileOver(area)
  if (!hovering) return null
  return (
    <div className="pg-drop-target" data-testid="drop-target" role="status">
      <p>Drop a project file to open it</p>
    </div>
  )
}

function useFileOver(area: RefObject<HTMLElement | null>): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const element = area.current
    if (!element) return undefined
    const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false
    const onOver = (event: DragEvent): void => {
      if (!hasFile(event)) return
      event.preventDefault()
      event.dataTransfer!.dropEffect = "copy"
      setOver(true)
    }
    // Passing from one element to another also counts as leaving; only being outside counts here.
    const onLeave = (event: DragEvent): void => {
      const { left, right, top, bottom } = element.getBoundingClientRect()
      const { clientX: x, clientY: y } = event
      if (x <= left || x >= right || y <= top || y >= bottom) setOver(false)
    }
    const onDrop = (event: DragEvent): void => {
      setOver(false)
      if (!hasFile(event)) return
      event.preventDefault()
      openFiles(event.dataTransfer?.files ?? null)
    }
    element.addEventListener("dragover", onOver)
    element.addEventListener("dragleave", onLeave)
    element.addEventListener("drop", onDrop)
    return () => {
      element.removeEventListener("dragover", onOver)
      element.removeEventListener("dragleave", onLeave)
      element.removeEventListener("drop", onDrop)
    }
  }, [area])
  return over
}
