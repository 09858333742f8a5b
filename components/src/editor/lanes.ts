/** Where a wire runs that goes back to an earlier column: in the lane between two rows of cards, never through them. */

export interface Card {
  id: string
  x: number
  y: number
  width: number
  height: number
}

/** Free height a lane needs; in a narrower gap the wire goes around below. */
const NARROW = 16
/** How far from the cards a lane runs where nothing bounds it. */
const AWAY = 28
/** How far a wire goes straight on before it turns. */
export const TURN = 14

/** The height at which a wire from `source` back to `target` crosses over; null where it may go straight. */
export function laneOf(cards: readonly Card[], source: string, target: string): number | null {
  const from = cards.find((card) => card.id === source)
  const to = cards.find((card) => card.id === target)
  if (!from || !to || to.x >= from.x + from.width) return null
  const left = to.x - TURN
  const right = from.x + from.width + TURN
  const between = cards.filter((card) => card.x < right && card.x + card.width > left)
  // A row is whatever stands beside the card; the lane lies past all of them.
  const beside = (row: Card) => between.filter((card) => card.y < row.y + row.height && card.y + card.height > row.y)
  const down = to.y + to.height / 2 >= from.y + from.height / 2
  const [upper, lower] = down ? [from, to] : [to, from]
  const floor = Math.max(...beside(upper).map((card) => card.y + card.height))
  const ceiling = Math.min(...beside(lower).map((card) => card.y))
  if (ceiling - floor >= NARROW) return (floor + ceiling) / 2
  return Math.max(...between.map((card) => card.y + card.height)) + AWAY
}
