"""The only training loop. It works in slices of a few milliseconds and takes edits between them."""

from __future__ import annotations

import time
from collections.abc import Generator

import torch

from playground.core.edits import Rewind
from playground.training import troubles
from playground.training.cadence import Judge, next_landmark
from playground.training.checkpoints import Shelf, Snapshot, resume, snapshot
from playground.training.devices import without_denormals
from playground.training.feed import Course
from playground.training.ledger import AnyEdit, apply
from playground.training.placement import choose_device
from playground.training.run import Doing, Result, Run, Tick
from playground.training.state import begin

MOST_STEPS = 512
"""Steps of one call of a stepper."""
CRUMB = 0.15
"""Share of a slice that is not worth another call: the slice ends that much early, or that much late."""


def fit(run: Run) -> Generator[Tick, AnyEdit | None, Result]:
    """Train. `next` does one slice: a few milliseconds, or one batch of anything where a batch takes longer.

    `send(edit)` applies an edit between two steps and answers with the tick that tells what became of it. The last tick
    says `finished`; an edit may still take the run further, the next `next` ends it with the result. At every tick the
    caller's random states are as before. Raises CannotTrain or NoSuchDevice before the first tick.
    """
    work = Work(run)
    while True:
        with work.state.randomness, without_denormals():
            tick = work.slice()
        edit = yield tick
        if edit is None and tick.doing == "finished":
            return work.result()
        while edit is not None:
            with work.state.randomness, without_denormals():
                tick = work.edit(edit)
            edit = yield tick


