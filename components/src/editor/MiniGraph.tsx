/** What is in a block, as small as its card: boxes in columns, from left to right. */
import { memo, type ReactElement } from "react"
import { inOrder } from "../document/graph"
import type { Network } from "../protocol"

const WIDTH = 148
const HEIGHT = 60
const MOST = 60
const BOX = { width: 15, height: 9 }

interface Mini {
  boxes: { id: string; x: number; y: number; end: boolean }[]
  lines: string[]
}

const drawn = new WeakMap<Network, Mini>()

export const MiniGraph = memo(function MiniGraph({ network, isEnd }: { network: Network; isEnd: (kind: string) => boolean }): ReactElement {
  let mini = drawn.get(network)
  if (!mini) drawn.set(network, (mini = arranged(network, isEnd)))
  return (
    <svg className="pg-mini" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {mini.lines.map((line, index) => (
        <path key={index} d={line} />
      ))}
      {mini.boxes.map(({ id, x, y, end }) =>
        end ? (
          <circle key={id} cx={x} cy={y} r="2.5" />
        ) : (
          <rect key={id} x={x - BOX.width / 2} y={y - BOX.height / 2} width={BOX.width} height={BOX.height} rx="2" />
        ),
      )}
    </svg>
  )
})

/** Each node one column behind the last that feeds it. */
function arranged(network: Network, isEnd: (kind: string) => boolean): Mini {
  const order = inOrder(network).slice(0, MOST)
  const column = new Map<string, number>()
  for (const id of order) {
    const before = network.edges.flatMap((edge) => (edge.target === id ? [column.get(edge.source) ?? -1] : []))
    column.set(id, Math.max(-1, ...before) + 1)
  }
  const last = Math.max(1, ...column.values())
  const rows = new Map<number, string[]>()
  for (const id of order) rows.set(column.get(id)!, [...(rows.get(column.get(id)!) ?? []), id])
  const kinds = new Map(network.nodes.map((node) => [node.id, node.layer.kind]))
  const place = new Map<string, { x: number; y: number }>()
  for (const [number, ids] of rows) {
    const pitch = Math.min(16, (HEIGHT - 12) / Math.max(1, ids.length - 1))
    ids.forEach((id, row) => {
      place.set(id, { x: 10 + (number * (WIDTH - 20)) / last, y: HEIGHT / 2 + (row - (ids.length - 1) / 2) * pitch })
    })
  }
  const lines = network.edges.flatMap(({ source, target }) => {
    const [from, to] = [place.get(source), place.get(target)]
    if (!from || !to) return []
    const far = column.get(target)! - column.get(source)! > 1
    const bend = far ? Math.min(HEIGHT - 3, Math.max(from.y, to.y) + 17) : null
    const middle = (from.x + to.x) / 2
    return bend === null
      ? [`M${from.x},${from.y}C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`]
      : [`M${from.x},${from.y}C${from.x + 10},${bend + 8} ${to.x - 10},${bend + 8} ${to.x},${to.y}`]
  })
  return { boxes: order.map((id) => ({ id, ...place.get(id)!, end: isEnd(kinds.get(id) ?? "") })), lines }
}
