import { expect, test } from "vitest"
import { buildScale, parseColourList, type Rgb } from "./colours"
import { shared } from "./DataDrawer"
import { discBoxes } from "./discs"
import { prettyName } from "./incoming"
import { nextRate } from "./LearningRate"
import { pictureKind } from "./NodePicture"
import { lineLook, lineWidth } from "./weight-look"
import type { Theme } from "./theme"

test("the arrow keys move the learning rate by about three", () => {
  expect([0.03, 0.1, 1, 0.02].map((rate) => nextRate(rate, true))).toEqual([0.1, 0.3, 3, 0.03])
  expect([0.03, 0.1, 1, 0.02].map((rate) => nextRate(rate, false))).toEqual([0.01, 0.03, 0.3, 0.01])
})

test("a new training share leaves the rest in the proportions it had", () => {
  expect(shared({ train: 0.5, validation: 0, test: 0.5, sealed: 0, seed: 3 }, 0.8)).toEqual({
    train: 0.8,
    validation: 0,
    test: 0.2,
    sealed: 0,
    seed: 3,
  })
  expect(shared({ train: 1, validation: 0, test: 0, sealed: 0 }, 0.7)).toMatchObject({ test: 0.3 })
})

test("feature names get real subscripts, other names stay", () => {
  expect(["x1", "x_12", "petal length"].map(prettyName)).toEqual(["x₁", "x₁₂", "petal length"])
})

test("lines are between half a pixel and six, wider for larger weights", () => {
  expect(lineWidth(0)).toBe(0.5)
  expect(lineWidth(2)).toBeGreaterThan(lineWidth(-1))
  expect(lineWidth(1e9)).toBeLessThanOrEqual(6)
  expect(lineWidth(Number.NaN)).toBe(6)
})

test("negative weights are dashed, positive ones solid", () => {
  const list = parseColourList("#803702 #B65400 #E07F2D #EEBC8D #F2E4D1 #D7E9F7 #9FCDF5 #57A0E8 #2474CF #1B4D95")
  const theme = { scale: buildScale(list, [244, 243, 239] as Rgb), projector: false, text: "black" } as Theme
  expect(lineLook(1, theme).dash).toBe("none")
  expect(lineLook(-1, theme).dash).not.toBe("none")
  expect(lineLook(1, theme).colour).not.toBe(lineLook(-1, theme).colour)
})

test("the arrays at hand decide how a node is drawn", () => {
  const layout = "histogram/big:20 output:100x100 picture/conv:6x26x26 picture/hidden:3x28x28 picture/wide:8x28x28"
  expect(pictureKind(layout, "hidden", "dense", [3])).toBe("discs")
  expect(pictureKind(layout, "wide", "dense", [64])).toBe("many")
  expect(pictureKind(layout, "conv", "conv", [16, 26, 26])).toBe("maps")
  expect(pictureKind(layout, "big", "dense", [128])).toBe("histogram")
  expect(pictureKind(layout, "out", "output", [1])).toBe("answer")
  expect(pictureKind(layout, "new", "dense", [4])).toBe("nothing")
})

test("up to sixteen discs fit into a card without touching", () => {
  for (const count of [1, 3, 8, 16]) {
    const boxes = discBoxes(count, 148, 80, 28)
    expect(boxes).toHaveLength(count)
    for (const box of boxes) {
      expect(box.x + box.width).toBeLessThanOrEqual(148)
      expect(box.y + box.height).toBeLessThanOrEqual(80)
    }
  }
})
