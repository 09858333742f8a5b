/** Text for the clipboard. */

/** False when this browser lets a page copy nothing. */
export async function copyToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages served over plain http on a local network have no clipboard; the old way still works there.
    return copiedBySelection(text)
  }
}

function copiedBySelection(text: string): boolean {
  const area = document.createElement("textarea")
  area.value = text
  area.setAttribute("aria-hidden", "true")
  area.style.cssText = "position: fixed; top: 0; opacity: 0"
  document.body.append(area)
  area.select()
  try {
    return document.execCommand("copy")
  } catch {
    return false
  } finally {
    area.remove()
  }
}
