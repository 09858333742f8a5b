import { beforeEach, describe, expect, test, vi } from "vitest"
import { setConnection } from "../connection-api"
import { sample } from "../document/sample"
import type { ClientMessage } from "../protocol"
import { getState, initialState, setState } from "../store"
import { addressOf } from "./LinkButton"
import { MAX_FILE, fileName, fileText, openFile, readFileText } from "./project-file"

const sent: ClientMessage[] = []

beforeEach(() => {
  sent.length = 0
  setState({ ...initialState, document: sample() })
  setConnection({ send: (message) => (sent.push(message), true), status: () => ({ state: "open", seconds: null }), subscribe: () => () => undefined })
})

const lastToast = () => getState().toasts.at(-1)?.text

describe("the name of a file", () => {
  test.each([
    ["Circle", "Circle"],
    ["Übung 3: größer/kleiner?", "Übung 3- größer-kleiner"],
    ["../../etc/passwd", "etc-passwd"],
    ["", "project"],
    ["...", "project"],
    ["CON", "project CON"],
    ["lpt1.txt", "project lpt1.txt"],
    ['a"b\nc\u202ed<e>|f*', "a-b-c-d-e-f"],
    ["日本語", "日本語"],
    ["x".repeat(500), "x".repeat(60)],
  ])("%j is safe", (title, stem) => {
    expect(fileName(title)).toBe(`${stem}.playground.json`)
  })
})

test("what is saved is what is opened", () => {
  expect(readFileText(fileText(sample()))).toEqual({ document: sample() })
})

describe("a file that is none of ours is refused before it is sent", () => {
  test.each([
    ["hello", "This is not a project file: it is not JSON. Choose one that was saved here."],
    ["[1]", "This is not a project file. Choose one that was saved here."],
    ["7", "This is not a project file. Choose one that was saved here."],
    [JSON.stringify({ notes: "x".repeat(300_000) }), "This drawing has 293 KB; 256 KB work here."],
    ['{"a":'.repeat(100_000) + "1" + "}".repeat(100_000), "This file is nested too deep. Choose a project file."],
  ])("%#", async (text, sentence) => {
    await openFile(new File([text], "x.json"))
    expect(lastToast()).toBe(sentence)
    expect(sent).toEqual([])
  })

  test("by its size alone, unread", async () => {
    const text = vi.fn()
    await openFile({ size: MAX_FILE + 1, text } as unknown as File)
    expect(lastToast()).toBe("This file has 5.0 MB; a project has at most 5 MB.")
    expect(text).not.toHaveBeenCalled()
  })

  test("when it cannot be read", async () => {
    await openFile({ size: 1, text: () => Promise.reject(new Error("gone")) } as unknown as File)
    expect(lastToast()).toBe("This file cannot be read. Choose another one.")
  })
})

test("a project file goes to the server as it is", async () => {
  await openFile(new File(["\ufeff" + fileText(sample())], "x.json"))
  expect(sent).toEqual([{ type: "file", document: sample() }])
})

test("without a connection a file is not lost without a word", async () => {
  setConnection(null)
  await openFile(new File([fileText(sample())], "x.json"))
  expect(lastToast()).toMatch(/server does not answer/)
})

test("a link that holds the network drops the project from the address", () => {
  expect(addressOf("eNq_-", "https://host/app/?p=abc&theme=dark#top")).toBe("https://host/app/?x=eNq_-")
})
