/** How it learns: optimizer, loss, batch size and the rest, from the catalogue. Changing them does not restart. */
import { setExperiment } from "../document/edits"
import { edit, endGesture } from "../editing"
import { FieldRow } from "../editor/form/FieldRow"
import type { Field } from "../protocol"
import { useStore } from "../store"

/** What belongs to the training itself and so to no catalogue entry. */
const FIELDS: [string, Field][] = [
  ["training.optimizer", { name: "optimizer", title: "Optimizer", type: "part", catalogue: "optimizers" }],
  [
    "training.batch_size",
    {
      name: "batch_size",
      title: "Batch size",
      type: "integer",
      minimum: 1,
      maximum: 1024,
      slider: true,
      logarithmic: true,
      help: "How many cases the network sees before each update.",
    },
  ],
  [
    "training.epochs",
    {
      name: "epochs",
      title: "Epochs",
      type: "integer",
      minimum: 1,
      maximum: 100000,
      help: "How often it goes through all training cases before it stops.",
    },
  ],
  ["objective.loss", { name: "loss", title: "Loss", type: "part", catalogue: "losses" }],
  ["training.schedule", { name: "schedule", title: "Learning rate over time", type: "part", catalogue: "schedules" }],
]

export function TrainingDrawer() {
  const experiment = useStore((s) => s.document?.experiment)
  const readonly = useStore((s) => s.readonly)
  if (!experiment) return null
  return (
    <div className="pgl-drawer pg-form" data-testid="training-drawer">
      {FIELDS.map(([path, field]) => (
        <FieldRow
          key={path}
          field={field}
          value={valueAt(experiment, path)}
          usual={undefined}
          path={path}
          disabled={readonly}
          set={(value, gesture) =>
            edit(field.title, (document) => setExperiment(document, path, value), gesture ? { gesture } : {})
          }
          done={endGesture}
        />
      ))}
    </div>
  )
}

function valueAt(target: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], target)
}
