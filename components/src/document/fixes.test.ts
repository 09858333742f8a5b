import { describe, expect, test } from "vitest"
import { applyFix } from "./fixes"
import { nodeOf } from "./graph"
import { idsOf, sample, wiresOf } from "./sample"

describe("fixes", () => {
  test("set changes a setting", () => {
    const after = applyFix(sample(), [{ op: "set", node: "last", values: { units: 3 } }])
    expect(nodeOf(after, "last")!.layer.units).toBe(3)
  })

  test("insert puts a layer on the wire", () => {
    const after = applyFix(sample(), [{ op: "insert", source: "input", target: "hidden", layer: { kind: "flatten" } }])
    expect(wiresOf(after)).toEqual(["input→flatten", "flatten→hidden", "hidden→last", "last→output"])
  })

  test("add goes into the one wire behind, or to the open end", () => {
    expect(wiresOf(applyFix(sample(), [{ op: "add", layer: { kind: "relu" }, after: "hidden" }]))).toContain("hidden→relu")
    expect(wiresOf(applyFix(sample(), [{ op: "add", layer: { kind: "relu" }, after: "output" }]))).toContain("output→relu")
  })

  test("remove heals, connect and disconnect do what they say", () => {
    const after = applyFix(sample(), [
      { op: "remove", node: "hidden" },
      { op: "disconnect", source: "last", target: "output" },
      { op: "connect", source: "input", target: "output" },
    ])
    expect(wiresOf(after)).toEqual(["input→last", "input→output"])
  })

  test("a layer that is to stand nowhere in particular is added unwired, behind the last", () => {
    const before = sample()
    const after = applyFix(before, [{ op: "add", layer: { kind: "output" }, after: null }])
    expect(idsOf(after)).toEqual([...idsOf(before), "output-2"])
    expect(wiresOf(after)).toEqual(wiresOf(before))
    expect(after.layout.nodes["output-2"]!.x).toBeGreaterThan(before.layout.nodes.output!.x)
  })

  test("experiment sets the loss and keeps the network", () => {
    const before = sample()
    const after = applyFix(before, [{ op: "experiment", path: "objective.loss", value: { kind: "cross_entropy" } }])
    expect(after.experiment.objective.loss).toEqual({ kind: "cross_entropy" })
    expect(after.experiment.networks).toBe(before.experiment.networks)
  })

  test("several operations build on each other", () => {
    const after = applyFix(sample(), [
      { op: "set", node: "last", values: { units: 3 } },
      { op: "experiment", path: "objective.loss", value: { kind: "cross_entropy" } },
      { op: "insert", source: "hidden", target: "last", layer: { kind: "dropout" } },
    ])
    expect(idsOf(after)).toContain("dropout")
    expect(nodeOf(after, "last")!.layer.units).toBe(3)
  })

  test("an operation from a newer server, or on what is gone, changes nothing", () => {
    const document = sample()
    expect(applyFix(document, [{ op: "sing" } as never])).toBe(document)
    expect(applyFix(document, [{ op: "set", node: "nobody", values: { units: 3 } }])).toBe(document)
    expect(applyFix(document, [{ op: "insert", source: "input", target: "output", layer: { kind: "relu" } }])).toBe(document)
  })
})