class Work:
    """One run's loop: what the next unit of work is, and the record of a slice."""

    def __init__(self, run: Run) -> None:
        self.run, resumed = run, run.snapshot
        experiment = run.experiment if resumed is None else resumed.experiment
        device = choose_device(run.device, experiment, run.prepared)
        self.state = begin(experiment, run.prepared, device=device, dtype=run.dtype, stepper=run.stepper)
        if resumed is not None:
            resume(resumed, self.state)
        run.state = self.state
        self.shelf, self.kept = Shelf(), dict[int, Snapshot]()
        self.slice_began = time.thread_time()
        self.judge = Judge(self.state, self.clock)
        self.forget()

    def clock(self) -> float:
        """CPU seconds of this run so far."""
        return self.state.seconds + time.thread_time() - self.slice_began

    def forget(self) -> None:
        """Drop what an edit may have changed."""
        self.course: Course | None = None
        self.step_seconds = 0.0
        self.pending: list[torch.Tensor] = []

    # ---- one slice --------------------------------------------------------------------------------------------------

    def slice(self) -> Tick:
        """Units of work until the time is used up or something is worth telling."""
        self._open()
        deadline, crumb = self.slice_began + self.run.slice_seconds, CRUMB * self.run.slice_seconds
        while True:
            doing = self._unit(deadline + crumb - time.thread_time())
            if doing not in ("training", "evaluating") or self.judge.point is not None:
                break
            if (
                time.thread_time() >= deadline - crumb
                or self.state.cursor.step in self.run.keep
                or not self._steps_left()
            ):
                break
        self._settle()
        self._keep()
        return self._tick("trouble" if self.state.trouble is not None else doing)

    def edit(self, edit: AnyEdit) -> Tick:
        """Apply an edit."""
        self._open()
        edited = apply(self.state, edit, prepare=self.run.prepare, recall=self._recall)
        if edited.refused is None:
            self.forget()
            self.judge.forget()
            if isinstance(edit, Rewind):
                self.shelf.forget_after(edit.step)
                self.kept = {step: taken for step, taken in self.kept.items() if step <= edit.step}
        return self._tick("edited")._replace(edited=edited, diagnostic=edited.refused or self.state.trouble)

    def result(self) -> Result:
        """What the finished run leaves."""
        state = self.state
        return Result(
            scores={part: found.numbers for part, found in self.judge.scores.items()},
            steps=state.cursor.step,
            epochs=state.cursor.epoch,
            seconds=state.seconds,
            parameters=state.parameters,
            device=state.device.type,
            stepper=state.stepper.name,
            state=state,
        )

    def _open(self) -> None:
        self.slice_began, self.slice_first = time.thread_time(), self.state.cursor.step
        self.loss_sum, self.loss_count, self.epoch_ended = 0.0, 0, False
        self.judge.point, self.judge.best = None, False

    def _tick(self, doing: Doing) -> Tick:
        spent = time.thread_time() - self.slice_began
        state, cursor = self.state, self.state.cursor
        state.seconds += spent
        return Tick(
            doing=doing,
            step=cursor.step,
            epoch=cursor.epoch,
            steps=max(0, cursor.step - self.slice_first),
            seconds=spent,
            state=state,
            loss=self.loss_sum / self.loss_count if self.loss_count else None,
            point=self.judge.point,
            epoch_ended=self.epoch_ended,
            best=self.judge.best,
            diagnostic=state.trouble,
        )

    # ---- units ------------------------------------------------------------------------------------------------------

    def _unit(self, seconds: float) -> Doing:
        """The next small piece of work."""
        step, run, judge = self.state.cursor.step, self.run, self.judge
        if self.state.trouble is not None:
            return "trouble"
        if judge.going is None:
            paused = run.pause_at is not None and step >= run.pause_at
            if self._is_over():
                if judge.is_done:
                    return "finished"
                judge.begin_last()
            elif not judge.begin_if_due(paused=paused):
                if paused:
                    return "waiting"
                self._train(seconds)
                return "training"
            self._settle()  # a loss that is not a number is told before anything is drawn from it
            if self.state.trouble is not None:
                judge.going = None
                return "trouble"
        judge.advance()
        return "evaluating"

    def _is_over(self) -> bool:
        cursor, stop = self.state.cursor, self.run.stop_at
        return cursor.epoch >= self.state.experiment.training.epochs if stop is None else cursor.step >= stop

    def _train(self, seconds: float) -> None:
        """As many steps as the rest of the slice is likely to hold, at most to the next thing that must happen."""
        state, cursor = self.state, self.state.cursor
        size = state.experiment.training.batch_size
        if self.course is None:
            self.course = state.course()
        block = self.course.block(cursor.position, size)
        ready = block.steps
        fitting = max(1, int(seconds / self.step_seconds)) if self.step_seconds else 1
        count = min(ready, fitting, self._steps_left(), self._steps_to_next(cursor.step))
        if count < ready:
            block = block.part(0, count)
        started = time.thread_time()
        losses = state.stepper.run(block, state.factors(count))
        spent = (time.thread_time() - started) / count
        # Quick to believe that steps are slow, slow to believe that they are fast: a slice must not be overrun.
        self.step_seconds = spent if spent > self.step_seconds else 0.8 * self.step_seconds + 0.2 * spent
        self.pending.append(losses)
        self.judge.count(losses, first_of_epoch=cursor.position == 0)
        cursor.step += count
        cursor.position = min(cursor.position + count * size, self.course.size)
        if self.course.left(cursor.position, size) == 0:
            cursor.epoch, cursor.position = cursor.epoch + 1, 0
            self.course, self.epoch_ended = None, True

    def _steps_left(self) -> int:
        """How many more steps this tick may have."""
        most, done = self.run.most_steps, self.state.cursor.step - self.slice_first
        return MOST_STEPS if most is None else max(0, min(MOST_STEPS, max(1, most) - done))

    def _steps_to_next(self, step: int) -> int:
        """How many steps until something else may be due."""
        stops = [self.run.stop_at, self.run.pause_at, *self.run.keep, next_landmark(step)]
        return min(stop - step for stop in stops if stop is not None and stop > step)

    def _settle(self) -> None:
        """Read the losses of the steps since the last time from the device, and see whether they are numbers."""
        if not self.pending:
            return
        losses = torch.cat(self.pending).double().cpu()
        self.pending = []
        self.loss_sum, self.loss_count = self.loss_sum + float(losses[:, 0].sum()), self.loss_count + len(losses)
        if self.run.halt_on_trouble and not bool(torch.isfinite(losses).all()):
            row, column = (~torch.isfinite(losses)).nonzero()[0].tolist()
            step = self.state.cursor.step - len(losses) + row + 1
            self.state.trouble = troubles.not_a_number(step, self.state.turns[column])

    # ---- snapshots to rewind to -------------------------------------------------------------------------------------

    def _keep(self) -> None:
        step = self.state.cursor.step
        if step in self.run.keep and step > self.slice_first:
            self.kept[step] = snapshot(self.state)
        if step > self.slice_first and self.state.trouble is None and self.shelf.is_due(self.clock(), self.state):
            self.shelf.put(snapshot(self.state), self.clock())

    def _recall(self, step: int) -> Snapshot | None:
        return self.kept.get(step) or self.shelf.get(step) or self.run.recall(step)
