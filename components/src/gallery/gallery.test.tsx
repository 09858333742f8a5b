// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { setConnection } from "../connection-api"
import type { ClientMessage, GalleryCard } from "../protocol"
import { chosen, everything, hearGallery, scoreText, simpleText, timeText } from "./cards"
import { Gallery } from "./Gallery"

const card = (kind: string, more: Partial<GalleryCard> = {}): GalleryCard => ({
  kind,
  title: kind,
  group: "Plane",
  purpose: "It shows this. Try that.",
  about: "",
  synonyms: [],
  data: "Points",
  view: "plane",
  task: "binary",
  parameters: 13,
  score: { metric: "test_accuracy", median: 0.99, target: 0.97, simple_model: "nearest neighbour", simple_score: 1, seconds: 0.4 },
  picture: { domain: [-6, 6], points: [[0, 0, 1], [1, 1, -1]], output: null },
  nodes: [{ x: 0, y: 0, silhouette: "input" }, { x: 210, y: 0, silhouette: "dense" }],
  edges: [[0, 1]],
  ...more,
})

const all = [
  card("circle", { synonyms: ["ring"] }),
  card("clothes", { view: "image", task: "classes", parameters: 102_000, data: "Fashion-MNIST", picture: { width: 1, height: 1, tiles: [] } }),
  card("diabetes", { view: "table", task: "regression", parameters: 321, score: null, picture: { rows: [[0.5, -0.5]] } }),
]
const kinds = (cards: GalleryCard[]) => cards.map(({ kind }) => kind)

let sent: ClientMessage[] = []
beforeEach(() => {
  sent = []
  setConnection({ send: (message) => (sent.push(message), true), status: () => ({ state: "open", seconds: null }), subscribe: () => () => undefined })
})
afterEach(cleanup)

describe("search and filter", () => {
  test.each([
    [{}, ["circle", "clothes", "diabetes"]],
    [{ text: "RING" }, ["circle"]],
    [{ text: "fashion" }, ["clothes"]],
    [{ text: "ring fashion" }, []],
    [{ task: "regression" as const }, ["diabetes"]],
    [{ view: "image" as const }, ["clothes"]],
    [{ size: "small" as const }, ["circle", "diabetes"]],
    [{ size: "large" as const, view: "plane" as const }, []],
  ])("%j", (wish, found) => {
    expect(kinds(chosen(all, { ...everything, ...wish }))).toEqual(found)
  })
})

test("scores are told beside the simple model's, and never made up", () => {
  expect(scoreText(all[0]!)).toBe("99 % right on new cases")
  expect(simpleText(all[0]!)).toBe("Nearest neighbour: 100 %")
  expect(scoreText(all[2]!)).toBe("Not measured yet")
  expect(simpleText(all[2]!)).toBeNull()
  const r2 = card("x", { score: { ...all[0]!.score!, metric: "test_r2", median: 0.5077, simple_score: 0.4752 } })
  expect([scoreText(r2), simpleText(r2)]).toEqual(["R² 0.51", "Nearest neighbour: R² 0.48"])
})

test.each([[0.4, "under a second"], [17.5, "18 s"], [111, "2 min"]])("%d seconds are %s", (seconds, text) => {
  expect(timeText(seconds)).toBe(text)
})

test("a card can be found by its name and opened from the keyboard", () => {
  render(<Gallery />)
  expect(sent).toEqual([{ type: "gallery" }])
  expect(hearGallery({ type: "gallery", cards: all } as never)).toBe(true)
  cleanup()
  render(<Gallery />)
  expect(screen.getAllByRole("listitem", { hidden: true })).toHaveLength(3)
  fireEvent.click(screen.getByRole("button", { name: "Open a copy of diabetes", hidden: true }))
  expect(sent.at(-1)).toEqual({ type: "new", kind: "diabetes" })
})
