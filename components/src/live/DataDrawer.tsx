/** What it learns from: which data, and the everyday controls. Changing them keeps the weights. */
import { send } from "../connection-api"
import { setExperiment } from "../document/edits"
import { edit, endGesture } from "../editing"
import type { CatalogueEntry, Field } from "../protocol"
import { entryOf, useStore } from "../store"
import { FieldRow } from "./FieldRow"
import { choose, useViewChoices } from "./view-choices"

const VIEWS: [string, string][] = [
  ["plane", "Points on a plane"],
  ["table", "Tables"],
  ["image", "Pictures"],
]

const SHARE: Field = {
  name: "train",
  title: "Share for training",
  type: "number",
  minimum: 0.1,
  maximum: 0.9,
  step: 0.05,
}

export function DataDrawer({ close }: { close: () => void }) {
  const data = useStore((s) => s.document?.experiment.data)
  const datasets = useStore((s) => s.catalogue.datasets)
  const entry = useStore((s) => (data ? entryOf(s.catalogue, "datasets", data.dataset.kind) : undefined))
  const view = useStore((s) => s.checked?.facts?.view ?? entry?.view)
  const choices = useViewChoices()
  if (!data) return null
  const { dataset, split } = data
  const set = (title: string, path: string, value: unknown): void => {
    edit(title, (document) => setExperiment(document, path, value), { gesture: path })
  }
  const known = new Set(VIEWS.map(([name]) => name))
  return (
    <div className="pgl-drawer" data-testid="data-drawer">
      {VIEWS.map(([name, title]) => (
        <Datasets
          key={name}
          title={title}
          current={dataset.kind}
          entries={datasets.filter(
            (one) => !one.hidden && (one.view === name || (name === "plane" && !known.has(one.view ?? ""))),
          )}
          pick={(kind) => {
            send({ type: "dataset", kind })
            close()
          }}
        />
      ))}
      <h3>{entry?.title ?? "Data"}</h3>
      {entry?.fields
        .filter((field) => !field.advanced && field.name !== "seed")
        .map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            value={dataset[field.name] ?? field.default}
            testid={`data-${field.name}`}
            onChange={(value) => set(field.title, `data.dataset.${field.name}`, value)}
            onEnd={endGesture}
          />
        ))}
      <FieldRow
        field={SHARE}
        value={split.train}
        testid="data-train-share"
        onChange={(value) =>
          edit(
            "Share for training",
            (document) => setExperiment(document, "data.split", shared(split, Number(value))),
            { gesture: "data.split" },
          )
        }
        onEnd={endGesture}
      />
      {typeof dataset.seed === "number" && (
        <button
          type="button"
          className="pgl-button pgl-outlined"
          data-testid="new-data"
          onClick={() =>
            edit("New data", (document) =>
              setExperiment(document, "data.dataset.seed", (Number(dataset.seed) + 1) % 100000),
            )
          }
        >
          New data
        </button>
      )}
      {view === "plane" && (
        <div className="pgl-ticks">
          <label className="pgl-field pgl-tick">
            <input
              type="checkbox"
              data-testid="test-points"
              checked={choices.testPoints}
              onChange={(event) => choose({ testPoints: event.currentTarget.checked })}
            />
            Show test points
          </label>
          <label className="pgl-field pgl-tick">
            <input
              type="checkbox"
              data-testid="discretise"
              checked={choices.discrete}
              onChange={(event) => choose({ discrete: event.currentTarget.checked })}
            />
            Two colours only
          </label>
        </div>
      )}
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
