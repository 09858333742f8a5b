/** What it learns from: which data, and the everyday controls. Changing them keeps the weights. */
import { send } from "../connection-api"
import { setExperiment } from "../document/edits"
import { edit, endGesture } from "../editing"
import { PartForm } from "../editor/form/PartForm"
import { FieldRow } from "../editor/form/FieldRow"
import type { CatalogueEntry, Field } from "../protocol"
import { entryOf, useStore } from "../store"
import { choose, useViewChoices } from "./view-choices"

const VIEWS: [string, string][] = [
  ["plane", "Points on a plane"],
  ["table", "Tables"],
  ["image", "Pictures"],
]

const SHARE: Field = {
  name: "train_share",
  title: "Share for training",
  type: "number",
  minimum: 0.1,
  maximum: 0.9,
  step: 0.05,
  slider: true,
  help: "The rest is kept aside to test the network on points it has never seen.",
}

export function DataDrawer({ close }: { close: () => void }) {
  const data = useStore((s) => s.document?.experiment.data)
  const datasets = useStore((s) => s.catalogue.datasets)
  const entry = useStore((s) => (data ? entryOf(s.catalogue, "datasets", data.dataset.kind) : undefined))
  const view = useStore((s) => s.checked?.facts?.view ?? entry?.view)
  const readonly = useStore((s) => s.readonly)
  if (!data) return null
  const { dataset, split } = data
  const everyday = entry && { ...entry, fields: entry.fields.filter((field) => field.name !== "seed") }
  return (
    <div className="pgl-drawer" data-testid="data-drawer">
      {VIEWS.map(([name, title]) => (
        <Datasets
          key={name}
          title={title}
          current={dataset.kind}
          entries={datasets.filter((one) => !one.hidden && viewOf(one) === name)}
          pick={(kind) => {
            send({ type: "dataset", kind })
            close()
          }}
        />
      ))}
      <h3>{entry?.title ?? "Data"}</h3>
      {everyday && (
        <PartForm
          entry={everyday}
          values={dataset}
          path="data.dataset"
          disabled={readonly}
          done={endGesture}
          change={(values, gesture) => change(entry, values, gesture)}
        />
      )}
      <div className="pg-form">
        <FieldRow
          field={SHARE}
          value={split.train}
          usual={undefined}
          path="data.split"
          disabled={readonly}
          done={endGesture}
          set={(value, gesture) =>
            edit(
              "Share for training",
              (document) => setExperiment(document, "data.split", shared(split, Number(value))),
              gesture ? { gesture } : {},
            )
          }
        />
      </div>
      {typeof dataset.seed === "number" && !readonly && <NewData seed={dataset.seed} />}
      {view === "plane" && <ViewTicks />}
    </div>
  )
}

const viewOf = (entry: CatalogueEntry): string =>
  VIEWS.some(([name]) => name === entry.view) ? (entry.view as string) : "plane"

function change(entry: CatalogueEntry, values: Record<string, unknown>, gesture: string | undefined): void {
  const [name] = Object.keys(values)
  const title = entry.fields.find((field) => field.name === name)?.title ?? "Data"
  edit(
    title,
    (document) =>
      Object.entries(values).reduce(
        (next, [key, value]) => setExperiment(next, `data.dataset.${key}`, value),
        document,
      ),
    gesture ? { gesture } : {},
  )
}

/** The same kind of data drawn anew: the next seed, so that a class can go through the same sequence together. */
function NewData({ seed }: { seed: number }) {
  return (
    <button
      type="button"
      className="pgl-button pgl-outlined"
      data-testid="new-data"
      onClick={() => edit("New data", (document) => setExperiment(document, "data.dataset.seed", (seed + 1) % 100000))}
    >
      New data
    </button>
  )
}

function ViewTicks() {
  const choices = useViewChoices()
  return (
    <div className="pgl-ticks">
      <label className="pgl-tick">
        <input
          type="checkbox"
          data-testid="test-points"
          checked={choices.testPoints}
          onChange={(event) => choose({ testPoints: event.currentTarget.checked })}
        />
        Show test points
      </label>
      <label className="pgl-tick">
        <input
          type="checkbox"
          data-testid="discretise"
          checked={choices.discrete}
          onChange={(event) => choose({ discrete: event.currentTarget.checked })}
        />
        Two colours only
      </label>
    </div>
  )
}

interface DatasetsProps {
  title: string
  current: string
  entries: CatalogueEntry[]
  pick(kind: string): void
}

function Datasets({ title, current, entries, pick }: DatasetsProps) {
  if (entries.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <div className="pgl-choices">
        {entries.map((entry) => (
          <button
            key={entry.kind}
            type="button"
            className="pgl-choice"
            title={entry.help}
            data-testid={`dataset-${entry.kind}`}
            aria-pressed={entry.kind === current}
            onClick={() => pick(entry.kind)}
          >
            {entry.title}
          </button>
        ))}
      </div>
    </section>
  )
}

/** A new share for training; what is left goes to the other parts in the proportions they had. */
export function shared(split: Record<string, unknown>, train: number): Record<string, unknown> {
  const others = ["validation", "test", "sealed"] as const
  const total = others.reduce((sum, name) => sum + (Number(split[name]) || 0), 0)
  const next: Record<string, unknown> = { ...split, train }
  for (const name of others) {
    const share = total > 0 ? (Number(split[name]) || 0) / total : name === "test" ? 1 : 0
    next[name] = Number(((1 - train) * share).toFixed(6))
  }
  return next
}
