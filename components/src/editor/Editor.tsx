import type { ReactElement } from "react"
export function Editor(_: { size: string }): ReactElement {
  return <div data-testid="canvas" />
}
