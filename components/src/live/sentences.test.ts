// @vitest-environment node
import { expect, test } from "vitest"
import { group, loss, percent, readNumber, short } from "./numbers"
import {
  advice,
  answerSentence,
  CONNECTION_LOST,
  score,
  stepSentence,
  type TaskFacts,
  unitSentence,
  unitTrouble,
  weightSentence,
} from "./sentences"

const plane: TaskFacts = {
  task: "binary",
  view: "plane",
  classes: ["orange", "blue"],
  samples: { train: 100, validation: 0, test: 100 },
}
const values = { train_loss: 0.01, test_loss: 0.02, accuracy: 0.99 }
const run = { state: "running", step: 300, message: null }

test("a unit writes out its sum with real minus signs and its activation", () => {
  expect(unitSentence([0.8, -1.3], ["x₁", "x₂"], 0.1, "squashes it (tanh)")).toBe(
    "This unit adds up 0.8 × x₁ − 1.3 × x₂ + 0.1, then squashes it (tanh).",
  )
})

test("a unit without activation or bias ends after its sum", () => {
  expect(unitSentence([-2], ["u₁"], null, null)).toBe("This unit adds up −2 × u₁.")
})

test("a long sum names its largest terms and counts the rest", () => {
  const weights = Float32Array.from({ length: 10 }, (_, n) => (n === 7 ? 5 : 0.1 * (n + 1)))
  const sentence = unitSentence(weights, [], 0, null, 2)
  expect(sentence).toBe("This unit adds up 5 × u₈ + 1 × u₁₀ + 8 smaller terms + 0.")
})

test("a weight explains its colour and its width", () => {
  expect(weightSentence(-1.3)).toBe(
    "Weight −1.3. Blue adds, orange takes away; thicker is stronger. Click to change it.",
  )
})

test("the step sentence counts right answers, or says that it is guessing", () => {
  expect(stepSentence(300, values, plane)).toBe("Step 300 · loss 0.02 · 99 of 100 test points right")
  expect(stepSentence(12, { test_loss: 0.48, accuracy: 0.55 }, plane)).toBe("Step 12 · loss 0.48 · it is guessing")
})

test("without test cases the score is told of the part it was measured on", () => {
  const facts = { ...plane, samples: { train: 80, validation: 20, test: 0 } }
  expect(score({ accuracy: 0.9 }, facts)).toEqual({ part: "validation", share: 0.9 })
})

test("numbers are judged by how much of the differences they explain", () => {
  const facts = { ...plane, task: "regression", classes: [] }
  expect(stepSentence(1204, { test_loss: 3.5, r2: 0.46 }, facts)).toBe(
    "Step 1,204 · loss 3.50 · it explains 46 % of the differences",
  )
  expect(stepSentence(2, { test_loss: 3.5, r2: -4 }, facts)).toContain("no better than always answering the mean")
})

test("the advice follows the run, and the server's own sentence wins", () => {
  expect(advice(null, {}, plane, false)).toBe("Press ▶ to watch it learn.")
  expect(advice({ ...run, state: "finished" }, values, plane, true)).toBe("Press ▶ to watch it learn.")
  expect(advice(run, values, plane, false)).toContain("99 of 100")
  expect(advice({ state: "paused", step: 840, message: null }, values, plane, false)).toBe(
    "Paused at step 840. Space goes on.",
  )
  expect(advice({ ...run, message: "The worker died at step 1,204." }, values, plane, false)).toBe(
    "The worker died at step 1,204.",
  )
})

test("a lost connection says that the work is saved", () => {
  expect(CONNECTION_LOST(4)).toBe("Your work is saved. The connection is not; trying again in 4 s.")
})

test("an answer is told beside the truth", () => {
  expect(answerSentence("blue", 0.71, "orange")).toBe("The network says blue, 0.71. The data say orange.")
})

test("trouble names how many units, and silence means none", () => {
  expect(unitTrouble({ units: 8, dead: 5 })).toBe("5 of 8 units answer 0 to everything.")
  expect(unitTrouble({ units: 8, dead: 0, saturated: 0 })).toBeNull()
  expect(unitTrouble({ units: 64, dead: 29 })).toBeNull()
})

test("numbers keep two telling digits, a real minus and thousands apart", () => {
  expect([0.834, -1.27, 41.2, 12345, 0, -0.00001].map(short)).toEqual([
    "0.83",
    "−1.3",
    "41",
    "12,345",
    "0",
    "−1.0 × 10⁻⁵",
  ])
  expect(short(null)).toBe("–")
  expect([0.4, 0.0023, 41.26].map(loss)).toEqual(["0.40", "0.0023", "41.26"])
  expect(group(1234567)).toBe("1,234,567")
})

test("a share is never rounded up to all of them", () => {
  expect([0.9999, 1, 0.5].map(percent)).toEqual(["99.9 %", "100 %", "50.0 %"])
})

test("typed numbers may have a real minus, a comma or an exponent; words are refused", () => {
  expect(["−1,3", "-1.3", "2e-2", ".5"].map(readNumber)).toEqual([-1.3, -1.3, 0.02, 0.5])
  expect(["", "abc", "1.2.3", "--1"].map(readNumber)).toEqual([null, null, null, null])
})
