/** How it learns: optimizer, loss, batch size and the rest, from the catalogue. Changing them does not restart. */
import { setExperiment } from "../document/edits"
import { edit, endGesture } from "../editing"
import { freshPart } from "../editor/summary"
import type { CatalogueEntry, CatalogueName, Field, Part } from "../protocol"
import { entryOf, useStore } from "../store"
import { FieldRow } from "./FieldRow"
import { Word } from "./Word"

const BATCH: Field = {
  name: "batch_size",
  title: "Batch size",
  type: "integer",
  minimum: 1,
  maximum: 1024,
  logarithmic: true,
  help: "How many cases the network sees before each update.",
}
const EPOCHS: Field = {
  name: "epochs",
  title: "Epochs",
  type: "integer",
  minimum: 1,
  maximum: 10000,
  logarithmic: true,
  help: "How often it goes through all training cases before it stops.",
}

export function TrainingDrawer() {
  const training = useStore((s) => s.document?.experiment.training)
  const objective = useStore((s) => s.document?.experiment.objective)
  if (!training || !objective) return null
  return (
    <div className="pgl-drawer" data-testid="training-drawer">
      <h3>How it learns</h3>
      <PartChoice catalogue="optimizers" title="Optimizer" path="training.optimizer" part={training.optimizer} />
      <Row field={BATCH} path="training.batch_size" value={training.batch_size} testid="batch-size" />
      <Row field={EPOCHS} path="training.epochs" value={training.epochs} />
      {objective.loss && <PartChoice catalogue="losses" title="Loss" path="objective.loss" part={objective.loss} />}
      <PartChoice
        catalogue="schedules"
        title="Learning rate over time"
        path="training.schedule"
        part={training.schedule}
      />
      <p className="pgl-quiet">
        <Word name="batch">Batch</Word>, <Word name="epoch">epoch</Word> and <Word name="loss">loss</Word> explain
        themselves on hover.
      </p>
    </div>
  )
}

function Row({ field, path, value, testid }: { field: Field; path: string; value: unknown; testid?: string }) {
  return (
    <FieldRow
      field={field}
      value={value}
      {...(testid ? { testid } : {})}
      onChange={(next) => edit(field.title, (document) => setExperiment(document, path, next), { gesture: path })}
      onEnd={endGesture}
    />
  )
}

interface PartChoiceProps {
  catalogue: CatalogueName
  title: string
  path: string
  part: Part
}

/** Which part, and its everyday fields. Shared fields keep their values when the part changes. */
function PartChoice({ catalogue, title, path, part }: PartChoiceProps) {
  const entries = useStore((s) => s.catalogue[catalogue])
  const entry = useStore((s) => entryOf(s.catalogue, catalogue, part.kind))
  const change = (kind: string): void => {
    const next = entries.find((candidate) => candidate.kind === kind)
    if (next) edit(`${title}: ${next.title}`, (document) => setExperiment(document, path, carriedOver(next, part)))
  }
  return (
    <>
      <div className="pgl-field">
        <label htmlFor={`pgl-${path}`}>{title}</label>
        <select id={`pgl-${path}`} value={part.kind} onChange={(event) => change(event.currentTarget.value)}>
          {!entry && <option value={part.kind}>{part.kind}</option>}
          {entries
            .filter((candidate) => !candidate.hidden || candidate.kind === part.kind)
            .map((candidate) => (
              <option key={candidate.kind} value={candidate.kind}>
                {candidate.title}
              </option>
            ))}
        </select>
      </div>
      {entry?.fields
        .filter((field) => !field.advanced)
        .map((field) => (
          <Row
            key={field.name}
            field={field}
            path={`${path}.${field.name}`}
            value={part[field.name] ?? field.default}
          />
        ))}
    </>
  )
}

/** A fresh part of another kind that keeps the values both kinds know. */
export function carriedOver(entry: CatalogueEntry, from: Part): Part {
  const part = freshPart(entry)
  for (const field of entry.fields) {
    if (field.name in from && !field.advanced && field.type !== "part") part[field.name] = from[field.name]
  }
  return part
}
