/** One line of advice. People who listen hear it at most once a second. */
import { useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "../store"
import { askWhy, canAskWhy } from "./ask-why"
import { live, useLive } from "./live"
import type { LiveNumbers } from "./live-store"
import { advice } from "./sentences"

const LISTEN_EVERY = 1000

export function Advice() {
  const facts = useStore((s) => s.checked?.facts ?? null)
  const trouble = useStore((s) => s.checked?.diagnostics.find((one) => one.severity === "error")?.message)
  const running = useStore((s) => s.run?.state === "running")
  const opening = useStore((s) => s.opening !== null)
  const said = useLive(
    useCallback(
      (numbers: LiveNumbers) => advice(numbers.run, numbers.values, facts, opening && !numbers.trainedHere),
      [facts, opening],
    ),
  )
  const text = trouble !== undefined && !running ? trouble : said
  const failed = useLive((numbers) => numbers.run?.state === "failed" || numbers.run?.state === "interrupted")
  return (
    <div className="pgl-advice-box" data-failed={failed || (trouble !== undefined && !running) || undefined}>
      <p className="pgl-advice" data-testid="advice">
        <span aria-hidden="true">{text}</span>
        <Spoken text={text} />
      </p>
      {trouble === undefined && <AskWhy />}
    </div>
  )
}

const RESTS = ["paused", "finished", "interrupted"]

/** To the Explain page with the run that is here, once it has learned something and rests. */
function AskWhy() {
  const run = useStore((s) => s.run)
  const readonly = useStore((s) => s.readonly)
  const shipped = useStore((s) => s.opening !== null)
  const known = useLive((numbers) => numbers.trainedHere) || !shipped
  const step = useLive((numbers) => numbers.step)
  const id = run && RESTS.includes(run.state) ? run.id : null
  if (id === null || !canAskWhy() || readonly || !known || step === 0) return null
  return (
    <button type="button" className="pgl-ask-why" data-testid="ask-why" onClick={() => askWhy(id)}>
      Ask it why
    </button>
  )
}

function Spoken({ text }: { text: string }) {
  const [said, setSaid] = useState(text)
  const last = useRef(0)
  useEffect(() => {
    const wait = Math.max(0, last.current + LISTEN_EVERY - performance.now())
    const timer = setTimeout(
      () => {
        last.current = performance.now()
        setSaid(text)
      },
      live.snapshot().run?.state === "running" ? wait : 0,
    )
    return () => clearTimeout(timer)
  }, [text])
  return (
    <span className="pgl-hidden" aria-live="polite" role="status">
      {said}
    </span>
  )
}
