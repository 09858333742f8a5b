/** The drawing as a file. The fonts travel in it, so that it looks the same wherever it is opened. */
import { createRoot } from "react-dom/client"
import { flushSync } from "react-dom"
import { endGesture } from "../editing"
import { getState, toast } from "../store"
import type { Scheme } from "../theme"
import { download } from "./download"
import { planOf } from "./drawing-layout"
import { DrawingSvg } from "./DrawingSvg"
import { inks } from "./palettes"
import { fileStem } from "./project-file"

/** Points across for one of the drawing: sharp in print. */
const SHARPNESS = 3
/** The longest side of a picture; larger ones are refused by some browsers. */
const LARGEST = 8192

const FONTS = [
  { family: "Inter", file: "inter-latin-wght-normal.woff2", weight: "100 900" },
  { family: "JetBrains Mono", file: "jetbrains-mono-latin-400-normal.woff2", weight: "400" },
]

/** The SVG's text; null when nothing is open. */
export function drawingText(scheme: Scheme, fonts = ""): string | null {
  const { document: project, catalogue, checked } = getState()
  if (!project) return null
  const holder = window.document.createElement("div")
  const root = createRoot(holder)
  const plan = planOf(project, catalogue, checked)
  flushSync(() => root.render(<DrawingSvg plan={plan} inks={inks[scheme]} title={project.title} fonts={fonts} />))
  const text = new XMLSerializer().serializeToString(holder.firstElementChild!)
  root.unmount()
  return text
}

export async function saveSvg(scheme: Scheme): Promise<void> {
  const text = await textWithFonts(scheme)
  if (text) download(`${fileStem(getState().document!.title)}.svg`, new Blob([text], { type: "image/svg+xml" }))
}

export async function savePng(scheme: Scheme): Promise<void> {
  const text = await textWithFonts(scheme)
  if (!text) return
  const picture = await painted(text).catch(() => null)
  if (picture) download(`${fileStem(getState().document!.title)}.png`, picture)
  else toast("This browser makes no picture of it. Take the SVG.", "warn")
}

async function textWithFonts(scheme: Scheme): Promise<string | null> {
  endGesture()
  return drawingText(scheme, await fontFaces())
}

async function painted(text: string): Promise<Blob | null> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  await image.decode()
  const sharpness = Math.min(SHARPNESS, LARGEST / Math.max(image.naturalWidth, image.naturalHeight))
  const canvas = document.createElement("canvas")
  canvas.width = Math.round(image.naturalWidth * sharpness)
  canvas.height = Math.round(image.naturalHeight * sharpness)
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((done) => canvas.toBlob(done, "image/png"))
}

/** The page's own fonts, packed into rules; without them the reader's fonts have to do. */
async function fontFaces(): Promise<string> {
  const rules = await Promise.all(
    FONTS.map(async ({ family, file, weight }) => {
      try {
        const answer = await fetch(`${appRoot()}/app/static/${file}`)
        if (!answer.ok) return ""
        const bytes = new Uint8Array(await answer.arrayBuffer())
        const packed = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
        return `@font-face{font-family:'${family}';font-weight:${weight};src:url(data:font/woff2;base64,${packed}) format('woff2')}`
      } catch {
        return ""
      }
    }),
  )
  return rules.join("")
}

/** Where the app lives: our bundle lies below it. */
function appRoot(bundle: string = import.meta.url): string {
  const { pathname } = new URL(bundle)
  const at = ["/_stcore/", "/component/"].map((mark) => pathname.indexOf(mark)).filter((n) => n >= 0)
  return at.length ? pathname.slice(0, Math.min(...at)) : ""
}
