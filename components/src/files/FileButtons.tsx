/** New, open a file, take it away: how projects come and go. */
import { useRef, type ReactElement } from "react"
import { openDialog } from "./dialogs"
import { openFiles, saveFile } from "./project-file"

export function FileButtons({ close }: { close: () => void }): ReactElement {
  const chooser = useRef<HTMLInputElement>(null)
  return (
    <div className="pg-file-buttons">
      <button
        type="button"
        className="pgl-choice"
        data-testid="open-gallery"
        onClick={() => {
          close()
          openDialog("gallery")
        }}
      >
        New from a template
      </button>
      <button type="button" className="pgl-choice" data-testid="open-file" onClick={() => chooser.current?.click()}>
        Open a file
      </button>
      <button
        type="button"
        className="pgl-choice"
        data-testid="save-file"
        onClick={() => {
          saveFile()
          close()
        }}
      >
        Save as a file
      </button>
      <button
        type="button"
        className="pgl-choice"
        data-testid="open-export"
        onClick={() => {
          close()
          openDialog("export")
        }}
      >
        Export
      </button>
      <input
        ref={chooser}
        type="file"
        accept=".json,application/json"
        hidden
        data-testid="file-chooser"
        onChange={(event) => {
          openFiles(event.target.files)
          close()
        }}
      />
    </div>
  )
}
