import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { setState } from "../store"
import { askForNewToken } from "./new-token"

const becomes = (state: "open" | "refused" | "connecting") => setState({ connection: { state, seconds: null } })

describe("a refused token", () => {
  let stop: () => void
  const ask = vi.fn()

  beforeEach(() => {
    vi.useFakeTimers()
    ask.mockReset()
    setState({ project: "mine", connection: { state: "open", seconds: null } })
    stop = askForNewToken(ask)
  })

  afterEach(() => {
    stop()
    vi.useRealTimers()
  })

  it("makes the page bring a new one", () => {
    becomes("refused")
    vi.runAllTimers()
    expect(ask).toHaveBeenCalledExactlyOnceWith("mine")
  })

  it("is not asked for when the line is open again by then", () => {
    becomes("refused")
    becomes("open")
    vi.runAllTimers()
    expect(ask).not.toHaveBeenCalled()
  })

  it("is asked for a few times only, and anew after it worked", () => {
    const refuse = () => {
      becomes("connecting")
      becomes("refused")
      vi.runAllTimers()
    }
    for (let attempt = 0; attempt < 20; attempt++) refuse()
    expect(ask).toHaveBeenCalledTimes(6)
    becomes("open")
    refuse()
    expect(ask).toHaveBeenCalledTimes(7)
  })
})
