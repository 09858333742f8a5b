/** The stamp, and behind it the table of checks. Word and sign say what the colour says. */
import { useState } from "react"
import { Icon } from "../live/icons"
import type { Check, ExplanationMessage, StampWord } from "./messages"

const STATUS: Record<Check["status"], string> = {
  pass: "passed",
  caution: "weak",
  fail: "failed",
  not_run: "not run",
  not_applicable: "does not apply",
}

export function Stamp({ explanation }: { explanation: ExplanationMessage }) {
  const [open, setOpen] = useState(false)
  const { stamp, checks } = explanation
  return (
    <div className="pge-stamp-box">
      <button
        type="button"
        className="pge-stamp"
        data-testid="stamp"
        data-word={stamp.word}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Sign word={stamp.word} />
        {stamp.word}
        <span>
          {stamp.passed} of {stamp.of} checks
        </span>
        <Icon name="down" size={12} />
      </button>
      {open && (
        <table className="pge-checks">
          <tbody>
            {checks.map((check) => (
              <tr key={check.id} data-status={check.status}>
                <th scope="row">{check.title}</th>
                <td>{STATUS[check.status]}</td>
                <td>{withMinus(check.sentence)}</td>
              </tr>
            ))}
          </tbody>
          {stamp.word === "OK" && <caption>{stamp.sentence}</caption>}
        </table>
      )}
    </div>
  )
}

function Sign({ word }: { word: StampWord }) {
  if (word === "OK") return <Icon name="right" size={12} />
  if (word === "WITHHELD") return <Icon name="wrong" size={12} />
  return <b aria-hidden="true">{word === "CAUTION" ? "!" : "?"}</b>
}

/** Numbers carry a real minus. */
export function withMinus(sentence: string): string {
  return sentence.replace(/(^|[\s(])-(?=\d)/g, "$1−")
}
