"""How far and how fast a run is to go, and what it was given for that."""

from __future__ import annotations

import math
import time

from playground.engine.messages import Play
from playground.training.state import RunState


def goal(play: Play, state: RunState) -> int | None:
    """The step to pause at; None: at none."""
    step = state.cursor.step
    if play.steps is not None:
        return step + max(1, play.steps)
    if play.epochs is not None:
        done = math.ceil(state.cursor.position / state.experiment.training.batch_size)
        return step + max(1, play.epochs) * state.steps_per_epoch - done
    return play.until


SEEN = 30.0
"""Pictures a second: steps that no picture could show one by one are made together, which costs less."""


class Pace:
    """The chosen speed, and the real one."""

    def __init__(self) -> None:
        self.limit: float | None = None
        """Updates a second."""
        self.speed = 0.0
        """Updates a second, measured."""
        self._credit = 0.0
        self._at = 0.0
        self._counted, self._since = 0, 0.0

    def begin(self, now: float) -> None:
        """Play was pressed: the first step comes at once."""
        self._credit, self._at = self._together, now
        self._counted, self._since = 0, now

    def set_limit(self, limit: float | None, now: float) -> None:
        """Another speed."""
        self.limit = None if limit is None else max(0.05, limit)
        self._credit, self._at = min(self._credit, 1.0), now

    @property
    def _together(self) -> float:
        """Steps that are made at once."""
        return 1.0 if self.limit is None else max(1.0, self.limit / SEEN)

    def may_step(self, now: float) -> bool:
        """Whether the speed allows another step now."""
        if self.limit is None:
            return True
        # What a busy moment left undone is made up for, a fifth of a second of it at most.
        self._credit = min(self._credit + (now - self._at) * self.limit, max(1.0, self.limit * 0.2))
        self._at = now
        return self._credit >= self._together

    @property
    def allowed(self) -> int | None:
        """How many steps may be made at once, by the last `may_step`; None: as many as one likes."""
        return None if self.limit is None else max(1, int(self._credit))

    def sleeps(self) -> float:
        """Seconds until the next step is allowed."""
        return 0.0 if self.limit is None else max(0.0, (self._together - self._credit) / self.limit)

    def count(self, steps: int, now: float) -> None:
        """Steps were made."""
        self._credit -= steps
        self._counted += steps
        if now - self._since >= 0.5:
            self.speed = self._counted / (now - self._since)
            self._counted, self._since = 0, now


class Meter:
    """What a run got of its worker, on the worker's CPU clock."""

    def __init__(self) -> None:
        self.used = 0.0
        """CPU seconds of its turns and pictures."""
        self._longest = 0.0
        self._since: float | None = None
        """Since when it waits for a turn."""

    def wants(self) -> None:
        """It has something to do from now on."""
        if self._since is None:
            self._since = time.thread_time()

    def turn(self, began: float, *, more: bool) -> float:
        """It had a turn, from then until now; `more`: it wants another. Returns the seconds."""
        now = time.thread_time()
        if self._since is not None:
            self._longest = max(self._longest, began - self._since)
        self._since = now if more else None
        self.used += now - began
        return now - began

    def waited(self) -> float:
        """The longest that others had between two of its turns, since the last time somebody asked."""
        longest, self._longest = self._longest, 0.0
        return longest
