import { describe, expect, test } from "vitest"
import { type BlockParts, group, setOnFace, ungroup } from "./blocks"
import { drawingIn, faceOf, opened, plainPath, put, within } from "./drawing"
import { moveNodes, removeNodes, setFields } from "./edits"
import { applyFix } from "./fixes"
import { edgeKey, networkOf, nodeOf } from "./graph"
import { documentOf, idsOf, sample, wiresOf } from "./sample"
import type { Part, ProjectDocument } from "./types"

const parts: BlockParts = {
  block: { kind: "block", repeat: 1, face: [] },
  input: { kind: "input" },
  output: { kind: "output" },
  isEnd: (layer) => layer.kind === "input" || layer.kind === "output",
  name: (node) => node.title ?? node.id,
}

function grouped(document: ProjectDocument, ...ids: string[]): ProjectDocument {
  const made = group(document, ids, parts)
  if ("problem" in made) throw new Error(made.problem)
  return made.document
}

function apart(document: ProjectDocument, id = "block"): ProjectDocument {
  const made = ungroup(document, id, parts)
  if ("problem" in made) throw new Error(made.problem)
  return made.document
}

const problem = (document: ProjectDocument, ...ids: string[]) => (group(document, ids, parts) as { problem?: string }).problem

/** A network as what it computes: nodes by id, and what arrives at each in its order. */
function meaning(document: ProjectDocument): unknown {
  const { nodes, edges } = networkOf(document)
  const into = (id: string) => edges.filter((edge) => edge.target === id).map(edgeKey)
  return Object.fromEntries(nodes.map((node) => [node.id, [node.layer, node.title, into(node.id)]]).sort())
}

/** Two branches from the input, added, with a skip around the first. */
function branched(): ProjectDocument {
  const layer = (kind: string): Part => ({ kind })
  const document = documentOf(
    ["input", "a", "b", "c", "sum", "end", "output"].map((id) => ({
      id,
      layer: layer(id === "input" || id === "output" ? id : id === "sum" ? "add" : "dense"),
      title: null,
    })),
    [
      ["input", "a"],
      ["a", "b"],
      ["input", "c"],
      ["c", "sum"],
      ["a", "sum"],
      ["b", "sum"],
      ["sum", "end"],
      ["end", "output"],
    ],
  )
  return document
}

describe("grouping", () => {
  test("and taking apart again gives the network there was, whatever was chosen", () => {
    const documents = [sample(), branched()]
    let tried = 0
    for (const before of documents) {
      const inner = idsOf(before).filter((id) => id !== "input" && id !== "output")
      for (let choice = 1; choice < 2 ** inner.length; choice++) {
        const made = group(before, inner.filter((_, bit) => choice & (1 << bit)), parts)
        if ("problem" in made) continue
        tried++
        const after = apart(made.document, made.id)
        expect(meaning(after)).toEqual(meaning(before))
        expect(after.layout).toEqual({ ...before.layout, blocks: {}, unfolded: expect.arrayContaining(before.layout.unfolded) })
      }
    }
    expect(tried).toBeGreaterThan(12)
  })

  test("the block stands between the neighbours, and holds the nodes under the ids they had", () => {
    const before = sample()
    const after = grouped(before, "hidden", "last")
    expect(wiresOf(after)).toEqual(["input→block", "block→output"])
    const { drawing } = opened(after, ["block"])
    expect(idsOf(drawing)).toEqual(["input", "hidden", "last", "output"])
    expect(wiresOf(drawing)).toEqual(["input→hidden", "hidden→last", "last→output"])
    expect(nodeOf(drawing, "hidden")).toBe(nodeOf(before, "hidden"))
    expect(drawing.layout.nodes.hidden).toEqual({ x: 240, y: 0 })
    expect(after.layout.unfolded).toEqual(["block.hidden"])
  })

  test("each source outside is one input, the first called input, with wires in the order they had", () => {
    const after = grouped(branched(), "sum", "end")
    const { drawing } = opened(after, ["block"])
    expect(idsOf(drawing)).toEqual(["input", "input-2", "input-3", "sum", "end", "output"])
    expect(wiresOf(drawing)).toEqual(["input→sum", "input-2→sum", "input-3→sum", "sum→end", "end→output"])
    expect(networkOf(after).edges.filter((edge) => edge.target === "block").map((edge) => [edge.source, edge.target_port])).toEqual([
      ["c", "in"],
      ["a", "input-2"],
      ["b", "input-3"],
    ])
  })

  test("what cannot be a block is refused with a sentence that says what to do", () => {
    expect(problem(sample())).toBe("Select the layers that shall become a block.")
    expect(problem(sample(), "input", "hidden")).toMatch(/^input stays where it is: .*Select only what lies between\.$/)
    expect(problem(branched(), "a", "c")).toMatch(/^A block has one answer; c and a both|^A block has one answer; a and c both/)
    expect(problem(branched(), "a", "sum", "c")).toMatch(/b lies between these|both lead out/)
    expect(problem(sample(), "hidden", "last")).toBeUndefined()
  })

  test("a block in a block keeps its places and what stands open in it", () => {
    const inner = grouped(sample(), "hidden")
    const outer = grouped(inner, "block", "last")
    expect(Object.keys(outer.layout.blocks!).sort()).toEqual(["block-2", "block-2.block"])
    expect(outer.layout.unfolded).toEqual(["block-2.block.hidden"])
    expect(meaning(apart(apart(outer, "block-2")))).toEqual(meaning(sample()))
  })
})

