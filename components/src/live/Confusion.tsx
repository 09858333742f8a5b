/** Truth against answer for tables of kinds: how many test cases landed where. The diagonal is right. */
import { useCallback } from "react"
import { useStore } from "../store"
import type { LiveArray } from "./frames"
import { live, useLive } from "./live"
import { group } from "./numbers"

export function Confusion({ size }: { size: number }) {
  const classes = useStore((s) => s.checked?.facts?.classes)
  const labels = useLive((numbers) => numbers.labels)
  const cells = useLive(useCallback(() => live.array("confusion"), []))
  if (!cells || cells.shape.length !== 2) return <Waiting size={size} />
  const count = cells.shape[0]!
  const names = classes?.length === count ? classes : labels
  const rows = Array.from({ length: count }, (_, row) => Array.from(cells.values.slice(row * count, (row + 1) * count)))
  const name = (n: number): string => names[n] ?? String(n + 1)
  return (
    <figure className="pgl-confusion" style={{ width: size }} data-testid="output-picture">
      <table aria-label={`${casesOf(cells)}: truth in rows, the network's answer in columns`}>
        <thead>
          <tr>
            <th scope="col">truth ↓ answer →</th>
            {rows.map((_, n) => (
              <th scope="col" key={n} title={name(n)}>
                {name(n)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, n) => {
            const total = Math.max(
              1,
              row.reduce((sum, value) => sum + value, 0),
            )
            return (
              <tr key={n}>
                <th scope="row" title={name(n)}>
                  {name(n)}
                </th>
                {row.map((value, m) => (
                  <td
                    key={m}
                    data-right={n === m || undefined}
                    style={{ "--share": `${Math.round((70 * value) / total)}%` } as React.CSSProperties}
                  >
                    {value > 0 ? group(value) : <span className="pgl-quiet">0</span>}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      <figcaption className="pgl-quiet">{casesOf(cells)}. The outlined diagonal is right.</figcaption>
    </figure>
  )
}

/** "Test cases": what a table of answers was measured on. */
export function casesOf(array: LiveArray | undefined): string {
  if (array?.part === "train") return "Training cases"
  return array?.part === "validation" ? "Validation cases" : "Test cases"
}

export function Waiting({ size }: { size: number }) {
  const fits = useStore((s) => !s.checked?.diagnostics.some((one) => one.severity === "error"))
  return (
    <div className="pgl-waiting" data-testid="output-picture" style={{ width: size, height: size * 0.75 }}>
      <p>{fits ? "Press ▶ and the answers appear here." : "The answers appear here once the drawing fits."}</p>
    </div>
  )
}
