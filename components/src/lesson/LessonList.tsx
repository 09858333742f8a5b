import { useSyncExternalStore, type ReactElement } from "react"
import { beginLesson, lessonNow, onLessonChange } from "./lesson"

/** The guided lessons, each of which begins in a project of its own. */
export function LessonList({ close }: { close: () => void }): ReactElement | null {
  const { titles } = useSyncExternalStore(onLessonChange, lessonNow)
  const listed = Object.entries(titles)
  if (listed.length === 0) return null
  return (
    <>
      <h3>Lessons</h3>
      {listed.map(([name, title]) => (
        <button
          key={name}
          type="button"
          className="pgl-button pgl-outlined"
          data-testid={`lesson-${name}`}
          onClick={() => {
            beginLesson(name)
            close()
          }}
        >
          {title}
        </button>
      ))}
    </>
  )
}
