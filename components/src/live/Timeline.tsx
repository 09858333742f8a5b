/** The strip at the bottom: how far this run is, where it was changed, and the way back to step 0. */
import { labelOf } from "../editing"
import { useStore } from "../store"
import { ticks, stickyEnd } from "./axis-steps"
import { command } from "./commands"
import { Icon } from "./icons"
import { useLive } from "./live"
import { group, short } from "./numbers"
import { Word } from "./Word"

export function Timeline() {
  const step = useLive((numbers) => numbers.step)
  const epoch = useLive((numbers) => numbers.epoch)
  const rate = useLive((numbers) => numbers.stepsPerSecond)
  const marks = useLive((numbers) => numbers.marks)
  const epochs = useStore((s) => s.document?.experiment.training.epochs ?? 0)
  const batch = useStore((s) => s.document?.experiment.training.batch_size ?? 0)
  const running = useStore((s) => s.run?.state === "running")
  const ready = useStore((s) => s.document !== null && !s.readonly)
  // Epochs tell where the run ends; the axis reaches at least that far once a step and an epoch are known together.
  const whole = epoch >= 1 ? (step / epoch) * epochs : 0
  const end = stickyEnd(Math.max(100, step, Math.min(whole, step * 4)), null)
  const at = (value: number): string => `${Math.min(100, (100 * value) / end)}%`
  return (
    <div className="pgl-timeline" data-testid="timeline">
      <button
        type="button"
        className="pgl-button pgl-quiet-button"
        disabled={!ready || step === 0}
        onClick={() => command("rewind")}
        title="Rewind to step 0"
      >
        <Icon name="rewind" size={13} /> 0
      </button>
      <div
        className="pgl-axis"
        role="progressbar"
        aria-label="Steps trained"
        aria-valuemin={0}
        aria-valuemax={end}
        aria-valuenow={step}
        aria-valuetext={`Step ${group(step)}, epoch ${group(Math.floor(epoch))} of ${group(epochs)}`}
      >
        <div className="pgl-done" style={{ width: at(step) }} />
        {ticks(end, 8).map((tick) => (
          <span key={tick} className="pgl-tick-mark" style={{ left: at(tick) }}>
            {group(tick)}
          </span>
        ))}
        {marks.map((mark) => (
          <i
            key={mark.step}
            className="pgl-edit-mark"
            style={{ left: at(mark.step) }}
            title={`${labelOf(mark.revision) ?? "Changed"} at step ${group(mark.step)}`}
          />
        ))}
        <b className="pgl-head" style={{ left: at(step) }} data-running={running || undefined} />
      </div>
      <dl>
        <div>
          <dt>
            <Word name="epoch">Epoch</Word>
          </dt>
          <dd>
            {group(Math.floor(epoch))} <small>of {group(epochs)}</small>
          </dd>
        </div>
        <div>
          <dt>
            <Word name="batch">Batch</Word>
          </dt>
          <dd>
            {group(batch)} <small>{batch === 1 ? "case" : "cases"}</small>
          </dd>
        </div>
        <div>
          <dt>Updates a second</dt>
          <dd>{running && rate ? short(rate) : "–"}</dd>
        </div>
      </dl>
    </div>
  )
}
