/** A dialog over the whole page: the rest waits, Escape or a press beside it closes, focus returns to where it was. */
import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react"

interface Props {
  title: string
  testid: string
  wide?: boolean
  close: () => void
  children: ReactNode
}

export function Dialog({ title, testid, wide = false, close, children }: Props): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    if (!element) return undefined
    const root = element.getRootNode() as Document | ShadowRoot
    const before = root.activeElement as HTMLElement | null
    element.showModal?.()
    // Keys of the canvas, of Train and of Streamlit belong to the page below.
    const own = (event: Event): void => event.stopPropagation()
    element.addEventListener("keydown", own)
    return () => {
      element.removeEventListener("keydown", own)
      element.close?.()
      before?.focus?.({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className="pg-dialog"
      data-wide={wide || undefined}
      data-testid={testid}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div className="pg-dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" className="pg-close" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
