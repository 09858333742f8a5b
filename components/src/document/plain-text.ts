/** Text for one line: without line breaks, control characters, lone halves of characters and turns of the writing direction. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

export function oneLine(text: string, length: number): string {
  return [...text.slice(0, 8 * length).replace(INVISIBLE, " ")].slice(0, length).join("").trim()
}
