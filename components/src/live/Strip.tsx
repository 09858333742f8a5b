/** The strip at the top: what data, which project, Train, and the three numbers that matter. */
import { useCallback, useRef } from "react"
import { send } from "../connection-api"
import { entryOf, useStore } from "../store"
import { command, isUnderWay } from "./commands"
import { ConnectionNote } from "./ConnectionNote"
import { DataDrawer } from "./DataDrawer"
import { Icon } from "./icons"
import { useElementSize } from "./layout"
import { LearningRate } from "./LearningRate"
import { useLive } from "./live"
import { group, loss, percent, short } from "./numbers"
import { Popover } from "./Popover"
import { ProjectMenu } from "./ProjectMenu"
import { RunNote } from "./RunNote"
import { mainLoss, score } from "./sentences"
import { ShareMenu } from "./ShareMenu"
import { SpeedPicker } from "./SpeedPicker"
import { TrainButton } from "./TrainButton"
import { TrainingDrawer } from "./TrainingDrawer"
import { useTrainingKeys } from "./training-keys"
import { Word } from "./Word"

const WIDE = 1200
const PHONE = 768

export function Strip() {
  const bar = useRef<HTMLElement>(null)
  const { width } = useElementSize(bar)
  const readonly = useStore((s) => s.readonly)
  const projector = useStore((s) => s.preferences.projector)
  useTrainingKeys()
  const phone = width > 0 && width < PHONE
  const wide = width >= WIDE
  return (
    <section className="pgl-strip" ref={bar} aria-label="Training" data-wide={wide || undefined}>
      <DataPicker />
      {!phone && <ProjectMenu wide={wide} />}
      {!phone && (
        <div className="pgl-group">
          <TrainButton />
          <Small name="step" label="One update" testid="step" />
          <Small name="epoch" label="One epoch: once through all training cases" testid="epoch" />
          <Small name="rewind" label="Rewind to step 0" testid="rewind" />
          {wide && <SpeedPicker />}
          <StartOver quiet={!wide || projector} />
        </div>
      )}
      {!phone && <LearningRate />}
      <Popover
        label={wide ? "Training" : <Icon name="settings" />}
        name="Training: how it learns"
        testid="training"
        className="pgl-quiet-button"
      >
        {() => (
          <>
            {phone && (
              <div className="pgl-drawer pgl-phone-controls">
                <div className="pgl-group">
                  <Small name="step" label="One update" testid="step" />
                  <Small name="epoch" label="One epoch" testid="epoch" />
                  <Small name="rewind" label="Rewind to step 0" testid="rewind" />
                  <StartOver quiet={false} />
                </div>
              </div>
            )}
            {!wide && (
              <div className="pgl-drawer">
                <SpeedPicker />
              </div>
            )}
            <TrainingDrawer />
          </>
        )}
      </Popover>
      <span className="pgl-gap" />
      <Numerals />
      {readonly && (
        <button
          type="button"
          className="pgl-button pgl-outlined"
          data-testid="make-copy"
          onClick={() => send({ type: "copy" })}
        >
          Make my copy
        </button>
      )}
      <ShareMenu phone={phone} />
      <RunNote />
      <ConnectionNote />
    </section>
  )
}

function DataPicker() {
  const title = useStore((s) => {
    const kind = s.document?.experiment.data.dataset.kind
    return kind ? (entryOf(s.catalogue, "datasets", kind)?.title ?? kind) : "Data"
  })
  return (
    <Popover
      name={`${title}: data and its settings`}
      testid="data"
      className="pgl-data-button"
      label={
        <>
          <span>{title}</span>
          <Icon name="down" size={12} />
        </>
      }
    >
      {(close) => <DataDrawer close={close} />}
    </Popover>
  )
}

function Small({ name, label, testid }: { name: "step" | "epoch" | "rewind"; label: string; testid: string }) {
  const ready = useStore((s) => s.document !== null && !s.readonly)
  return (
    <button
      type="button"
      className="pgl-button pgl-small"
      data-testid={testid}
      aria-label={label}
      title={label}
      disabled={!ready}
      onClick={() => command(name)}
    >
      <Icon name={name} />
    </button>
  )
}

function StartOver({ quiet }: { quiet: boolean }) {
  const ready = useStore((s) => s.document !== null && !s.readonly)
  return (
    <button
      type="button"
      className={`pgl-button ${quiet ? "pgl-small" : "pgl-quiet-button"}`}
      data-testid="start-over"
      title="Back to how this lesson began. Undo brings your version back."
      aria-label="Start over"
      disabled={!ready}
      onClick={() => command("start_over")}
    >
      {quiet ? <Icon name="home" /> : "Start over"}
    </button>
  )
}

/** Step, loss, score: tabular numerals, at most five changes a second. */
function Numerals() {
  const facts = useStore((s) => s.checked?.facts ?? null)
  const step = useLive((numbers) => numbers.step)
  const epoch = useLive((numbers) => numbers.epoch)
  const underWay = useStore((s) => isUnderWay(s.run?.state))
  const values = useLive(useCallback((numbers) => numbers.values, []))
  const found = score(values, facts)
  const r2 = values.test_r2 ?? values.validation_r2 ?? values.r2
  // Pictures are judged at the end of each epoch; until then there is nothing to say.
  const soon = facts?.view === "image" && !found && underWay && epoch < 1
  return (
    <dl className="pgl-numerals">
      <div>
        <dt>
          <Word name="step">Step</Word>
        </dt>
        <dd data-testid="status-step">{group(step)}</dd>
      </div>
      <div>
        <dt>
          <Word name="loss">Loss</Word>
        </dt>
        <dd data-testid="status-loss">{loss(mainLoss(values))}</dd>
      </div>
      <div>
        <dt>{facts?.task === "regression" ? "R²" : "Right"}</dt>
        <dd data-testid="status-score">
          {facts?.task === "regression" ? short(r2) : soon ? <small>after epoch 1</small> : percent(found?.share)}
        </dd>
      </div>
    </dl>
  )
}