describe("taking apart", () => {
  test("what runs several times stays together until it runs once", () => {
    const twice = setFields(grouped(sample(), "hidden"), "block", { repeat: 3 })
    expect(ungroup(twice, "block", parts)).toEqual({
      problem: "block runs 3 times, each with weights of its own. Set its repeat to 1, then take it apart.",
    })
  })

  test("an id that was taken outside meanwhile is given anew", () => {
    const after = grouped(sample(), "hidden")
    const taken = { ...networkOf(after), nodes: [...networkOf(after).nodes, { id: "hidden", layer: { kind: "dense" }, title: null }] }
    const document = { ...after, experiment: { ...after.experiment, networks: { model: taken } } }
    expect(new Set(idsOf(apart(document)))).toEqual(new Set(["input", "hidden", "hidden-2", "last", "output"]))
  })

  test("the block may have been moved: what was in it comes out where it stands", () => {
    const moved = moveNodes(grouped(sample(), "hidden"), { block: { x: 240, y: 500 } })
    expect(apart(moved).layout.nodes.hidden).toEqual({ x: 240, y: 500 })
  })
})

describe("an open block", () => {
  const document = grouped(sample(), "hidden", "last")

  test("is edited like a network, and nothing outside it changes", () => {
    const after = within(document, ["block"], (drawing) => setFields(drawing, "hidden", { units: 9 }))
    expect(drawingIn(nodeOf(after, "block")?.layer)?.nodes.find((node) => node.id === "hidden")?.layer.units).toBe(9)
    expect(nodeOf(after, "input")).toBe(nodeOf(document, "input"))
    expect(networkOf(after).edges).toBe(networkOf(document).edges)
    expect(after.layout.nodes).toBe(document.layout.nodes)
  })

  test("put back unchanged is the same document", () => {
    expect(put(document, ["block"], opened(document, ["block"]).drawing)).toEqual(document)
    expect(within(document, ["block"], (drawing) => drawing)).toBe(document)
  })

  test("is left when it is gone", () => {
    expect(opened(removeNodes(document, ["block"]), ["block"]).inside).toEqual([])
    expect(opened(document, ["block", "nobody"]).inside).toEqual(["block"])
  })

  test("is known by the first of its repetitions", () => {
    expect(opened(document, ["block"]).prefix).toBe("block.")
    expect(opened(setFields(document, "block", { repeat: 2 }), ["block"]).prefix).toBe("block[0].")
    expect(plainPath("encoder[12].block[0].dense")).toBe("encoder.block.dense")
  })

  test("whose drawing follows from settings shows what the server says, and cannot be changed but in its places", () => {
    const shipped = { block: networkOf(sample()) }
    const foreign = setFields(document, "block", { drawing: null })
    const at = opened(foreign, ["block"], shipped)
    expect([at.fixed, idsOf(at.drawing)]).toEqual([true, idsOf(sample())])
    const moved = put(foreign, ["block"], moveNodes(at.drawing, { hidden: { x: 5, y: 5 } }), shipped)
    expect(moved.layout.blocks?.block?.hidden).toEqual({ x: 5, y: 5 })
    expect(networkOf(moved)).toBe(networkOf(foreign))
  })

  test("loses from its face what is taken out of it", () => {
    const layer = setOnFace(nodeOf(document, "block")!.layer, "hidden", "units", true)
    const faced = setFields(document, "block", { face: layer.face })
    expect(faceOf(nodeOf(faced, "block")!.layer)).toEqual([{ node: "hidden", field: "units", title: null }])
    const without = within(faced, ["block"], (drawing) => removeNodes(drawing, ["hidden"]))
    expect(faceOf(nodeOf(without, "block")!.layer)).toEqual([])
  })
})

describe("a fix for a node in a block", () => {
  test("is done in the drawing it names, however deep", () => {
    const deep = grouped(grouped(sample(), "hidden"), "block", "last")
    const after = applyFix(deep, [{ op: "set", node: "hidden", values: { units: 7 }, inside: ["block-2", "block"] }])
    expect(nodeOf(opened(after, ["block-2", "block"]).drawing, "hidden")?.layer.units).toBe(7)
    expect(applyFix(deep, [{ op: "set", node: "hidden", values: { units: 7 }, inside: ["nobody"] }])).toBe(deep)
  })
})
