import { Fragment, useEffect, useRef, useState, useSyncExternalStore, type ReactElement } from "react"
import { networkOf } from "../document/graph"
import { useLive } from "../live/live"
import type { LessonCard as Card } from "../protocol"
import { useStore } from "../store"
import { holds } from "./conditions"
import { endLesson, goOn, lessonNow, onLessonChange, type Progress } from "./lesson"
import "./lesson.css"

/** The card of a guided lesson, in a corner of the canvas: read, guess, do, go on. */
export function LessonCard(): ReactElement | null {
  const { lesson, progress } = useSyncExternalStore(onLessonChange, lessonNow)
  const card = lesson?.cards[progress?.card ?? 0]
  if (!lesson || !progress || !card) return null
  return <One key={progress.card} title={lesson.title} card={card} progress={progress} of={lesson.cards.length} />
}

interface Props {
  title: string
  card: Card
  progress: Progress
  of: number
}

function One({ title, card, progress, of }: Props): ReactElement {
  const place = progress.card
  const guess = progress.guesses[place] ?? null
  const done = useDone(card, progress)
  const heading = useRef<HTMLHeadingElement>(null)
  const [folded, setFolded] = useState(false)
  useEffect(() => {
    if (place > 0) heading.current?.focus({ preventScroll: true })
  }, [place])
  const last = place === of - 1
  return (
    <section className="pg-lesson" aria-label={`Lesson: ${title}`} data-testid="lesson" data-done={done || undefined}>
      <header>
        <span className="pg-lesson-place">
          {title} · {place + 1} of {of}
        </span>
        <button type="button" aria-expanded={!folded} aria-label={folded ? "Show the card" : "Fold the card"} onClick={() => setFolded(!folded)}>
          {folded ? "▴" : "▾"}
        </button>
        <button type="button" aria-label="End the lesson" data-testid="lesson-end" onClick={endLesson}>
          ✕
        </button>
      </header>
      <h2 ref={heading} tabIndex={-1}>
        {card.title}
      </h2>
      {!folded && (
        <>
          <Words lines={card.text} />
          {card.question !== null && (
            <>
              <p className="pg-question">{card.question}</p>
              {guess === null ? (
                <div className="pg-lesson-choices">
                  {card.choices.map((choice) => (
                    <button key={choice} type="button" className="pg-button" onClick={() => goOn({ guesses: { ...progress.guesses, [place]: choice } })}>
                      {choice}
                    </button>
                  ))}
                </div>
              ) : (
                <div role="status">
                  <p className="pg-lesson-guess">You said: {guess}.</p>
                  <p className="pg-lesson-answer" data-testid="lesson-answer">
                    {card.answer}
                  </p>
                </div>
              )}
            </>
          )}
          {(card.question === null || guess !== null) && <Words lines={card.after} />}
          <footer>
            <button type="button" className="pg-lesson-link" disabled={place === 0} onClick={() => goOn({ card: place - 1 })}>
              Back
            </button>
            <span role="status" className="pg-lesson-state" data-testid="lesson-state">
              {done ? "✓ Done" : ""}
            </span>
            {last ? (
              <button type="button" className={done ? "pg-button pg-primary" : "pg-lesson-link"} data-testid="lesson-next" onClick={endLesson}>
                {done ? "Finish" : "Leave"}
              </button>
            ) : (
              <button type="button" className={done ? "pg-button pg-primary" : "pg-lesson-link"} data-testid="lesson-next" onClick={() => goOn({ card: place + 1 })}>
                {done ? "Go on" : "Skip"}
              </button>
            )}
          </footer>
        </>
      )}
    </section>
  )
}

/** A card that was done once stays done, whatever is drawn next. */
function useDone(card: Card, progress: Progress): boolean {
  const place = progress.card
  const before = progress.done.includes(place)
  const document = useStore((s) => s.document)
  const run = useStore((s) => s.run)
  const parameters = useStore((s) => s.checked?.total.parameters ?? 0)
  const untouched = useStore((s) => s.opening !== null)
  const values = useLive((numbers) => numbers.values)
  const step = useLive((numbers) => numbers.step)
  const trained = useLive((numbers) => numbers.trainedHere)
  const [first] = useState(document?.experiment)
  const answered = progress.guesses[place] !== undefined
  const ready = document !== null && (trained || !untouched) && (card.question === null || answered)
  const now =
    ready &&
    holds(card.done, {
      network: networkOf(document),
      experiment: document.experiment,
      parameters,
      run: { step, epoch: run?.epoch ?? 0, playing: run?.state === "running" },
      values: trained ? values : {},
      edited: document.experiment !== first,
      answered,
    })
  useEffect(() => {
    if (now && !before) goOn({ done: [...progress.done, place] })
  }, [now, before, place, progress])
  return before || now
}

/** Paragraphs in which `**bold**` is the only markup; everything else is text. */
function Words({ lines }: { lines: readonly string[] }): ReactElement {
  return (
    <>
      {lines.map((line, index) => (
        <p key={index}>
          {line.split("**").map((piece, part) => (part % 2 === 1 ? <b key={part}>{piece}</b> : <Fragment key={part}>{piece}</Fragment>))}
        </p>
      ))}
    </>
  )
}
