import { useEffect, useRef, type ReactElement } from "react"
import { nodeOf } from "../document/graph"
import { setUi, useLocked, useStore } from "../store"
import {
  align,
  copySelection,
  cutSelection,
  deleteSelection,
  deleteThese,
  duplicateSelection,
  insertBetween,
  openSearch,
  tidy,
  unfold,
} from "./actions"
import { distribute, flagItems } from "./arranging"
import { enterBlock, groupSelection, isBlock, isOwn, keepBlock, ungroupBlock } from "./blocks"
import { unitsPossible } from "./unfolding"

interface Item {
  title: string
  keys?: string
  run: () => void
}

export function ContextMenu(): ReactElement | null {
  const menu = useStore((s) => s.ui.menu)
  const readonly = useLocked()
  const block = useStore((s) => (menu?.node && s.drawing ? isBlock(nodeOf(s.drawing, menu.node)?.layer.kind ?? "") : false))
  const many = useStore((s) => s.selection.nodes.length > 1)
  const canUnfold = useStore((s) => (menu?.node ? unitsPossible(s, menu.node) > 0 : false))
  const open = useStore((s) => (menu?.node ? (s.drawing?.layout.unfolded.includes(menu.node) ?? false) : false))
  const card = useRef<HTMLDivElement>(null)

  useEffect(() => {
    card.current?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true })
  }, [menu])
  if (!menu || readonly) return null

  const { node, edge } = menu
  const items: Item[] = node
    ? [
        ...(many ? [] : [{ title: "Rename", keys: "F2", run: () => setUi({ renaming: node }) }]),
        ...(canUnfold && !many ? [{ title: open ? "Fold units" : "Show units", keys: "U", run: () => unfold(node, !open) }] : []),
        ...(many ? [] : [{ title: "Wire to…", keys: "W", run: () => openSearch({ wire: { node, port: "out", side: "source" }, offer: "nodes" }) }]),
        ...(many
          ? [
              { title: "Tidy these", keys: "T", run: tidy },
              { title: "Align in a row", keys: "H", run: () => align("y") },
              { title: "Align in a column", keys: "V", run: () => align("x") },
              { title: "Even gaps", keys: "G", run: distribute },
            ]
          : []),
        ...(block && !many
          ? [
              { title: "Open", keys: "Enter", run: () => enterBlock(node) },
              ...(isOwn(node)
                ? [
                    { title: "Take apart", keys: "Ctrl+Shift+G", run: () => ungroupBlock(node) },
                    { title: "Save to my blocks", run: () => keepBlock(node) },
                  ]
                : []),
            ]
          : []),
        { title: "Group into a block", keys: "Ctrl+G", run: groupSelection },
        ...flagItems(node),
        { title: "Duplicate", keys: "Ctrl+D", run: duplicateSelection },
        { title: "Copy", keys: "Ctrl+C", run: copySelection },
        { title: "Cut", keys: "Ctrl+X", run: cutSelection },
        { title: "Delete", keys: "Del", run: deleteSelection },
      ]
    : edge
      ? [
          { title: "Insert a layer…", run: () => insertBetween(edge, { x: menu.x, y: menu.y }) },
          { title: "Delete wire", keys: "Del", run: () => deleteThese([], [edge]) },
        ]
      : []
  const step = (by: number) => {
    const buttons = [...(card.current?.querySelectorAll<HTMLElement>("button") ?? [])]
    const focused = (card.current?.getRootNode() as ShadowRoot | Document).activeElement
    buttons[(buttons.indexOf(focused as HTMLElement) + by + buttons.length) % buttons.length]?.focus()
  }
  return (
    <div
      ref={card}
      className="pg-menu"
      role="menu"
      data-testid="menu"
      style={{ left: menu.x, top: menu.y }}
      onKeyDown={(event) => {
        if (event.key === "Escape" || event.key === "Tab") setUi({ menu: null })
        else if (event.key === "ArrowDown") step(1)
        else if (event.key === "ArrowUp") step(-1)
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setUi({ menu: null })
      }}
    >
      {items.map((item) => (
        <button
          key={item.title}
          type="button"
          role="menuitem"
          onClick={() => {
            setUi({ menu: null })
            item.run()
          }}
        >
          {item.title}
          {item.keys && <kbd>{item.keys}</kbd>}
        </button>
      ))}
    </div>
  )
}
