/** The templates' cards: asked for when the gallery first opens, searched and filtered here. */
import { useSyncExternalStore } from "react"
import { send } from "../connection-api"
import type { GalleryCard, GalleryMessage } from "../protocol"

let cards: GalleryCard[] | null = null
const listeners = new Set<() => void>()

export function useCards(): GalleryCard[] | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => cards,
  )
}

export function askForCards(): void {
  if (!cards) send({ type: "gallery" })
}

/** Whether this message was the gallery's. */
export function hearGallery(message: { type: string }): boolean {
  if (message.type !== "gallery") return false
  cards = (message as GalleryMessage).cards
  for (const listener of [...listeners]) listener()
  return true
}

// ---- search and filter ---------------------------------------------------------------------------------------------

export interface Wish {
  text: string
  task: "" | GalleryCard["task"]
  view: "" | GalleryCard["view"]
  size: "" | keyof typeof sizes
}

export const everything: Wish = { text: "", task: "", view: "", size: "" }

export const tasks: Record<GalleryCard["task"], string> = { binary: "Yes or no", classes: "Several classes", regression: "A number" }
export const views: Record<GalleryCard["view"], string> = { plane: "Points on the plane", table: "Tables", image: "Pictures" }
export const sizes = {
  small: { title: "Up to 1,000 weights", fits: (weights: number) => weights <= 1000 },
  large: { title: "Over 1,000 weights", fits: (weights: number) => weights > 1000 },
}

export function chosen(all: readonly GalleryCard[], { text, task, view, size }: Wish): GalleryCard[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((card) => {
    const told = [card.title, card.about, card.purpose, card.data, card.group, ...card.synonyms].join(" ").toLowerCase()
    return (
      words.every((word) => told.includes(word)) &&
      (!task || card.task === task) &&
      (!view || card.view === view) &&
      (!size || sizes[size].fits(card.parameters))
    )
  })
}

// ---- words ---------------------------------------------------------------------------------------------------------

export function scoreText(card: GalleryCard): string {
  if (!card.score) return "Not measured yet"
  return valueText(card.score.metric, card.score.median)
}

export function simpleText(card: GalleryCard): string | null {
  const { score } = card
  if (!score || score.simple_model === null || score.simple_score === null) return null
  const name = score.simple_model.charAt(0).toUpperCase() + score.simple_model.slice(1)
  return `${name}: ${numberText(score.metric, score.simple_score)}`
}

function valueText(metric: string, value: number): string {
  if (metric.endsWith("_r2")) return numberText(metric, value)
  return `${numberText(metric, value)} ${metric.startsWith("train") ? "of its cases right" : "right on new cases"}`
}

function numberText(metric: string, value: number): string {
  return metric.endsWith("_r2") ? `R² ${value.toFixed(2)}` : `${Number((100 * value).toFixed(1))} %`
}

export function timeText(seconds: number): string {
  if (seconds < 1) return "under a second"
  return seconds < 60 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
