/** How fast it trains: for watching single updates, or as fast as the machine goes. The run says what it is held to. */
import { useId } from "react"
import { useStore } from "../store"
import { command } from "./commands"
import { useLive } from "./live"
import { group } from "./numbers"

const SPEEDS = [1, 5, 25, 100, 500]
const FULL = "full"

export function SpeedPicker() {
  const id = useId()
  const speed = useLive((numbers) => numbers.run?.speed ?? null)
  const readonly = useStore((s) => s.readonly)
  const offered = speed === null || SPEEDS.includes(speed) ? SPEEDS : [...SPEEDS, speed].sort((a, b) => a - b)
  return (
    <label className="pgl-speed" htmlFor={id}>
      <span className="pgl-hidden">Speed</span>
      <select
        id={id}
        data-testid="speed"
        title="Updates a second"
        value={speed ?? FULL}
        disabled={readonly}
        onChange={({ currentTarget: { value } }) => command("speed", value === FULL ? null : Number(value))}
      >
        {offered.map((one) => (
          <option key={one} value={one}>
            {group(one)} a second
          </option>
        ))}
        <option value={FULL}>Full speed</option>
      </select>
    </label>
  )
}
