// Builds every component that exists: src/<name>/index.tsx → playground/static/components/<name>/index-[hash].js + style-[hash].css.
// Streamlit finds the two files by pattern, so each folder is emptied first.
import { existsSync, rmSync, writeFileSync, readdirSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { build } from "vite"

const here = dirname(fileURLToPath(import.meta.url))
const assets = resolve(here, "../playground/static/components")
const entries = ["workbench", "explain", "runs", "operator"]
const watch = process.argv.includes("--watch") ? {} : null

for (const name of entries) {
  const entry = resolve(here, "src", name, "index.tsx")
  if (!existsSync(entry)) continue
  const outDir = resolve(assets, name)
  if (!watch) rmSync(outDir, { recursive: true, force: true })
  await build({
    configFile: false,
    root: here,
    mode: "production",
    logLevel: "warn",
    plugins: [react()],
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      outDir,
      emptyOutDir: true,
      watch,
      target: "es2022",
      cssCodeSplit: false,
      assetsInlineLimit: 0,
      lib: { entry, formats: ["es"], fileName: () => "index-[hash].js" },
      rolldownOptions: {
        output: {
          entryFileNames: "index-[hash].js",
          assetFileNames: "style-[hash][extname]",
          codeSplitting: false,
          // A library's ES output keeps its white space unless it is asked for here.
          minify: true,
        },
      },
    },
  })
  if (watch) continue
  const files = readdirSync(outDir)
  // Streamlit's patterns must match exactly one file each; a component without styles still needs its stylesheet.
  if (!files.some((file) => file.endsWith(".css"))) writeFileSync(resolve(outDir, "style-none.css"), "\n")
  if (files.filter((file) => file.endsWith(".js")).length !== 1) throw new Error(`${name}: one script expected, found ${files}`)
}
