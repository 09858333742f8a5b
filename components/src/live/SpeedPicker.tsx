/** How fast it trains: for watching single updates, or as fast as the machine goes. */
import { useId, useState } from "react"
import { useStore } from "../store"
import { command } from "./commands"

const SPEEDS: [string, number | null][] = [
  ["1 a second", 1],
  ["5 a second", 5],
  ["25 a second", 25],
  ["100 a second", 100],
  ["Full speed", null],
]

// Kept for the page, not per mount: the server keeps it too.
let chosen = SPEEDS.length - 1

export function SpeedPicker() {
  const id = useId()
  const [at, setAt] = useState(chosen)
  const readonly = useStore((s) => s.readonly)
  return (
    <label className="pgl-speed" htmlFor={id}>
      <span className="pgl-hidden">Speed</span>
      <select
        id={id}
        data-testid="speed"
        title="Updates a second"
        value={at}
        disabled={readonly}
        onChange={(event) => {
          const next = Number(event.currentTarget.value)
          if (!command("speed", SPEEDS[next]![1])) return
          chosen = next
          setAt(next)
        }}
      >
        {SPEEDS.map(([title], n) => (
          <option key={title} value={n}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}
