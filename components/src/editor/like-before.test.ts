import { describe, expect, it } from "vitest"
import { addNode, insertOnEdge, setUnfolded } from "../document/edits"
import { edgeKey, networkOf, nodeOf } from "../document/graph"
import { sample } from "../document/sample"
import { likeBefore } from "./like-before"

const plain = { kind: "dense", units: 8, bias: true, activation: null }

describe("a layer that joins a chain", () => {
  it("takes units, activation and openness from the one of its kind before it", () => {
    const open = setUnfolded(sample(), "hidden", true)
    const wire = networkOf(open).edges.find((edge) => edge.source === "hidden")!
    const { document, id } = insertOnEdge(open, edgeKey(wire), plain, null)!
    const after = likeBefore(document, id)
    expect(nodeOf(after, id)?.layer).toMatchObject({ units: 3, activation: { kind: "tanh" } })
    expect(after.layout.unfolded).toContain(id)
  })

  it("stays as it is while it stands alone", () => {
    const { document, id } = addNode(sample(), plain, { x: 0, y: 0 })
    expect(likeBefore(document, id)).toBe(document)
  })
})
