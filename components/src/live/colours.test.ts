// @vitest-environment node
import { expect, test } from "vitest"
import { buildScale, fromOklab, indexOf, parseColour, parseColourList, type Rgb, toOklab, valueOf } from "./colours"

const LIGHT = "#803702 #B65400 #E07F2D #EEBC8D #F2E4D1 #D7E9F7 #9FCDF5 #57A0E8 #2474CF #1B4D95"
const colours = parseColourList(LIGHT)
const middle: Rgb = [244, 243, 239]
const scale = buildScale(colours, middle)
const lightness = (css: string): number => toOklab(parseColour(css)!)[0]

test("the theme's list is read with spaces, commas, quotes and rgb()", () => {
  expect(colours).toHaveLength(10)
  expect(parseColourList('["#803702","rgb(1, 2, 3)"]')).toEqual([
    [128, 55, 2],
    [1, 2, 3],
  ])
})

test("zero is exactly the middle, on surfaces and lines", () => {
  expect(scale.css[128]).toBe("rgb(244, 243, 239)")
  expect(scale.surface[128]).toBe("rgb(244, 243, 239)")
  expect(scale.table[128]).toBe(((255 << 24) | (239 << 16) | (243 << 8) | 244) >>> 0)
})

test("the ends of the scale are the theme's first and last colour", () => {
  expect(parseColour(scale.css[1]!)).toEqual(colours[0])
  expect(parseColour(scale.css[255]!)).toEqual(colours[9])
})

test("plus and minus of the same size are equally light", () => {
  for (let away = 1; away <= 127; away++) {
    const difference = lightness(scale.css[128 + away]!) - lightness(scale.css[128 - away]!)
    expect(Math.abs(difference)).toBeLessThan(0.02)
  }
})

test("every colour of the theme lies on the scale", () => {
  for (const colour of colours) {
    const nearest = Math.min(
      ...scale.css.map((css) => Math.max(...parseColour(css)!.map((v, n) => Math.abs(v - colour[n]!)))),
    )
    expect(nearest).toBeLessThanOrEqual(2)
  }
})

test("away from zero it only gets stronger", () => {
  for (let away = 1; away < 127; away++) {
    expect(lightness(scale.css[129 + away]!)).toBeLessThanOrEqual(lightness(scale.css[128 + away]!) + 0.001)
  }
})

test("for a projector the pale tones are dropped, zero stays the middle", () => {
  const projector = buildScale(colours, middle, { midtones: false })
  expect(projector.css[128]).toBe("rgb(244, 243, 239)")
  expect(lightness(scale.css[130]!) - lightness(projector.css[130]!)).toBeGreaterThan(0.1)
})

test("any other number of colours is refused", () => {
  expect(() => buildScale(colours.slice(1), middle)).toThrow("ten colours")
})

test("index and value are each other's inverse, and zero is 128", () => {
  expect(valueOf(128)).toBe(0)
  expect([valueOf(1), valueOf(255), valueOf(0)]).toEqual([-1, 1, -1])
  for (let index = 1; index < 256; index++) expect(indexOf(valueOf(index))).toBe(index)
  expect(indexOf(Number.NaN)).toBe(128)
})

test("OKLab and back is the same colour", () => {
  for (const colour of colours) expect(fromOklab(toOklab(colour))).toEqual(colour)
})
