/** The one large dialog that is open, if any. */
import type { ReactElement } from "react"
import { Gallery } from "../gallery/Gallery"
import { useStore } from "../store"
import { useDialog } from "./dialogs"
import { ExportDialog } from "./ExportDialog"

export function Dialogs(): ReactElement | null {
  const name = useDialog()
  const there = useStore((s) => s.document !== null)
  if (!name || !there) return null
  return name === "gallery" ? <Gallery /> : <ExportDialog />
}
