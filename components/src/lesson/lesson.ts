/** The lesson of the open project: which card, what was guessed, what is done. Kept in the browser, with the project. */
import { send } from "../connection-api"
import { openOther } from "../receive"
import type { Lesson } from "../protocol"

export interface Progress {
  name: string
  card: number
  /** The guess on each card that asks. */
  guesses: Record<number, string>
  done: number[]
}

export interface LessonState {
  lesson: Lesson | null
  progress: Progress | null
  /** Titles of all lessons by name. */
  titles: Record<string, string>
}

const key = (project: string): string => `playground:lesson:${project}`
const ADDRESS = "lesson"
let project: string | null = null
let wanted = asked()
let now: LessonState = { lesson: null, progress: null, titles: {} }
const listeners = new Set<() => void>()

export function lessonNow(): LessonState {
  return now
}

export function onLessonChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function change(part: Partial<LessonState>): void {
  now = { ...now, ...part }
  listeners.forEach((listener) => listener())
}

/** The lesson named in the address, once. */
function asked(): string | null {
  return typeof window === "undefined" ? null : new URL(window.location.href).searchParams.get(ADDRESS)
}

/** A project was opened: its lesson goes on where it was; a lesson from the address begins with a project of its own. */
export function lessonOf(opened: string, readonly: boolean, titles: Record<string, string>): void {
  if (opened === project && now.progress) return
  project = opened
  const progress = readonly ? null : kept(opened)
  change({ lesson: null, progress, titles })
  if (wanted !== null) beginLesson(wanted)
  else if (progress) send({ type: "lesson", name: progress.name })
  wanted = null
}

export function beginLesson(name: string): void {
  send({ type: "lesson", name, begin: true })
}

export function onLesson(lesson: Lesson, made: string | null): void {
  if (made !== null) {
    keep(made, { name: lesson.name, card: 0, guesses: {}, done: [] })
    openOther(made)
  } else if (now.progress?.name === lesson.name) change({ lesson })
}

export function goOn(part: Partial<Progress>): void {
  if (!now.progress || !project) return
  const progress = { ...now.progress, ...part }
  keep(project, progress)
  change({ progress })
}

/** The cards go; the project stays as it is. */
export function endLesson(): void {
  if (project) attempt(() => localStorage.removeItem(key(project!)))
  change({ lesson: null, progress: null })
}

function keep(id: string, progress: Progress): void {
  attempt(() => localStorage.setItem(key(id), JSON.stringify(progress)))
}

function kept(id: string): Progress | null {
  return (
    attempt(() => {
      const found = JSON.parse(localStorage.getItem(key(id)) ?? "null") as Partial<Progress> | null
      if (!found || typeof found.name !== "string" || typeof found.card !== "number") return null
      return { name: found.name, card: found.card, guesses: found.guesses ?? {}, done: Array.isArray(found.done) ? found.done : [] }
    }) ?? null
  )
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined // without storage a lesson lasts as long as the page
  }
}
