/** A layer opened into its units: a column of live discs, where the weight lines begin and end. */
import { useCallback, useMemo } from "react"
import { UNIT, UNIT_PITCH, type UnfoldedDenseProps } from "../live-parts"
import { drawDiscs } from "./discs"
import { prettyName } from "./incoming"
import { live, useDrawing } from "./live"
import { UnitButtons } from "./UnitButtons"

export function UnfoldedDense({ path, units, silhouette, names }: UnfoldedDenseProps) {
  const boxes = useMemo(
    () =>
      Array.from({ length: units }, (_, n) => ({
        x: 0,
        y: n * UNIT_PITCH + (UNIT_PITCH - UNIT) / 2,
        width: UNIT,
        height: UNIT,
      })),
    [units],
  )
  const height = units * UNIT_PITCH
  const canvas = useDrawing(
    [`picture/${path}`, `units/${path}`, "points"],
    UNIT,
    height,
    useCallback(({ context, theme }) => drawDiscs(context, live, path, boxes, theme), [path, boxes]),
    2,
  )
  return (
    <div className="pgl-units" data-silhouette={silhouette} style={{ width: UNIT, height }}>
      <canvas ref={canvas} aria-hidden="true" style={{ width: UNIT, height }} />
      <UnitButtons path={path} units={units} boxes={boxes} />
      {names?.map((name, n) => (
        <span
          key={n}
          className="pgl-unit-name"
          data-side={silhouette === "input" ? "left" : "right"}
          style={{ top: (n + 0.5) * UNIT_PITCH }}
        >
          {prettyName(name)}
        </span>
      ))}
    </div>
  )
}
