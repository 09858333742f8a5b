/** Three bars: the answer, the answer with the highlighted part erased, and with as much erased at random. */
import { short } from "../live/numbers"
import type { Proof } from "./messages"

export function ProveItWrong({ proof, probability }: { proof: Proof; probability: boolean }) {
  const rows = [
    { name: "Expected", value: proof.expected, range: null },
    { name: "Highlighted part erased", value: proof.highlighted, range: null },
    { name: "Same area at random", value: proof.random, range: proof.random_range },
  ]
  const values = [...rows.map((row) => row.value), ...proof.random_range]
  const low = probability ? 0 : Math.min(0, ...values)
  const high = probability ? 1 : Math.max(...values, 1e-9)
  const at = (value: number): number => (100 * (value - low)) / (high - low)
  const text = (value: number): string => (probability ? value.toFixed(2) : short(value))
  return (
    <figure className="pge-proof" data-testid="proof">
      <figcaption>
        <b>Prove it wrong</b> Erase {Math.round(100 * proof.share)} % and see what becomes of {proof.name}.
      </figcaption>
      {rows.map((row) => (
        <div key={row.name} className="pge-proof-row">
          <span>{row.name}</span>
          <i style={{ "--share": `${at(row.value)}%` } as React.CSSProperties}>
            {row.range && (
              <em style={{ left: `${at(row.range[0])}%`, right: `${100 - at(row.range[1])}%` }} aria-hidden />
            )}
          </i>
          <b>{text(row.value)}</b>
        </div>
      ))}
    </figure>
  )
}
