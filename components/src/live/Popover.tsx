/** A button that opens a small card under itself. Escape or a press elsewhere closes it; focus returns to the button. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react"

interface Props {
  label: ReactNode
  name: string
  className?: string
  testid?: string
  align?: "left" | "right"
  wide?: boolean
  children: (close: () => void) => ReactNode
}

export function Popover({ label, name, className = "", testid, align = "left", wide = false, children }: Props) {
  const [open, setOpen] = useState(false)
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!open) return
    const pressed = (event: PointerEvent): void => {
      if (box.current && !event.composedPath().includes(box.current)) setOpen(false)
    }
    window.addEventListener("pointerdown", pressed, true)
    box.current?.querySelector<HTMLElement>(".pgl-popover :is(button, input, select, a)")?.focus()
    return () => window.removeEventListener("pointerdown", pressed, true)
  }, [open])

  const close = (): void => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <div
      className="pgl-popover-box"
      ref={box}
      onKeyDown={(event) => {
        if (!open || event.key !== "Escape") return
        event.stopPropagation()
        close()
      }}
    >
      <button
        ref={button}
        type="button"
        className={`pgl-button ${className}`}
        data-testid={testid}
        aria-expanded={open}
        aria-controls={id}
        aria-label={name}
        title={name}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div id={id} role="dialog" aria-label={name} className={`pgl-popover pgl-${align}${wide ? " pgl-wide" : ""}`}>
          {children(close)}
        </div>
      )}
    </div>
  )
}
