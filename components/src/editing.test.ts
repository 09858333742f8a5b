import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { type Connection, setConnection } from "./connection-api"
import { setFields } from "./document/edits"
import { nodeOf } from "./document/graph"
import { sample } from "./document/sample"
import { edit, endGesture, keepNow, redo, sendAfterEdits, undo } from "./editing"
import type { CheckedMessage, ClientMessage, ProjectMessage } from "./protocol"
import { receive } from "./receive"
import { emptyCatalogue, getState, initialState, setState } from "./store"

let sent: Extract<ClientMessage, { type: "edit" }>[] = []
let said: string[] = []
let open = true
let project = 0

const line: Connection = {
  send: (message) => {
    if (!open) return false
    said.push(message.type)
    if (message.type === "edit") sent.push(message)
    return true
  },
  status: () => ({ state: "open", seconds: null }),
  subscribe: () => () => undefined,
}

const message = (change: Partial<ProjectMessage> = {}): ProjectMessage => ({
  type: "project",
  id: `p${project}`,
  revision: 5,
  readonly: false,
  document: sample(),
  catalogue: emptyCatalogue,
  glossary: {},
  run: null,
  opening: null,
  ...change,
})

const units = (value: number, gesture?: string) =>
  edit("Change settings", (document) => setFields(document, "hidden", { units: value }), gesture ? { gesture } : {})
const unitsNow = () => nodeOf(getState().document!, "hidden")!.layer.units
const saved = (revision: number) => receive({ type: "saved", seq: sent.at(-1)!.seq, revision })

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  sessionStorage.clear()
  sent = []
  said = []
  open = true
  project += 1
  setState({ ...initialState })
  setConnection(line)
  receive(message())
})
afterEach(() => vi.useRealTimers())

describe("a command", () => {
  const train = () => sendAfterEdits({ type: "command", name: "play" })

  test("goes out at once when nothing waits", () => {
    expect(train()).toBe(true)
    expect(said).toEqual(["command"])
  })

  test("comes after an edit that waits for the one before it", () => {
    units(4)
    undo()
    expect(train()).toBe(true)
    expect(said).toEqual(["edit"])
    saved(6)
    expect(said).toEqual(["edit", "edit", "command"])
    saved(7)
    expect(said).toEqual(["edit", "edit", "command"])
  })

  test("brings out what is still being typed", () => {
    units(4, "typing")
    train()
    expect(said).toEqual(["edit", "command"])
  })

  test("is not kept for a server that is away", () => {
    open = false
    units(4)
    expect(train()).toBe(false)
  })
})

describe("an edit", () => {
  test("goes out at once with the revision it was made on, and is confirmed", () => {
    units(4)
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ base: 5, label: "Change settings" })
    expect(getState().unsaved).toBe(true)
    saved(6)
    expect(getState()).toMatchObject({ revision: 6, unsaved: false })
  })

  test("made while another travels waits for its answer, and then carries everything", () => {
    units(4)
    units(5)
    units(6)
    expect(sent).toHaveLength(1)
    saved(6)
    expect(sent).toHaveLength(2)
    expect(sent[1]!.base).toBe(6)
    expect(nodeOf(sent[1]!.document, "hidden")!.layer.units).toBe(6)
    saved(7)
    expect(getState().unsaved).toBe(false)
  })

  test("a sweep is sent once, when it ends, and undone at once", () => {
    for (const value of [4, 5, 6]) units(value, "sweep")
    expect(sent).toHaveLength(0)
    endGesture()
    expect(sent).toHaveLength(1)
    undo()
    expect(unitsNow()).toBe(3)
    redo()
    expect(unitsNow()).toBe(6)
  })

  test("of somebody else's project is refused in words", () => {
    receive(message({ readonly: true }))
    expect(units(4)).toBe(false)
    expect(unitsNow()).toBe(3)
    expect(getState().toasts.at(-1)!.text).toContain("Make my copy")
  })

  test("that changes nothing leaves no step", () => {
    expect(units(3)).toBe(false)
    expect(getState().history.past).toHaveLength(0)
  })
})

