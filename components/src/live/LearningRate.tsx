/** The learning rate: typed, or moved by the arrow keys in steps of about three. Training goes on with the new one. */
import { useState } from "react"
import { setExperiment } from "../document/edits"
import { edit } from "../editing"
import { useStore } from "../store"
import { readNumber } from "./numbers"
import { Word } from "./Word"

const PATH = "training.optimizer.learning_rate"
const STEPS = [1, 3, 10]

/** 0.03 → 0.1 upwards, 0.01 downwards. */
export function nextRate(rate: number, up: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rate) + 1e-9)
  const around = [power / 10, power, power * 10].flatMap((p) => STEPS.slice(0, 2).map((step) => step * p))
  const found = up ? around.find((value) => value > rate * 1.001) : around.findLast((value) => value < rate * 0.999)
  return Number((found ?? rate).toPrecision(3))
}

const plain = (rate: number): string => String(Number(rate.toPrecision(4)))

export function LearningRate() {
  const rate = useStore((s) => s.document?.experiment.training.optimizer.learning_rate)
  const [typed, setTyped] = useState<string | null>(null)
  if (typeof rate !== "number") return null
  const set = (value: number): void => {
    if (value > 0) edit(`Learning rate ${plain(value)}`, (document) => setExperiment(document, PATH, value))
  }
  const enter = (): void => {
    const value = typed === null ? null : readNumber(typed)
    setTyped(null)
    if (value !== null) set(value)
  }
  return (
    <label className="pgl-rate">
      <span>
        <Word name="learning rate">Learning rate</Word>
      </span>
      <input
        data-testid="learning-rate"
        inputMode="decimal"
        aria-label="Learning rate"
        title="Arrow keys change it by about three times"
        value={typed ?? plain(rate)}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={enter}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.key === "Enter") enter()
          if (event.key === "Escape") setTyped(null)
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
          event.preventDefault()
          setTyped(null)
          set(nextRate(rate, event.key === "ArrowUp"))
        }}
      />
    </label>
  )
}
