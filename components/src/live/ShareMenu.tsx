/** Everything for showing this to others: the link, the projector switch, the keys. */
import { copyToClipboard } from "../files/copying"
import { LinkButton } from "../files/LinkButton"
import { setPreferences, setUi, toast, useStore } from "../store"
import { Icon } from "./icons"
import { Popover } from "./Popover"

export function ShareMenu() {
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

async function copyLink(): Promise<void> {
  const link = window.location.href
  const copied = await copyToClipboard(link)
  toast(copied ? "Link copied. Others see this project read-only." : `Your link: ${link}`)
}
