/** What the editor hands to the live half's components, and where units sit inside an unfolded node. */
import type { Position, Silhouette } from "./protocol"

/** Unfolded node: unit i is a disc of UNIT px centred UNIT_PITCH px below the one before it. */
export const UNIT = 36
export const UNIT_PITCH = 46

/** `<NodePicture>`: what this node computes right now, inside its card (about 150 px wide, at most 80 px high). Draws the
 *  silhouette while there is no picture. */
export interface NodePictureProps {
  /** The node's path, as in frames. */
  path: string
  silhouette: Silhouette
  /** Output shape from the last check, without the batch; null while pending. */
  shape: number[] | null
}

/** `<UnfoldedDense>`: the column of units of one unfolded node. Its box is UNIT wide and units × UNIT_PITCH high. */
export interface UnfoldedDenseProps {
  path: string
  units: number
  silhouette: Silhouette
  /** Names beside the units (features of the input, classes of the last layer), or null. */
  names: string[] | null
}

/** `<WeightWires>`: SVG inside the drawing's own coordinates; a line from every source unit to every target unit. */
export interface WeightWiresProps {
  source: string
  target: string
  /** Right edge of each source unit, left edge of each target unit. */
  from: Position[]
  to: Position[]
  /** False: the target has no weights of its own (an activation): unit i goes to unit i. */
  dense: boolean
  selected: boolean
}
