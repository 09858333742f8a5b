"""When a run is judged, and what that puts on its curve."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import torch

from playground.training.evaluate import Scores, evaluate, is_cheap
from playground.training.feed import PARTS, Part
from playground.training.state import RunState

REST = 0.1
"""CPU seconds between two evaluations of cheap data, at least."""
SHARE = 50
"""… and so many times what the last one cost."""
PLANE_REST = 0.2
"""Seconds between two evaluations on the plane, at least: a slowed run uses hardly any CPU time, and is watched."""
RUNNING_POINT = 1.0
"""CPU seconds between two points of the running training loss, where evaluations are not cheap."""
JUDGED_TRAINING_CASES = 10_000
"""Training cases in the last evaluation, where evaluations are not cheap."""


def is_landmark(step: int) -> bool:
    """1, 2, 5, 10, 20, 50 …: steps at which every run of the same seed shows its loss, however fast the machine."""
    while step >= 10 and step % 10 == 0:
        step //= 10
    return step in (1, 2, 5)


def next_landmark(step: int) -> int:
    """The first landmark after a step."""
    scale = int(10 ** (len(str(step)) - 1))
    return next(times * scale for times in (1, 2, 5, 10) if times * scale > step)


@dataclass
class Evaluation:
    """An evaluation under way, and what it has found."""

    parts: Sequence[Part]
    last: bool
    found: dict[Part, Scores] = field(default_factory=dict)
    cost: float = 0.0
    going: Generator[None, None, Scores] | None = None


class Judge:
    """Decides when parts of the data are evaluated, one batch a call, and collects the points of the curve.

    Plane sets and small tables are cheap: training and validation part several times a second and at landmarks, the
    test part of the plane at ends of epochs. Otherwise: the validation part each epoch, beside the running training
    loss; the test part at the end. Without a validation part the test part takes its place, and is counted.
    """

    def __init__(self, state: RunState, clock: Callable[[], float]) -> None:
        self.state, self.clock = state, clock
        self.point: dict[str, float] | None = None
        self.best = False
        self.scores: dict[Part, Scores] = {}
        self._cost = 0.0
        self.forget()

    def forget(self) -> None:
        """After an edit: what was known is of another network, or of other data."""
        self.going: Evaluation | None = None
        self.cheap = is_cheap(self.state)
        self._judged_step = self._last_step = self._noted_step = -1
        self._judged_at = self._noted_at = self._seen_at = -math.inf
        self._stale = True
        self._epoch: list[torch.Tensor] = []

    def count(self, losses: torch.Tensor, *, first_of_epoch: bool) -> None:
        """Losses of steps, for the running mean of the epoch."""
        if first_of_epoch:
            self._epoch = []
        self._epoch.append(losses)

    @property
    def is_done(self) -> bool:
        """Whether the last evaluation has taken place at this step."""
        return self._last_step == self.state.cursor.step

    def begin_last(self) -> None:
        """Judge all parts, for the result."""
        self.going = Evaluation([part for part in PARTS if self.state.feed.size(part)], last=True)

    def begin_if_due(self, *, paused: bool) -> bool:
        """Begin what is due now, or put a point of the running loss on the curve. Whether there is something to do."""
        parts = self._due(paused=paused)
        if parts:
            self.going = Evaluation(parts, last=False)
        return bool(parts)

    def _due(self, *, paused: bool) -> list[Part]:
        state, step, size = self.state, self.state.cursor.step, self.state.feed.size
        if self._judged_step == step:
            return []
        boundary, plane = state.cursor.position == 0, state.source.facts.view == "plane"
        other: Part = "validation" if size("validation") else "test"
        if not self.cheap:
            if boundary and step > 0 and size(other):
                return [other]
            if is_landmark(step) or self.clock() - self._noted_at > RUNNING_POINT:
                self._note_running()
            return []
        rested, pause = self.clock() - self._judged_at, max(REST, SHARE * self._cost)
        due = self._stale or paused or is_landmark(step) or rested > (pause if boundary else 3 * pause)
        if plane and boundary:
            # Only at ends of epochs: an evaluation in between has no test part, and would put the next one off. Not by
            # what the last one cost: the first pays for imports, and the second must not wait for that.
            due = due or time.monotonic() - self._seen_at > PLANE_REST
        if not due:
            return []
        parts: list[Part] = ["train"]
        if size("validation"):
            parts.append("validation")
        if size("test") and boundary and (plane or other == "test"):
            parts.append("test")
        return parts

    def advance(self) -> None:
        """One batch of the evaluation under way."""
        going = self.going
        assert going is not None
        started = self.clock()
        part = going.parts[len(going.found)]
        if going.going is None:
            few = part == "train" and not self.cheap
            going.going = evaluate(self.state, part, JUDGED_TRAINING_CASES if few else None)
        try:
            next(going.going)
        except StopIteration as end:
            going.found[part], going.going = end.value, None
        going.cost += self.clock() - started
        if len(going.found) == len(going.parts):
            self._record(going)

    def _record(self, done: Evaluation) -> None:
        state, step = self.state, self.state.cursor.step
        self.going, self.scores, self._cost, self._stale = None, done.found, done.cost, False
        self._judged_step, self._judged_at, self._seen_at = step, self.clock(), time.monotonic()
        if done.last:
            self._last_step = step
        numbers = {
            f"{part}_{name}": value for part, found in done.found.items() for name, value in found.numbers.items()
        }
        if "train" not in done.found:
            numbers |= self._running()
        shown = {part: found.judged for part, found in done.found.items() if found.judged is not None}
        order: Sequence[Part] = (
            ("test", "validation", "train") if self._shows_test() else ("validation", "test", "train")
        )
        state.judged = next((shown[part] for part in order if part in shown), state.judged)
        self._note(numbers)
        loss = numbers.get("validation_loss", math.inf)
        if loss < state.best.get("validation_loss", math.inf):
            state.best, self.best = {"validation_loss": loss, "step": step}, True

    def _shows_test(self) -> bool:
        return self.state.source.facts.view == "plane"

    def _running(self) -> dict[str, float]:
        if not self._epoch:
            return {}
        return {"train_loss": float(torch.cat(self._epoch)[:, 0].mean())}

    def _note_running(self) -> None:
        if self._epoch and self._noted_step != self.state.cursor.step:
            self._note(self._running())

    def _note(self, numbers: dict[str, float]) -> None:
        """A point of the curve. What is not a number is left out: JSON has no word for it."""
        state = self.state
        known = {name: value for name, value in numbers.items() if math.isfinite(value)}
        state.values |= known
        self.point = {"step": state.cursor.step, "epoch": state.cursor.epoch, **known}
        self._noted_step, self._noted_at = state.cursor.step, self.clock()
