/** The workbench on a server in the page that really trains: live/?view=image&task=classes&hidden=16,16&dark&projector */
import "@fontsource-variable/inter"
import type { Facts } from "../../src/protocol"
import { live } from "../../src/live/live"
import { setPreferences } from "../../src/store"
import workbench from "../../src/workbench/index"
import { MockServer } from "./mock-live"

const query = new URLSearchParams(window.location.search)
document.body.classList.toggle("dark", query.has("dark"))
const hidden = (query.get("hidden") ?? "").split(",").map(Number).filter(Boolean)
const task = (query.get("task") ?? "binary") as Facts["task"]
const server = new MockServer((query.get("view") ?? "plane") as Facts["view"], task, hidden)
server.start()
const parentElement = document.getElementById("bench")!
workbench({ parentElement, data: { token: "mock", project: "mock", view: "build" } })
setPreferences({ projector: query.has("projector") })
Object.assign(window, { bench: { live, server } })
