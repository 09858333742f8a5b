/** Says what a weight is, and takes a new number for it. */
import { useCallback, useLayoutEffect, useRef, useState } from "react"
import { getState, toast } from "../store"
import { setWeight } from "./commands"
import { live, useLive } from "./live"
import { readNumber, short } from "./numbers"
import { weightSentence } from "./sentences"
import { Word } from "./Word"
import { showWeight, useWeightInView, type WeightInView } from "./weight-in-view"

export function WeightNote() {
  const shown = useWeightInView()
  return shown && <Note {...shown} />
}

function valueOf(node: string, [row, column]: readonly [number, number]): number | null {
  const weights = live.array(`weight/${node}`)
  return weights?.values[row * (weights.shape[1] ?? 1) + column] ?? null
}

function Note({ node, index, left, top, editing, anchor }: WeightInView) {
  const box = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null)
  const value = useLive(useCallback(() => short(valueOf(node, index)), [node, index]))
  useLayoutEffect(() => {
    const root = box.current?.offsetParent
    if (!box.current || !root) return
    const outer = root.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = box.current
    setPlace({
      left: Math.max(8, Math.min(left - outer.left + 14, outer.width - width - 8)),
      top: Math.max(8, Math.min(top - outer.top + 14, outer.height - height - 8)),
    })
  }, [left, top, editing])

  const close = (): void => {
    showWeight(null)
    ;(anchor as HTMLElement).focus?.()
    showWeight(null)
  }
  return (
    <div
      ref={box}
      className="pgl-card pgl-weight-note"
      data-editing={editing || undefined}
      role={editing ? "dialog" : "tooltip"}
      aria-label="Weight"
      style={place ? { left: place.left, top: place.top } : { visibility: "hidden" }}
    >
      {editing ? (
        <Typing node={node} index={index} close={close} />
      ) : (
        <p data-testid="weight-sentence">
          {value === "–" ? "This weight has no number yet." : weightSentence(valueOf(node, index) ?? 0)}
        </p>
      )}
    </div>
  )
}

function Typing({ node, index, close }: { node: string; index: [number, number]; close: () => void }) {
  const [text, setText] = useState(() => {
    const value = valueOf(node, index)
    return value === null ? "" : String(Number(value.toFixed(3))).replace("-", "−")
  })
  const number = readNumber(text)
  const enter = (): void => {
    if (number === null) return
    if (getState().readonly) toast("This is someone else's project. Make my copy to change it.")
    else if (!setWeight(node, "weight", index, number)) toast("Not connected. Try again in a moment.", "warn")
    close()
  }
  return (
    <label>
      <Word name="weight">Weight</Word>
      <input
        autoFocus
        data-testid="weight-input"
        inputMode="decimal"
        value={text}
        aria-invalid={number === null}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => showWeight(null)}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.key === "Enter") enter()
          if (event.key === "Escape") close()
        }}
      />
      <small>{number === null ? "A number, such as −1.3" : "Enter sets it"}</small>
    </label>
  )
}
