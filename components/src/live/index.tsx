/** The live half: everything that moves while the network learns. */
import { useCallback, useRef } from "react"
import { useStore } from "../store"
import { useThemeReading } from "./live"
import { Strip as Bar } from "./Strip"
import { UnitCard } from "./UnitCard"
import { WeightNote } from "./WeightNote"
import "uplot/dist/uPlot.min.css"
import "./strip.css"
import "./cards.css"
import "./project-menu.css"
import "./pictures.css"
import "./nodes.css"

export { setAskWhy } from "./ask-why"
export { playOrPause } from "./commands"
export { Headline } from "./Headline"
export { LiveColumn } from "./LiveColumn"
export { NodePicture } from "./NodePicture"
export { PhoneCurve, PhonePicture, PhonePlay } from "./Phone"
export { startLive, type Mount } from "./session"
export { Timeline } from "./Timeline"
export { UnfoldedDense } from "./UnfoldedDense"
export { WeightWires } from "./WeightWires"

/** The strip is always there, so it also keeps the colours fresh and carries the cards that float over everything. */
export function Strip() {
  const mark = useRef<HTMLSpanElement>(null)
  const projector = useStore((s) => s.preferences.projector)
  useStore(useCallback((s) => s.scheme, []))
  useThemeReading(mark, projector)
  return (
    <>
      <span ref={mark} hidden />
      <Bar />
      <UnitCard />
      <WeightNote />
    </>
  )
}
