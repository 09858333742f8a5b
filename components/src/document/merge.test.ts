import { describe, expect, test } from "vitest"
import { addNode, moveNodes, removeNodes, setExperiment, setFields } from "./edits"
import { nodeOf } from "./graph"
import { merged } from "./merge"
import { idsOf, sample, wiresOf } from "./sample"

describe("two tabs", () => {
  const base = sample()

  test("edits on different layers both stay", () => {
    const mine = setFields(base, "hidden", { units: 9 })
    const theirs = setFields(base, "last", { units: 2 })
    const both = merged(base, mine, theirs)
    expect([nodeOf(both, "hidden")!.layer.units, nodeOf(both, "last")!.layer.units]).toEqual([9, 2])
  })

  test("on the same layer the other tab, which was saved later, wins", () => {
    const both = merged(base, setFields(base, "hidden", { units: 9 }), setFields(base, "hidden", { units: 5 }))
    expect(nodeOf(both, "hidden")!.layer.units).toBe(5)
  })

  test("a layer the other tab added or removed is added or removed here", () => {
    const added = addNode(base, { kind: "relu" }, { x: 1, y: 2 }).document
    expect(idsOf(merged(base, moveNodes(base, { input: { x: 7, y: 7 } }), added))).toContain("relu")
    const without = merged(base, setFields(base, "last", { units: 4 }), removeNodes(base, ["hidden"]))
    expect(idsOf(without)).not.toContain("hidden")
    expect(wiresOf(without)).toEqual(["last→output", "input→last"])
  })

  test("training settings and places merge field by field", () => {
    const mine = setExperiment(base, "seed", 4)
    const theirs = moveNodes(setExperiment(base, "metrics", []), { last: { x: 1, y: 1 } })
    const both = merged(base, mine, theirs)
    expect([both.experiment.seed, both.experiment.metrics, both.layout.nodes.last]).toEqual([4, [], { x: 1, y: 1 }])
  })

  test("without changes of my own I see what they have", () => {
    const theirs = setFields(base, "last", { units: 2 })
    expect(merged(base, base, theirs)).toBe(theirs)
  })
})
