/** Keys on the canvas. They act only while the canvas has the focus, never while somebody types. */
import type { KeyboardEvent } from "react"
import { networkOf, nodeOf } from "../document/graph"
import { redo, select, undo } from "../editing"
import { command, playOrPause } from "../live/commands"
import { getState, setPreferences, setUi } from "../store"
import { align, deleteSelection, duplicateSelection, openSearch, tidy, unfold } from "./actions"
import { enterBlock, groupSelection, isBlock, leaveBlock, ungroupBlock } from "./blocks"
import { distribute, toggleFlag, toggleMuted } from "./arranging"
import { addNote } from "./noting"
import { canvasView } from "./placing"
import { unitsPossible } from "./unfolding"

/** For the sheet on "?". */
export const sheet: { title: string; keys: [string, string][] }[] = [
  {
    title: "Run",
    keys: [
      ["Space", "Play and pause"],
      ["Ctrl + Enter", "Train, from anywhere"],
    ],
  },
  {
    title: "Draw",
    keys: [
      ["/", "Search and add"],
      ["W", "Wire the selected layer to another"],
      ["Enter", "Settings of the selected layer; opens a block"],
      ["F2", "Rename"],
      ["U", "Show or hide its units"],
      ["Delete", "Take away; the wire heals"],
      ["Ctrl + D", "Duplicate"],
      ["Ctrl + G", "Group into a block"],
      ["Ctrl + Shift + G", "Take a block apart"],
      ["Ctrl + C  X  V", "Copy, cut, paste"],
      ["Ctrl + Z", "Undo"],
      ["Ctrl + Shift + Z", "Redo"],
      ["T", "Tidy"],
      ["H  V  G", "Align in a row, in a column; even gaps"],
      ["M", "Mute: the wires go past it"],
      ["C  P", "Show only its title; pin it down"],
      ["N", "A note on the canvas"],
    ],
  },
  {
    title: "Look",
    keys: [
      ["Tab", "Next layer or wire"],
      ["Arrows", "Move the selected layers"],
      ["Shift + drag", "Select with a box"],
      ["Ctrl + A", "Select all"],
      ["Escape", "Select nothing, then leave the block"],
      ["F", "Show all"],
      ["+  −", "Zoom"],
      ["O", "Outline"],
      ["?", "This sheet"],
    ],
  },
]

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export function onCanvasKey(event: KeyboardEvent<HTMLElement>): void {
  if (isTyping(event.target)) return
  const act = event.ctrlKey || event.metaKey ? withControl(event) : event.altKey ? null : plain(event)
  if (!act) return
  event.preventDefault()
  event.stopPropagation()
  act()
}

type Act = (() => void) | null

function withControl(event: KeyboardEvent<HTMLElement>): Act {
  switch (event.key.toLowerCase()) {
    case "z":
      return event.shiftKey ? redo : undo
    case "y":
      return redo
    case "d":
      return duplicateSelection
    case "a":
      return selectAll
    case "g":
      return event.shiftKey ? () => ungroupBlock() : groupSelection
    case "enter":
      return () => command("play")
    default:
      return null
  }
}

function plain(event: KeyboardEvent<HTMLElement>): Act {
  const { selection, preferences, drawing: document, ui } = getState()
  const target = event.target as HTMLElement
  const [only] = selection.nodes.length === 1 ? selection.nodes : []
  switch (event.key) {
    case " ":
      // On a card that is not chosen yet, Space chooses it; on a button it presses it.
      if (target.tagName === "BUTTON") return null
      if (target.matches(".react-flow__node:not(.selected), .react-flow__edge:not(.selected)")) return null
      return playOrPause
    case "/":
      return () => openSearch()
    case "?":
      return () => setUi({ sheet: true })
    case "Delete":
    case "Backspace":
      return deleteSelection
    case "Escape":
      return () => {
        if (ui.menu || ui.sheet || ui.predict) setUi({ menu: null, sheet: false, predict: null })
        else if (selection.nodes.length > 0 || selection.edges.length > 0) select({})
        else leaveBlock()
      }
    case "Enter":
      if (target.tagName === "BUTTON" || target.matches(".react-flow__node:not(.selected), .react-flow__edge:not(.selected)")) return null
      if (!only) return null
      return isBlock((document && nodeOf(document, only)?.layer.kind) ?? "") ? () => enterBlock(only) : () => focusInspector(target)
    case "F2":
      return only ? () => setUi({ renaming: only }) : null
    case "t":
    case "T":
      return tidy
    case "f":
    case "F":
      return () => canvasView()?.fit()
    case "+":
    case "=":
      return () => canvasView()?.zoom(1.25)
    case "-":
      return () => canvasView()?.zoom(0.8)
    case "o":
    case "O":
      return () => setPreferences({ outline: !preferences.outline })
    case "u":
    case "U":
      if (!only || !document || unitsPossible(getState(), only) === 0) return null
      return () => unfold(only, !document.layout.unfolded.includes(only))
    case "w":
    case "W":
      return only ? () => openSearch({ wire: { node: only, port: "out", side: "source" }, offer: "nodes" }) : null
    case "m":
    case "M":
      return selection.nodes.length > 0 ? () => toggleMuted() : null
    case "c":
    case "C":
      return selection.nodes.length > 0 ? () => toggleFlag("collapsed") : null
    case "p":
    case "P":
      return selection.nodes.length > 0 ? () => toggleFlag("pinned") : null
    case "n":
    case "N":
      return () => addNote()
    case "g":
      return selection.nodes.length > 2 ? distribute : null
    case "h":
      return selection.nodes.length > 1 ? () => align("y") : null
    case "v":
      return selection.nodes.length > 1 ? () => align("x") : null
    default:
      return null
  }
}

function selectAll(): void {
  const { drawing: document } = getState()
  if (document) select({ nodes: networkOf(document).nodes.map((node) => node.id) })
}

function focusInspector(from: HTMLElement): void {
  const root = from.getRootNode() as ShadowRoot | Document
  root.querySelector<HTMLElement>('[data-testid="inspector"] .pg-form input, [data-testid="inspector"] .pg-form select')?.focus()
}
