/** The panes of a phone: one thing at a time, and Train under the thumb. */
import { useRef } from "react"
import { Advice } from "./Advice"
import { pictureSize, useElementSize } from "./layout"
import { Answer, useView } from "./LiveColumn"
import { LossCurve } from "./LossCurve"
import { TrainButton } from "./TrainButton"

export function PhonePicture() {
  const pane = useRef<HTMLDivElement>(null)
  const size = useElementSize(pane)
  const view = useView()
  return (
    <div className="pgl-phone" ref={pane}>
      {size.width > 0 && <Answer size={pictureSize(size, view === "image" ? 190 : 110)} />}
      <Advice />
    </div>
  )
}

export function PhoneCurve() {
  const pane = useRef<HTMLDivElement>(null)
  const size = useElementSize(pane)
  return (
    <div className="pgl-phone" ref={pane}>
      {size.width > 0 && <LossCurve width={size.width - 32} height={Math.max(160, Math.min(420, size.height - 120))} />}
      <Advice />
    </div>
  )
}

export function PhonePlay() {
  return <TrainButton thumb />
}
