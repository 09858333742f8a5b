/** Everything for showing this to others: the link, the projector switch, the keys. */
import { copyToClipboard } from "../files/copying"
import { openDialog, type DialogName } from "../files/dialogs"
import { LinkButton } from "../files/LinkButton"
import { setPreferences, setUi, toast, useStore } from "../store"
import { Icon } from "./icons"
import { Popover } from "./Popover"

export function ShareMenu({ phone = false }: { phone?: boolean }) {
  const projector = useStore((s) => s.preferences.projector)
  return (
    <Popover name="Share and view" testid="share" align="right" className="pgl-small" label={<Icon name="share" />}>
      {(close) => (
        <div className="pgl-menu">
          <button type="button" data-testid="copy-link" onClick={() => void copyLink().then(close)}>
            Copy a link to this project
            <small>Others see it read-only and can make a copy</small>
          </button>
          <LinkButton close={close} />
          <Opener name="export" testid="share-export" close={close} title="Export">
            PyTorch, notebook, ONNX, weights, a picture
          </Opener>
          {phone && (
            <Opener name="gallery" testid="share-gallery" close={close} title="New from a template">
              Networks to begin from
            </Opener>
          )}
          <button
            type="button"
            role="switch"
            data-testid="projector"
            aria-checked={projector}
            onClick={() => setPreferences({ projector: !projector })}
          >
            Projector
            <small>Larger type, thicker wires, no pale tones</small>
            <i className="pgl-switch" aria-hidden="true" />
          </button>
          <button
            type="button"
            data-testid="shortcuts"
            onClick={() => {
              close()
              setUi({ sheet: true })
            }}
          >
            Keys <kbd>?</kbd>
          </button>
        </div>
      )}
    </Popover>
  )
}

interface OpenerProps {
  name: DialogName
  testid: string
  title: string
  close: () => void
  children: string
}

function Opener({ name, testid, title, close, children }: OpenerProps) {
  return (
    <button
      type="button"
      data-testid={testid}
      onClick={() => {
        close()
        openDialog(name)
      }}
    >
      {title}
      <small>{children}</small>
    </button>
  )
}

async function copyLink(): Promise<void> {
  const link = window.location.href
  const copied = await copyToClipboard(link)
  toast(copied ? "Link copied. Others see this project read-only." : `Your link: ${link}`)
}
