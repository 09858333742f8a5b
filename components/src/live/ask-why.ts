/** The way from a run to its explanations. The page around us does the walking; without one there is no button. */

type Go = (run: string) => void

let go: Go | null = null

export function setAskWhy(next: Go | null): void {
  go = next
}

export function canAskWhy(): boolean {
  return go !== null
}

export function askWhy(run: string): void {
  go?.(run)
}
