/** The workbench as Streamlit would mount it, in an open shadow root, talking to a server that lives in the page. */
import "@fontsource-variable/inter"
import "@fontsource/jetbrains-mono"
import { MockSocket } from "./mock-server"

const themes = {
  light: {
    "--st-background-color": "#ffffff",
    "--st-secondary-background-color": "#f4f4f1",
    "--st-border-color": "#e3e4e0",
    "--st-text-color": "#1b1f24",
    "--st-primary-color": "#1b1f24",
    "--st-chart-diverging-colors": "#803702,#B65400,#E07F2D,#EEBC8D,#F2E4D1,#D7E9F7,#9FCDF5,#57A0E8,#2474CF,#1B4D95",
  },
  dark: {
    "--st-background-color": "#14171b",
    "--st-secondary-background-color": "#1d2126",
    "--st-border-color": "#2c3138",
    "--st-text-color": "#e8eaed",
    "--st-primary-color": "#6b7683",
    "--st-chart-diverging-colors": "#FCC687,#F2943C,#C2681F,#794220,#442D20,#22334C,#25528E,#3685DA,#66B4FC,#A7D7FE",
  },
}

const wanted = new URLSearchParams(location.search)
Object.assign(window, { WebSocket: MockSocket })

const page = document.querySelector<HTMLElement>("#page")!
const shadow = page.attachShadow({ mode: "open" })
const parent = document.createElement("div")
shadow.append(parent)

// Vite puts styles into the document's head; the component's belong into the shadow root, as Streamlit does it.
const adopt = () => {
  for (const style of document.head.querySelectorAll("style[data-vite-dev-id], link[rel=stylesheet]")) {
    if (!shadow.contains(style)) shadow.append(style.cloneNode(true))
  }
}

const { default: workbench } = await import("../src/workbench/index")
adopt()

const show = (name: "light" | "dark") => {
  for (const [property, value] of Object.entries(themes[name])) page.style.setProperty(property, value)
  page.style.setProperty("--st-font", '"Inter Variable"')
  page.style.setProperty("--st-code-font", '"JetBrains Mono"')
  document.body.style.background = themes[name]["--st-background-color"]
  workbench({
    parentElement: parent,
    data: { token: "dev", project: wanted.get("project") ?? "circle", view: "bench" },
    setTriggerValue: (key, value) => console.log("trigger", key, value),
  })
}
show(wanted.get("theme") === "dark" ? "dark" : "light")
Object.assign(window, { showTheme: show })
