"""What a run tells while it goes on: states, curve points, refusals."""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import ValidationError

from playground.core.catalogue import explain
from playground.core.diagnostics import Diagnostic
from playground.engine.job_pace import Meter
from playground.engine.messages import Message, Metrics, OfRun, Refused, RunChanged, State, TestRead
from playground.training.run import Run

EVERY = 0.1
"""Seconds between two bundles of curve points."""
PULSE = 1.0
"""Seconds between two signs of life, by which the history knows the step."""
REMEMBERED = 8.0
"""Seconds for which a sentence stays with a run that goes on."""


class News:
    """The voice of one run."""

    def __init__(self, run: str, owner: str, say: Callable[[Message], None]) -> None:
        self.run, self.owner, self.say = run, owner, say
        self.state: State = "starting"
        self.points: list[dict[str, float]] = []
        self.test_reads = 0
        self.remark: str | None = None
        """A sentence to say with the next states, for a while."""
        self.meter = Meter()
        self._remark_until = time.monotonic() + REMEMBERED
        self._points_at = self._pulse_at = time.monotonic()

    def change(
        self,
        state: State,
        run: Run | None,
        message: str | None = None,
        *,
        problem: Diagnostic | None = None,
        environment: dict[str, str] | None = None,
        device: str = "",
        request: str | None = None,
    ) -> None:
        """The run is in this state now; `request` is that of the command that brought it there."""
        self.tell_points()
        self._pulse_at = time.monotonic()
        if self._pulse_at > self._remark_until:
            self.remark = None
        self.state = state
        now = run.state if run is not None else None
        event = RunChanged(
            run=self.run,
            owner=self.owner,
            state=state,
            step=0,
            epoch=0,
            device=device,
            message=message or self.remark,
            diagnostic=problem.dump() if problem is not None else None,
            environment=environment,
            request=request,
            used=round(self.meter.used, 3),
            waited=round(self.meter.waited(), 4),
        )
        if now is not None:
            known = {
                "step": now.cursor.step,
                "epoch": now.cursor.epoch,
                "seconds": round(now.seconds, 3),
                "parameters": now.parameters,
                "device": now.device.type,
                "stepper": now.stepper.name,
            }
            event = event.model_copy(update=known)
        self.say(event)

    def pulse(self, run: Run | None, now: float, *, playing: bool) -> None:
        """Send what is due."""
        if self.points and now - self._points_at >= EVERY:
            self._points_at = now
            self.tell_points()
        if playing and now - self._pulse_at >= PULSE:
            self.change("running", run)

    def sleeps(self, now: float) -> float:
        """Seconds until something is due."""
        return max(0.0, self._points_at + EVERY - now) if self.points else 5.0

    def tell_points(self) -> None:
        """Send the points that wait."""
        if self.points:
            points, self.points = self.points, []
            self.say(Metrics(run=self.run, points=points))
        if self.test_reads:
            reads, self.test_reads = self.test_reads, 0
            self.say(TestRead(run=self.run, times=reads))

    def forget_curve(self, step: int, epoch: int) -> None:
        """The run was rewound to this step."""
        self.tell_points()
        self.say(Metrics(run=self.run, points=[{"step": step, "epoch": epoch}], reset=True))

    def refuse(self, command: OfRun, message: str) -> None:
        """A command was not carried out."""
        name = str(getattr(command, "type", ""))
        self.say(Refused(about=self.run, command=name, message=message, request=command.request))


def sentence(problem: Exception) -> str:
    """What went wrong, for a person who cannot read a traceback."""
    text = str(problem).partition("\n")[0]
    if isinstance(problem, MemoryError) or "can't allocate" in text or "out of memory" in text.lower():
        return "There is not enough memory for this. Make the network or the batch smaller."
    if isinstance(problem, ValidationError):
        return explain(problem, problem.title)
    if isinstance(problem, ValueError):
        return text or "Something in this experiment does not fit together."
    what = text[:200] or type(problem).__name__
    return f"This ended with an error in the engine: {what} The log has the details."
