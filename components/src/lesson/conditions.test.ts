import { describe, expect, it } from "vitest"
import { networkOf } from "../document/graph"
import { sample } from "../document/sample"
import type { Condition } from "../protocol"
import { holds, valueOf, type Facts } from "./conditions"

const document = sample()
const facts: Facts = {
  network: networkOf(document),
  experiment: { data: { dataset: { noise: 0.25 } } },
  parameters: 13,
  run: { step: 840, epoch: 3, playing: true },
  values: { test_accuracy: 0.97, test_loss: null },
  edited: false,
  answered: true,
}
const when = (fact: string, operator: Condition["operator"], number: number): boolean => holds([{ fact, operator, number }], facts)

describe("a card's done when", () => {
  it.each([
    ["layers.dense", 2],
    ["layers.conv2d", 0],
    ["largest.units", 3],
    ["smallest.units", 3],
    ["parameters", 13],
    ["run.step", 840],
    ["run.playing", 1],
    ["value.test_accuracy", 0.97],
    ["value.test_loss", null],
    ["value.unheard", null],
    ["setting.data.dataset.noise", 0.25],
    ["setting.data.__proto__.noise", null],
    ["edited", 0],
    ["answered", 1],
    ["nonsense", null],
  ])("reads %s", (fact, value) => expect(valueOf(fact, facts)).toBe(value))

  it("compares", () => {
    expect(when("run.step", ">", 839)).toBe(true)
    expect(when("run.step", ">", 840)).toBe(false)
    expect(when("run.step", ">=", 840)).toBe(true)
    expect(when("value.test_accuracy", "<", 0.9)).toBe(false)
    expect(when("layers.dense", "!=", 2)).toBe(false)
  })

  it("holds nothing about what is not known, and needs all of its parts", () => {
    expect(when("value.unheard", "<", 1)).toBe(false)
    expect(holds([{ fact: "answered", operator: "==", number: 1 }, { fact: "edited", operator: "==", number: 1 }], facts)).toBe(false)
  })

  it("does not count what is muted", () => {
    const nodes = facts.network.nodes.map((node) => (node.id === "hidden" ? { ...node, muted: true } : node))
    expect(valueOf("layers.dense", { ...facts, network: { ...facts.network, nodes } })).toBe(1)
  })
})
