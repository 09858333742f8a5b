/** The one WebSocket of the page: opens, listens, comes back after a break, and says what it is doing. */
import type { Connection, ConnectionStatus } from "../connection-api"
import type { ClientMessage, ServerMessage } from "../protocol"

export const PROTOCOL = "pg.v1"
const REFUSED = 4401
const WAITS = [1, 2, 4, 8]

export interface Socket {
  binaryType: string
  readyState: number
  send(text: string): void
  close(): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
}

export interface Handlers {
  onMessage(message: ServerMessage): void
  onFrame(buffer: ArrayBuffer): void
  /** The socket is open and the project has been asked for: the moment to send again what was kept. */
  onOpen?(): void
}

export interface Environment {
  open(url: string, protocols: string[]): Socket
  later(task: () => void, milliseconds: number): unknown
  cancel(timer: never): void
}

const BROWSER: Environment = {
  open: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket,
  later: (task, milliseconds) => setTimeout(task, milliseconds),
  cancel: (timer) => clearTimeout(timer),
}

/** `…/component/x/index.js` inside a page served below any path → `ws(s)://host/<app root>/pgapi/ws`. */
export function socketUrl(bundle: string): string {
  const url = new URL(bundle)
  const marks = ["/_stcore/", "/component/", "/app/static/", "/assets/", "/src/", "/@fs/"]
  const ends = marks.map((mark) => url.pathname.indexOf(mark)).filter((at) => at >= 0)
  const root = ends.length > 0 ? url.pathname.slice(0, Math.min(...ends)) : url.pathname.replace(/\/[^/]*$/, "")
  return `${url.protocol === "https:" ? "wss:" : "ws:"}//${url.host}${root}/pgapi/ws`
}

export class LiveConnection implements Connection {
  private socket: Socket | null = null
  private attempts = 0
  private timer: unknown = null
  private stopped = false
  private current: ConnectionStatus = { state: "connecting", seconds: null }
  private readonly listeners = new Set<(status: ConnectionStatus) => void>()

  constructor(
    private readonly url: string,
    private token: string,
    private project: string,
    private readonly handlers: Handlers,
    private readonly environment: Environment = BROWSER,
  ) {}

  start(): void {
    this.stopped = false
    this.connect()
  }

  stop(): void {
    this.stopped = true
    this.drop()
    this.tell({ state: "closed", seconds: null })
  }

  /** The page was run again and brought a token: a refused or broken connection tries at once with the new one. */
  renew(token: string, project: string): void {
    const changed = project !== this.project
    const waiting = this.current.state === "refused" || this.current.state === "retrying"
    if (token === this.token && !changed) return
    this.token = token
    this.project = project
    if (!changed && !waiting) return
    this.attempts = 0
    this.drop()
    this.start()
  }

  send(message: ClientMessage): boolean {
    if (this.socket?.readyState !== 1) return false
    this.socket.send(JSON.stringify(message))
    return true
  }

  status(): ConnectionStatus {
    return this.current
  }

  subscribe(listener: (status: ConnectionStatus) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private connect(): void {
    this.tell({ state: "connecting", seconds: null })
    const socket = this.environment.open(this.url, [PROTOCOL, this.token])
    socket.binaryType = "arraybuffer"
    this.socket = socket
    socket.onopen = () => {
      this.attempts = 0
      this.tell({ state: "open", seconds: null })
      // The Explain page talks about runs and opens no project.
      if (this.project) this.send({ type: "open", project: this.project })
      this.handlers.onOpen?.()
    }
    socket.onmessage = ({ data }) => this.hear(data)
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return
      this.socket = null
      if (this.stopped) return
      if (code === REFUSED) this.tell({ state: "refused", seconds: null })
      else this.retry(WAITS[Math.min(this.attempts++, WAITS.length - 1)]!)
    }
  }

  private hear(data: unknown): void {
    try {
      if (typeof data === "string") this.handlers.onMessage(JSON.parse(data) as ServerMessage)
      else this.handlers.onFrame(data as ArrayBuffer)
    } catch (error) {
      // One bad message must not end the conversation; the next frame replaces what this one would have shown.
      console.error(error)
    }
  }

  private retry(seconds: number): void {
    this.tell({ state: "retrying", seconds })
    this.timer = this.environment.later(() => (seconds > 1 ? this.retry(seconds - 1) : this.connect()), 1000)
  }

  private drop(): void {
    if (this.timer !== null) this.environment.cancel(this.timer as never)
    this.timer = null
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private tell(status: ConnectionStatus): void {
    this.current = status
    this.listeners.forEach((listener) => listener(status))
  }
}
