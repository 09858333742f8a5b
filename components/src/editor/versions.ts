/** The project's versions as the server last listed them. */
import type { Version } from "../protocol"

let versions: Version[] | null = null
const listeners = new Set<() => void>()

export function setVersions(next: Version[] | null): void {
  versions = next
  listeners.forEach((listener) => listener())
}

export function knownVersions(): Version[] | null {
  return versions
}

export function onVersions(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** "just now", "5 min ago", "Tue 14:05", "3 Mar 2026". */
export function ago(saved: number, now = Date.now() / 1000): string {
  const passed = now - saved
  if (passed < 60) return "just now"
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`
  const at = new Date(saved * 1000)
  if (passed < 6 * 86_400) return at.toLocaleString("en", { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false })
  return at.toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" })
}
