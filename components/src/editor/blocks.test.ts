import { beforeEach, describe, expect, test } from "vitest"
import { catalogue } from "../../dev/catalogue"
import { opened } from "../document/drawing"
import { idsOf, sample } from "../document/sample"
import { draw, goInside, select, undo } from "../editing"
import { setFields } from "../document/edits"
import { initialState, diagnosticsOf, getState, setState } from "../store"
import type { CatalogueEntry, CheckedMessage } from "../protocol"
import { enterBlock, groupSelection, leaveBlock, repetitionOf } from "./blocks"

const block: CatalogueEntry = {
  kind: "block",
  title: "Block",
  group: "Blocks",
  silhouette: "block",
  fields: [
    { name: "repeat", title: "Repeat", type: "integer", default: 1 },
    { name: "drawing", title: "Drawing", type: "drawing", default: { nodes: [], edges: [] } },
  ],
}

beforeEach(() => {
  const layers = [...catalogue.layers.filter((entry) => entry.kind !== "block"), block]
  setState({ ...initialState, project: "p", document: sample(), catalogue: { ...catalogue, layers } })
  select({ nodes: ["hidden", "last"] })
  groupSelection()
})

describe("a block in the editor", () => {
  test("is chosen when it is made, opened, and chosen again when it is left", () => {
    expect(getState().selection.nodes).toEqual(["block"])
    enterBlock("block")
    expect([getState().inside, idsOf(getState().drawing!)]).toEqual([["block"], ["input", "hidden", "last", "output"]])
    leaveBlock()
    expect([getState().inside, getState().selection.nodes]).toEqual([[], ["block"]])
  })

  test("undo goes to where the change was, and out of a block that it takes back", () => {
    enterBlock("block")
    draw("Change settings", (document) => setFields(document, "hidden", { units: 7 }))
    leaveBlock()
    undo()
    expect(getState().inside).toEqual(["block"])
    undo()
    expect([getState().inside, idsOf(getState().document!)]).toEqual([[], idsOf(sample())])
  })

  test("each drawing is seen again as it was left", () => {
    const top = { x: 1, y: 2, zoom: 3 }
    setState({ viewport: top })
    enterBlock("block")
    expect(getState().viewport).toBeNull()
    setState({ viewport: { x: 9, y: 9, zoom: 1 } })
    leaveBlock()
    expect(getState().viewport).toEqual(top)
    goInside(["block"])
    expect(getState().viewport).toEqual({ x: 9, y: 9, zoom: 1 })
  })

  test("what is wrong inside is told on the block, and inside at its node, of whichever repetition it is", () => {
    setState((s) => ({ document: setFields(s.document!, "block", { repeat: 3 }) }))
    const wrong = { node: "block[2].hidden", edge: null, code: "x", severity: "error" as const, message: "No.", fixes: [] }
    const checked = { type: "checked", revision: 1, nodes: {}, total: {}, diagnostics: [wrong], facts: null }
    setState({ checked: checked as unknown as CheckedMessage })
    expect(diagnosticsOf(getState(), "block")).toEqual([wrong])
    expect(repetitionOf(getState(), wrong.node)).toBeNull()
    enterBlock("block")
    expect(getState().prefix).toBe("block[0].")
    expect(diagnosticsOf(getState(), "hidden")).toEqual([wrong])
    expect(diagnosticsOf(getState(), "last")).toEqual([])
    expect(repetitionOf(getState(), wrong.node)).toBe(3)
    expect(opened(getState().document!, getState().inside).fixed).toBe(false)
  })
})
