/** Thirty-six pictures, each marked right or wrong, and the chosen one with the network's probabilities. */
import { useCallback, useMemo } from "react"
import { live, useDrawing, useLive, useTheme } from "./live"
import { colourSheet, drawFromSheet, greyTable } from "./paint"
import { percent } from "./numbers"
import { Icon } from "./icons"
import { answerSentence } from "./sentences"
import { showSample } from "./session"

const SIDE = 6
const BARS = 4
const SHOWN = 72

export function Gallery({ size }: { size: number }) {
  const tile = Math.floor((size - (SIDE - 1) * 3) / SIDE)
  const labels = useLive((numbers) => numbers.labels)
  const chosen = useLive((numbers) => numbers.shownSample) ?? 0
  const marks = useLive(useCallback(() => marksNow(), []))
  const canvas = useDrawing(
    ["gallery"],
    size,
    size,
    useCallback(
      ({ context, theme }) => {
        const gallery = live.array("gallery")
        if (!gallery) return
        const [count, h, w] = gallery.shape as [number, number, number]
        const sheet = colourSheet(gallery.values as Uint8Array, count, h, w, greyTable(theme.dark))
        for (let n = 0; sheet && n < Math.min(count, SIDE * SIDE); n++) {
          const box = { x: (n % SIDE) * (tile + 3), y: Math.floor(n / SIDE) * (tile + 3), width: tile, height: tile }
          drawFromSheet(context, sheet, n, box, true)
        }
      },
      [tile],
    ),
  )
  const targets = live.array("gallery_target")?.values
  return (
    <figure className="pgl-gallery" style={{ width: size }}>
      <div className="pgl-tiles" style={{ width: size, height: SIDE * (tile + 3) - 3 }}>
        <canvas
          ref={canvas}
          data-testid="output-picture"
          role="img"
          aria-label="Thirty-six pictures of the data"
          style={{ width: size, height: size }}
        />
        {Array.from({ length: targets ? Math.min(targets.length, SIDE * SIDE) : 0 }, (_, n) => (
          <button
            key={n}
            type="button"
            className="pgl-tile"
            data-testid={`gallery-${n}`}
            data-mark={markName(marks[n])}
            aria-pressed={chosen === n}
            aria-label={tileName(n, labels[targets![n]!], marks[n])}
            style={{ left: (n % SIDE) * (tile + 3), top: Math.floor(n / SIDE) * (tile + 3), width: tile, height: tile }}
            onClick={() => showSample(n)}
          >
            {marks[n] !== "-" && marks[n] !== undefined && (
              <i>
                <Icon name={marks[n] === "r" ? "right" : "wrong"} size={11} />
              </i>
            )}
          </button>
        ))}
      </div>
      <Sample chosen={chosen} labels={labels} />
    </figure>
  )
}

/** One letter for each tile: r right, w wrong, - not answered yet. A plain string, so React sees no change when there is none. */
export function marksNow(): string {
  const answers = live.array("gallery_answer")?.values
  const targets = live.array("gallery_target")?.values
  if (!targets) return ""
  return Array.from(targets, (target, n) => (answers ? (answers[n] === target ? "r" : "w") : "-")).join("")
}

const markName = (mark: string | undefined): string | undefined =>
  mark === "r" ? "right" : mark === "w" ? "wrong" : undefined

function tileName(n: number, label: string | undefined, mark: string | undefined): string {
  const name = `Picture ${n + 1}: ${label ?? "unnamed"}`
  return mark === "r" ? `${name}, answered right` : mark === "w" ? `${name}, answered wrong` : name
}

function Sample({ chosen, labels }: { chosen: number; labels: string[] }) {
  const theme = useTheme()
  const canvas = useDrawing(
    ["sample", "gallery"],
    SHOWN,
    SHOWN,
    useCallback(({ context, theme: now }) => {
      const sample = live.array("sample")
      if (!sample) return
      const [h, w] = sample.shape.slice(-2) as [number, number]
      const sheet = colourSheet(sample.values as Uint8Array, 1, h, w, greyTable(now.dark))
      if (sheet) drawFromSheet(context, sheet, 0, { x: 0, y: 0, width: SHOWN, height: SHOWN }, true)
    }, []),
  )
  const probabilities = useLive(useCallback(() => live.array("probabilities")?.values ?? null, []))
  const bars = useMemo(() => {
    if (!probabilities) return []
    return Array.from(probabilities, (share, kind) => ({ kind, share }))
      .sort((a, b) => b.share - a.share)
      .slice(0, BARS)
  }, [probabilities])
  const target = live.array("gallery_target")?.values[chosen]
  const name = (kind: number): string => labels[kind] ?? `kind ${kind + 1}`
  const best = bars[0]
  return (
    <div className="pgl-sample" data-dark={theme?.dark || undefined}>
      <canvas
        ref={canvas}
        role="img"
        aria-label="The picture shown to the network"
        style={{ width: SHOWN, height: SHOWN }}
      />
      <div>
        {bars.map(({ kind, share }) => (
          <div className="pgl-probability" key={kind} data-true={kind === target || undefined}>
            <span>{name(kind)}</span>
            <i
              role="img"
              aria-label={`${name(kind)}: ${percent(share)}`}
              style={{ "--share": `${100 * share}%` } as React.CSSProperties}
            />
            <b>{share.toFixed(2)}</b>
          </div>
        ))}
        {best && target !== undefined && <p>{answerSentence(name(best.kind), best.share, name(target))}</p>}
      </div>
    </div>
  )
}
