/** Which palette entry is being dragged: a kind of layer, or the id of a block of one's own. Browsers hide the data of a
 *  drag until it is dropped. */
let kind: string | null = null

export function draggedKind(): string | null {
  return kind
}

export function setDraggedKind(next: string | null): void {
  kind = next
}
