/** Handing a file to the browser. */

export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement("a")
  link.href = address
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  // The download has begun by then; until it has, the address must hold.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
