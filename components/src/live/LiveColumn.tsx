/** The live column: what the network answers, how the loss falls, one line of advice. Nothing below the fold. */
import { useRef } from "react"
import { useStore } from "../store"
import { Advice } from "./Advice"
import { Confusion } from "./Confusion"
import { Gallery } from "./Gallery"
import { pictureSize, useElementSize } from "./layout"
import { useLive } from "./live"
import { LossCurve } from "./LossCurve"
import { OutputPicture } from "./OutputPicture"
import { Scatter } from "./Scatter"

const CURVE = 120
const TALLEST_CURVE = 190
/** Scale, curve with its heading, advice and the gaps between. */
const BELOW = 290
const BELOW_GALLERY = 364

export function LiveColumn() {
  const column = useRef<HTMLDivElement>(null)
  const size = useElementSize(column)
  const view = useView()
  const below = view === "image" ? BELOW_GALLERY : BELOW
  const picture = pictureSize(size, below)
  const spare = Math.max(0, size.height - picture - below)
  return (
    <div className="pgl-column" ref={column}>
      {size.width > 0 && (
        <>
          <Answer size={picture} />
          <LossCurve width={Math.max(160, size.width - 32)} height={Math.min(TALLEST_CURVE, CURVE + spare)} />
          <Advice />
        </>
      )}
    </div>
  )
}

export function useView(): "plane" | "image" | "table" {
  const view = useStore((s) => s.checked?.facts?.view)
  const gallery = useLive((numbers) => numbers.layout.includes("gallery:"))
  return view ?? (gallery ? "image" : "plane")
}

/** The picture that suits the data: the plane, a gallery of test pictures, or a table's truth against its answers. */
export function Answer({ size }: { size: number }) {
  const view = useView()
  const task = useStore((s) => s.checked?.facts?.task)
  if (view === "image") return <Gallery size={size} />
  if (view === "table") return task === "regression" ? <Scatter size={size} /> : <Confusion size={size} />
  return <OutputPicture size={size} />
}
