import { describe, expect, it } from "vitest"
import type { Frame } from "../live/frames"
import { changedSentence } from "./CaseView"
import { waterfall } from "./Credits"
import type { CasesMessage, ExplanationMessage, Facts, ToServer } from "./messages"
import { ExplainStore } from "./store"

const facts: Facts = { task: "classes", view: "table", classes: ["a", "b"], feature_names: ["x"], target_unit: "" }

function opened(): { store: ExplainStore; sent: ToServer[] } {
  const store = new ExplainStore()
  const sent: ToServer[] = []
  store.send = (message) => sent.push(message)
  store.begin()
  store.hear({ type: "explain_runs", runs: [entry("one"), entry("two")] })
  return { store, sent }
}

const entry = (id: string) => ({ id, name: id, data: "Iris", state: "paused", score: "", steps: 10 })

const cases = (run: string): CasesMessage => ({
  type: "explain_cases",
  run,
  step: 10,
  facts,
  methods: [
    { part: { kind: "grad_cam", title: "Grad-CAM", help: "", defaults: {} }, offer: "not offered", reason: "No maps." },
    { part: { kind: "integrated_gradients", title: "IG", help: "", defaults: {} }, offer: "exact", reason: "" },
  ],
  layers: [],
  counts: { right: 0, wrong: 2, unsure: 0 },
  cases: [
    { id: 7, tab: "wrong", truth: 0, answer: 1, probability: 0.9, label: "b" },
    { id: 9, tab: "wrong", truth: 1, answer: 0, probability: 0.8, label: "a" },
  ],
})

const asked = (sent: ToServer[]) => sent.filter((message) => message.type === "explain")

describe("the page's state", () => {
  it("begins with the newest run, and with the run of the address when there is one", () => {
    expect(opened().store.snapshot().run).toBe("one")
    const store = new ExplainStore()
    store.wish("two")
    store.hear({ type: "explain_runs", runs: [entry("one"), entry("two")] })
    expect(store.snapshot().run).toBe("two")
  })

  it("opens the first tab that has cases and explains its first case", () => {
    const { store, sent } = opened()
    store.hear(cases("one"))
    expect(store.snapshot().tab).toBe("wrong")
    expect(asked(sent)).toEqual([
      { type: "explain", task: "explain 1", run: "one", case: 7, method: { kind: "integrated_gradients" }, target: null },
    ])
  })

  it("ignores cases of a run that is no longer chosen", () => {
    const { store } = opened()
    store.pickRun("two")
    store.hear(cases("one"))
    expect(store.snapshot().cases).toBeNull()
  })

  it("cancels what it asked for when something else is asked", () => {
    const { store, sent } = opened()
    store.hear(cases("one"))
    store.pickCase(9)
    expect(sent).toContainEqual({ type: "cancel", task: "explain 1" })
    expect(asked(sent)).toHaveLength(2)
  })

  it("shows only the explanation that was asked for last", () => {
    const { store } = opened()
    store.hear(cases("one"))
    store.pickCase(9)
    store.hear({ type: "explanation", task: "explain 1" } as ExplanationMessage)
    expect(store.snapshot().explanation).toBeNull()
    store.hear({ type: "explanation", task: "explain 2" } as ExplanationMessage)
    expect(store.snapshot().explanation?.task).toBe("explain 2")
  })

  it("keeps a picture that comes after its message, and drops one of an earlier task", () => {
    const { store } = opened()
    store.hear(cases("one"))
    const frame = (task: string) => ({ header: { type: "explanation", task }, arrays: new Map() }) as unknown as Frame
    store.hear({ type: "explanation", task: "explain 1" } as ExplanationMessage)
    store.hearFrame(frame("explain 0"))
    expect(store.snapshot().picture).toBeNull()
    store.hearFrame(frame("explain 1"))
    expect(store.snapshot().picture).not.toBeNull()
  })

  it("tells a failure in its own words and stops waiting", () => {
    const { store } = opened()
    store.hear(cases("one"))
    store.hear({ type: "explain_failed", task: "explain 1", message: "There is no test case 7.", cancelled: false })
    expect(store.snapshot()).toMatchObject({ asking: null, problem: "There is no test case 7." })
  })

  it("asks again for a changed value and takes only the newest answer", () => {
    const { store, sent } = opened()
    store.hear(cases("one"))
    const features = [{ name: "x", value: 1, attribution: 0.5 }]
    store.hear({ type: "explanation", task: "explain 1", features } as ExplanationMessage)
    store.changeValue(0, 2)
    store.changeValue(0, 3)
    expect(sent.at(-1)).toMatchObject({ type: "explain_answer", values: [3] })
    store.hear({ type: "answer", task: "what-if 2", probabilities: [1, 0], answer: 0 })
    expect(store.snapshot().changed?.answer).toBeNull()
    store.hear({ type: "answer", task: "what-if 3", probabilities: [0.2, 0.8], answer: 1 })
    expect(store.snapshot().changed?.answer).toBe(1)
  })
})

describe("the waterfall", () => {
  const credits = Array.from({ length: 12 }, (_, n) => ({ name: `f${n}`, value: n, attribution: n % 2 ? n : -n }))

  it("ends where the parts add up to, whatever is put together", () => {
    const total = credits.reduce((sum, credit) => sum + credit.attribution, 0)
    expect(waterfall(credits, 3).at(-1)!.to).toBeCloseTo(3 + total)
    expect(waterfall(credits.slice(0, 4), 3).at(-1)!.to).toBeCloseTo(3 - 0 + 1 - 2 + 3)
  })

  it("puts the weakest together under their number", () => {
    const steps = waterfall(credits, 0, 5)
    expect(steps).toHaveLength(5)
    expect(steps[0]!.name).toBe("f11")
    expect(steps.at(-1)!.name).toBe("8 others")
  })
})

describe("the sentence of a changed case", () => {
  it("names the class with its probability, or the number with its unit", () => {
    expect(changedSentence(1, [0.36, 0.64], facts)).toBe("With your change: b, 0.64.")
    expect(changedSentence(152, null, { ...facts, task: "regression", target_unit: "points" })).toBe(
      "With your change: 152 points.",
    )
    expect(changedSentence(null, null, facts)).toBe("Asking the network…")
  })
})
