import { cleanup, fireEvent, render, screen } from "@testing-library/react"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Connection, setConnection } from "../connection-api"
import type { ClientMessage, RunMessage } from "../protocol"
import { getState, initialState, setState } from "../store"
import { live } from "./live"
import { RunNote } from "./RunNote"

const run: RunMessage = { type: "run", id: "r", state: "idle", step: 0, epoch: 0, message: null }
const offer = {
  text: "This run needs about 40 min of this machine. Start a small version, or queue it.",
  buttons: [
    { label: "Start a small version", how: "small" as const },
    { label: "Queue it", how: "queue" as const },
  ],
}

let said: ClientMessage[] = []

beforeEach(() => {
  said = []
  const line = { send: (message: ClientMessage) => said.push(message) > 0, status: () => ({ state: "open", seconds: null }), subscribe: () => () => undefined }
  setConnection(line as Connection)
  setState({ ...initialState, run })
})
afterEach(() => {
  cleanup()
  setConnection(null)
})

test("an offer shows its sentence and its buttons, and a button answers it", () => {
  setState({ run: { ...run, offer } })
  render(<RunNote />)
  expect(screen.getByRole("alertdialog").textContent).toContain(offer.text)
  const answers = screen.getAllByRole("button").map((button) => button.textContent)
  expect(answers.filter(Boolean)).toEqual(["Start a small version", "Queue it"])
  fireEvent.click(screen.getByText("Queue it"))
  expect(said).toEqual([{ type: "command", name: "play", how: "queue" }])
})

test("an offer goes with the next message that has none", () => {
  setState({ run: { ...run, offer } })
  const { rerender } = render(<RunNote />)
  setState({ run: { ...run, state: "running" } })
  rerender(<RunNote />)
  expect(screen.queryByRole("alertdialog")).toBeNull()
})

test("Escape lets an offer go without an answer; Space on the card answers nothing", () => {
  setState({ run: { ...run, offer } })
  render(<RunNote />)
  const card = screen.getByRole("alertdialog")
  expect(document.activeElement).toBe(card)
  fireEvent.keyDown(card, { key: " " })
  expect(getState().run?.offer).toEqual(offer)
  fireEvent.keyDown(card, { key: "Escape" })
  expect(getState().run?.offer).toBeNull()
  expect(said).toEqual([])
})

test("a title in an offer stays text", () => {
  const text = "Your run “<img src=x>” is training. One run a person at a time on this server."
  setState({ run: { ...run, offer: { text, buttons: [] } } })
  render(<RunNote />)
  expect(document.querySelector("img")).toBeNull()
  expect(screen.getByText(text)).toBeTruthy()
})

test("a queued run says its place and can leave", () => {
  setState({ run: { ...run, state: "queued", ahead: 2, message: "Queued: 2 runs are before it." } })
  render(<RunNote />)
  expect(screen.getByRole("status").textContent).toBe("Queued: 2 runs are before it.")
  fireEvent.click(screen.getByText("Leave the queue"))
  expect(said).toEqual([{ type: "command", name: "pause" }])
})

test("a hold is shown while it lasts, and to the owner alone", () => {
  setState({ held: true })
  const { rerender } = render(<RunNote />)
  expect(screen.getByRole("status").textContent).toBe("Training is held for everyone at the moment. Your work is saved.")
  setState({ readonly: true })
  rerender(<RunNote />)
  expect(screen.queryByRole("status")).toBeNull()
  setState({ readonly: false, held: false })
  rerender(<RunNote />)
  expect(screen.queryByRole("status")).toBeNull()
})

test("when Train did not begin after all, the numbers of before come back", () => {
  live.clear()
  live.setRun({ id: "r", state: "idle", step: 8000, epoch: 200, message: null })
  live.take({ header: { type: "frame", run: "r", step: 8000, epoch: 200, values: { test_loss: 0.02 }, arrays: [] }, arrays: new Map() })
  live.beginAgain()
  expect(live.snapshot()).toMatchObject({ step: 0, values: {}, trainedHere: true })
  live.setRun({ id: "r", state: "idle", step: 8000, epoch: 200, message: null })
  expect(live.snapshot()).toMatchObject({ step: 8000, values: { test_loss: 0.02 }, trainedHere: false })
  live.clear()
})