describe("nothing is lost", () => {
  test("when the connection breaks: what was not confirmed goes again after the reconnect", () => {
    units(4)
    open = false
    units(5)
    open = true
    receive(message())
    expect(unitsNow()).toBe(5)
    expect(nodeOf(sent.at(-1)!.document, "hidden")!.layer.units).toBe(5)
    expect(getState().history.past).toHaveLength(2)
  })

  test("on F5: the draft, the undo steps and their labels are there again", () => {
    open = false
    units(4)
    units(5)
    keepNow()
    setState({ ...initialState })
    open = true
    receive(message())
    expect(unitsNow()).toBe(5)
    undo()
    expect(unitsNow()).toBe(4)
  })

  test("on F5 after everything was confirmed the server's document counts", () => {
    units(4)
    saved(6)
    keepNow()
    setState({ ...initialState })
    receive(message({ revision: 6, document: setFields(sample(), "hidden", { units: 7 }) }))
    expect(unitsNow()).toBe(7)
    expect(getState().unsaved).toBe(false)
  })

  test("when the answer never comes the newest goes out again with the next edit", () => {
    units(4)
    units(5)
    vi.advanceTimersByTime(10_000)
    expect(nodeOf(sent.at(-1)!.document, "hidden")!.layer.units).toBe(5)
  })
})

describe("another tab", () => {
  const theirs = setFields(sample(), "last", { units: 2 })

  test("its edit appears without an undo step of mine, and undo of mine does not take it away", () => {
    units(4)
    saved(6)
    receive({ type: "changed", revision: 7, document: setFields(getState().document!, "last", { units: 2 }), label: "x", conflicts: [] })
    expect(nodeOf(getState().document!, "last")!.layer.units).toBe(2)
    expect(getState().history.past).toHaveLength(1)
    undo()
    expect(unitsNow()).toBe(3)
    expect(nodeOf(getState().document!, "last")!.layer.units).toBe(2)
  })

  test("its edit and my unsaved one both stay", () => {
    units(4)
    receive({ type: "changed", revision: 6, document: theirs, label: "x", conflicts: [] })
    expect([unitsNow(), nodeOf(getState().document!, "last")!.layer.units]).toEqual([4, 2])
  })

  test("a conflict is told", () => {
    receive({ type: "changed", revision: 6, document: theirs, label: "x", conflicts: ["last"] })
    expect(getState().toasts.at(-1)!.text).toContain("last")
  })
})

describe("what the server proposes", () => {
  test("goes through undo and is sent back as an edit", () => {
    receive({ type: "propose", label: "Open Spiral", document: { ...sample(), title: "Spiral" } })
    expect(getState().document!.title).toBe("Spiral")
    expect(sent.at(-1)).toMatchObject({ label: "Open Spiral" })
    undo()
    expect(getState().document!.title).toBe("Sample")
  })

  test("an older check does not overwrite a newer one", () => {
    const checked = (revision: number): CheckedMessage => ({
      type: "checked",
      revision,
      nodes: {},
      total: { parameters: revision, flops: 0, memory: 0 },
      diagnostics: [],
      facts: null,
    })
    receive(checked(7))
    receive(checked(6))
    expect(getState().checked!.revision).toBe(7)
  })
})

describe("a refusal", () => {
  const refused = (seq?: number) => receive({ type: "error", text: "Node 'hidden' is none.", seq })

  test("of an edit brings back what was saved; undo shows what was refused", () => {
    units(4)
    saved(6)
    units(5)
    refused(sent.at(-1)!.seq)
    expect(unitsNow()).toBe(4)
    expect(getState().toasts.at(-1)?.text).toBe("Node 'hidden' is none.")
    expect(sent.at(-1)).toMatchObject({ base: 6, label: "Back to what was saved" })
    saved(7)
    expect(getState().unsaved).toBe(false)
    undo()
    expect(unitsNow()).toBe(5)
  })

  test("of something else leaves the drawing alone, and its edit is still confirmed", () => {
    units(4)
    refused()
    expect(unitsNow()).toBe(4)
    saved(6)
    expect(getState().unsaved).toBe(false)
  })
})
