// @vitest-environment node
import { beforeEach, expect, test } from "vitest"
import { LiveConnection, type Environment, type Socket, socketUrl } from "./connection"

class FakeSocket implements Socket {
  binaryType = ""
  readyState = 0
  sent: unknown[] = []
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.readyState = 3
  }
  accept(): void {
    this.readyState = 1
    this.onopen?.(undefined as never)
  }
  break(code: number): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

let sockets: FakeSocket[]
let timers: (() => void)[]
let heard: unknown[]
let environment: Environment

beforeEach(() => {
  sockets = []
  timers = []
  heard = []
  environment = {
    open: (url, protocols) => {
      const socket = new FakeSocket(url, protocols)
      sockets.push(socket)
      return socket
    },
    later: (task) => timers.push(task),
    cancel: () => (timers = []),
  }
})

const newest = (): FakeSocket => sockets.at(-1)!
const second = (): void => timers.splice(0).forEach((task) => task())

function connected(token = "t1"): LiveConnection {
  const handlers = {
    onMessage: (message: unknown) => heard.push(message),
    onFrame: (buffer: ArrayBuffer) => heard.push(buffer),
  }
  const connection = new LiveConnection("ws://host/pgapi/ws", token, "p1", handlers, environment)
  connection.start()
  newest().accept()
  return connection
}

test("it offers the protocol and the token, then asks for the project", () => {
  connected()
  expect(newest().protocols).toEqual(["pg.v1", "t1"])
  expect(newest().sent).toEqual([{ type: "open", project: "p1" }])
})

test("text is read as messages, binary is handed on as it came", () => {
  connected()
  const frame = new ArrayBuffer(8)
  newest().onmessage?.({ data: '{"type":"saved","seq":1,"revision":2}' })
  newest().onmessage?.({ data: frame })
  expect(heard).toEqual([{ type: "saved", seq: 1, revision: 2 }, frame])
})

test("after a break it waits 1, 2, 4, 8, 8 seconds and counts down", () => {
  const connection = connected()
  const waits: number[] = []
  for (let n = 0; n < 5; n++) {
    newest().break(1006)
    waits.push(connection.status().seconds!)
    while (connection.status().state === "retrying") second()
  }
  expect(waits).toEqual([1, 2, 4, 8, 8])
})

test("once it is back the next break starts with one second again, and the project is asked for anew", () => {
  const connection = connected()
  newest().break(1006)
  second()
  newest().break(1006)
  expect(connection.status().seconds).toBe(2)
  second()
  second()
  newest().accept()
  expect(newest().sent).toEqual([{ type: "open", project: "p1" }])
  newest().break(1012)
  expect(connection.status()).toEqual({ state: "retrying", seconds: 1 })
})

test("a refused token is not tried again until the page brings another", () => {
  const connection = connected()
  newest().break(4401)
  expect(connection.status().state).toBe("refused")
  expect(timers).toEqual([])
  connection.renew("t2", "p1")
  expect(newest().protocols).toEqual(["pg.v1", "t2"])
})

test("a fresh token leaves a working connection alone; another project opens a new one", () => {
  const connection = connected()
  connection.renew("t2", "p1")
  expect(sockets).toHaveLength(1)
  connection.renew("t2", "p2")
  newest().accept()
  expect(newest().sent).toEqual([{ type: "open", project: "p2" }])
})

test("what cannot be sent is given back to the caller", () => {
  const connection = connected()
  expect(connection.send({ type: "copy" })).toBe(true)
  newest().break(1006)
  expect(connection.send({ type: "copy" })).toBe(false)
})

test("a stopped connection stays closed", () => {
  const connection = connected()
  connection.stop()
  newest().break(1000)
  expect(connection.status().state).toBe("closed")
  expect(timers).toEqual([])
})

test("the socket is found below any path the app is served under", () => {
  const bundle = "_stcore/bidi-components/playground.workbench/index-1a2b.js"
  expect(socketUrl(`http://host:8501/${bundle}`)).toBe("ws://host:8501/pgapi/ws")
  expect(socketUrl(`https://school.example/a/b/${bundle}`)).toBe("wss://school.example/a/b/pgapi/ws")
})
