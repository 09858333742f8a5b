/** Colours for a drawing that leaves the page: outside it there are no style variables. The same as in tokens.css, which a
 *  test compares. */
import type { Scheme } from "../theme"

export interface Inks {
  paper: string
  panel: string
  line: string
  ink: string
  quiet: string
}

export const inks: Record<Scheme, Inks> = {
  light: { paper: "#ffffff", panel: "#f4f4f1", line: "#e3e4e0", ink: "#1b1f24", quiet: "#5b6470" },
  dark: { paper: "#14171b", panel: "#1d2126", line: "#2c3138", ink: "#e8eaed", quiet: "#a3acb8" },
}
