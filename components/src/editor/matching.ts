/** Search: which entries answer to what was typed, best first. */
export interface Searchable {
  title: string
  synonyms: readonly string[]
  help: string
}

export interface Match<T> {
  item: T
  /** The synonym that made it match, when the title did not. */
  because: string | null
}

export function matching<T extends Searchable>(items: readonly T[], query: string): Match<T>[] {
  const wanted = normal(query)
  if (!wanted) return items.map((item) => ({ item, because: null }))
  return items
    .flatMap((item, index) => {
      const found = score(item, wanted)
      return found ? [{ item, because: found.because, score: found.score, index }] : []
    })
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ item, because }) => ({ item, because }))
}

function score(item: Searchable, wanted: string): { score: number; because: string | null } | null {
  const title = nearness(normal(item.title), wanted)
  let best = title > 0 ? { score: title + 1, because: null as string | null } : null
  for (const synonym of item.synonyms) {
    const near = nearness(normal(synonym), wanted)
    if (near > (best?.score ?? 0)) best = { score: near, because: synonym }
  }
  if (best) return best
  return wanted.length >= 3 && normal(item.help).includes(wanted) ? { score: 1, because: null } : null
}

function nearness(text: string, wanted: string): number {
  if (text === wanted) return 100
  if (text.startsWith(wanted)) return 80
  if (text.split(" ").some((word) => word.startsWith(wanted))) return 60
  if (text.replaceAll(" ", "").includes(wanted.replaceAll(" ", ""))) return 40
  const words = wanted.split(" ")
  if (words.length > 1 && words.every((word) => text.includes(word))) return 30
  return 0
}

function normal(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[-_/,.]+/g, " ")
    .replace(/(\d)\s*d\b/g, "$1d")
    .trim()
}
