/** "Copy a link that holds the network": whoever opens it gets a project of their own, from whatever server of ours. */
import { useEffect, useState, type ReactElement } from "react"
import { send } from "../connection-api"
import { endGesture } from "../editing"
import { setState, toast, useStore } from "../store"
import { copyToClipboard } from "./copying"

export function addressOf(link: string, here: string = window.location.href): string {
  const address = new URL(here)
  address.search = `?x=${link}`
  address.hash = ""
  return address.href
}

export function LinkButton({ close }: { close: () => void }): ReactElement {
  const link = useStore((s) => s.link)
  const [byHand, setByHand] = useState(false)
  // Asked for when the menu opens: browsers let a page copy only in the very moment of the press.
  useEffect(() => {
    endGesture()
    setState({ link: null })
    send({ type: "link" })
  }, [])
  const copy = async (): Promise<void> => {
    if (!link?.text) return
    if (!(await copyToClipboard(addressOf(link.text)))) return setByHand(true)
    toast("Link copied. It holds the whole network; whoever opens it gets their own.")
    close()
  }
  return (
    <>
      <button
        type="button"
        data-testid="copy-whole-link"
        disabled={!link?.text}
        onClick={() => void copy()}
      >
        Copy a link that holds the network
        <small>{link?.problem ?? "Opens anywhere as a new project; notes stay here"}</small>
      </button>
      {byHand && link?.text && (
        <input
          className="pg-link-by-hand"
          readOnly
          value={addressOf(link.text)}
          aria-label="The link, to copy by hand"
          onFocus={(event) => event.target.select()}
        />
      )}
    </>
  )
}
