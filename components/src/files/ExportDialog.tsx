/** "Take it away": script, notebook, ONNX and weights from the server, project file and drawing from here. */
import { useEffect, useState, type ReactElement } from "react"
import type { ExportForm } from "../protocol"
import { useStore } from "../store"
import type { Scheme } from "../theme"
import { Dialog } from "./Dialog"
import { openDialog } from "./dialogs"
import { savePng, saveSvg } from "./drawing-file"
import { forgetExports, make, save, useMakings } from "./exports"
import { saveFile } from "./project-file"

const forms: { form: ExportForm; title: string; about: string }[] = [
  { form: "pytorch", title: "PyTorch script", about: "Readable, imports nothing of ours. It judges the trained weights, and trains anew." },
  { form: "notebook", title: "Notebook", about: "The same in cells, with words between them and the loss as a curve." },
  { form: "onnx", title: "ONNX", about: "For runtimes without PyTorch, at any batch size." },
  { form: "weights", title: "Weights", about: "Safetensors, named as in the script." },
]

export function ExportDialog(): ReactElement {
  const readonly = useStore((s) => s.readonly)
  const revision = useStore((s) => s.revision)
  useEffect(() => forgetExports, [revision])
  return (
    <Dialog title="Take it away" testid="export-dialog" close={() => openDialog(null)}>
      <p className="pg-dialog-lead">
        {readonly
          ? "Weights go to the owner of a project. Make your own copy to train it and take those, too."
          : "Script, notebook and ONNX are run elsewhere on real cases before you get them, and compared."}
      </p>
      <ul className="pg-exports">
        {forms.map(({ form, title, about }) => (
          <Row key={form} form={form} title={title} about={about} disabled={readonly && form !== "pytorch"} />
        ))}
        <li className="pg-export">
          <div>
            <h3>Project file</h3>
            <p>The drawing with all settings and notes, to open here again.</p>
          </div>
          <button type="button" className="pgl-button pgl-outlined" data-testid="export-project" onClick={saveFile}>
            Save
          </button>
        </li>
        <Drawing />
      </ul>
    </Dialog>
  )
}

function Row({ form, title, about, disabled }: { form: ExportForm; title: string; about: string; disabled: boolean }): ReactElement {
  const making = useMakings()[form]
  const busy = making !== undefined && !making.done && !making.failed
  const ready = making?.done && making.file
  return (
    <li className="pg-export" data-testid={`export-row-${form}`}>
      <div>
        <h3>{title}</h3>
        <p>{about}</p>
        <div role="status">
          {busy && <p className="pg-export-state">{making.text} …</p>}
          {making?.failed && (
            <p className="pg-export-state" data-state="error">
              <b>Not made.</b> {making.failed}
            </p>
          )}
          {ready && (
            <>
              {making.done!.sentence && (
                <p className="pg-export-state" data-state={making.done!.same ? "good" : "error"} data-testid={`parity-${form}`}>
                  <span aria-hidden="true">{making.done!.same ? "✓ " : "✕ "}</span>
                  {making.done!.sentence}
                </p>
              )}
              <p className="pg-export-state">
                {[making.done!.step !== null && `Weights of step ${making.done!.step.toLocaleString("en")}.`, ...making.done!.notes]
                  .filter(Boolean)
                  .join(" ")}
              </p>
            </>
          )}
        </div>
        {busy && <progress max={1} value={making.share} aria-label={`${title}: ${making.text}`} />}
      </div>
      {ready ? (
        <button type="button" className="pgl-button pg-save" data-testid={`save-${form}`} onClick={() => save(form)}>
          Save {making.file!.name}
        </button>
      ) : (
        <button
          type="button"
          className="pgl-button pgl-outlined"
          data-testid={`export-${form}`}
          disabled={disabled || busy}
          aria-label={`Make: ${title}`}
          onClick={() => make(form)}
        >
          {making?.failed ? "Again" : "Make"}
        </button>
      )}
    </li>
  )
}

function Drawing(): ReactElement {
  const here = useStore((s) => s.scheme)
  const [scheme, setScheme] = useState<Scheme>("light")
  return (
    <li className="pg-export">
      <div>
        <h3>The drawing</h3>
        <p>All of it, as large as it is, for slides and print.</p>
        <label className="pg-export-state">
          <input
            type="checkbox"
            checked={scheme === "dark"}
            onChange={(event) => setScheme(event.target.checked ? "dark" : "light")}
          />{" "}
          On a dark ground{here === "dark" ? ", as here" : ""}
        </label>
      </div>
      <span className="pg-export-pair">
        <button type="button" className="pgl-button pgl-outlined" data-testid="export-svg" onClick={() => void saveSvg(scheme)}>
          SVG
        </button>
        <button type="button" className="pgl-button pgl-outlined" data-testid="export-png" onClick={() => void savePng(scheme)}>
          PNG
        </button>
      </span>
    </li>
  )
}
