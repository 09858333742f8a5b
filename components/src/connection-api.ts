import type { ClientMessage } from "./protocol"

export type ConnectionState = "connecting" | "open" | "retrying" | "refused" | "closed"

export interface ConnectionStatus {
  state: ConnectionState
  /** While retrying: seconds until the next attempt. */
  seconds: number | null
}

/** The one way to the server. The live half opens it; the editor only sends. */
export interface Connection {
  /** False when the message could not be handed over; the caller keeps what matters (the store keeps edits). */
  send(message: ClientMessage): boolean
  status(): ConnectionStatus
  subscribe(listener: (status: ConnectionStatus) => void): () => void
}

let current: Connection | null = null

export function setConnection(connection: Connection | null): void {
  current = connection
}

export function send(message: ClientMessage): boolean {
  return current?.send(message) ?? false
}

export function connection(): Connection | null {
  return current
}
