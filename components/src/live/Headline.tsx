/** Moment 1: what this is, in the corner of the canvas, until training starts here for the first time. */
import { useStore } from "../store"
import { useLive } from "./live"

const WHAT = "This is a neural network. Orange points and blue points are its data."
const HOW = "It was trained before you came. Press ▶ to watch it learn again from nothing."

export function Headline() {
  const opening = useStore((s) => s.opening)
  const running = useStore((s) => s.run?.state === "running" || s.run?.state === "starting")
  const trainedHere = useLive((numbers) => numbers.trainedHere)
  const untouched = useStore((s) => s.history.past.length === 0)
  if (opening === null || running || trainedHere || !untouched) return null
  const [what, ...how] = opening.includes("\n") ? opening.split("\n") : [WHAT, HOW]
  return (
    <div className="pgl-headline" data-testid="headline">
      <h2>{what}</h2>
      <p>{how.join(" ")}</p>
    </div>
  )
}
