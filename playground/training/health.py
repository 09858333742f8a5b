"""How well nodes are: counted on some training cases, a few milliseconds of them a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from playground.training.frames import Field

SLOW_SHARE = 80
"""What is slow is drawn anew after so many times what it cost."""
QUICK, PICTURES = 0.002, 6
"""What costs less CPU time than this is drawn anew with every so-manyth picture."""


@dataclass
class Tally:
    """The health of one node on some cases."""

    units: int
    cases: int
    nan: bool = False
    silent: torch.Tensor | None = None
    """Which units answered zero in every case, where that is a bad sign."""
    at_bound: torch.Tensor | None = None
    """In which share of the cases each unit was at its bound, where it has one."""

    def with_more(self, more: Tally) -> Tally:
        """The same on more cases."""
        cases, silent, at_bound = self.cases + more.cases, None, None
        if self.silent is not None and more.silent is not None:
            silent = self.silent & more.silent
        if self.at_bound is not None and more.at_bound is not None:
            at_bound = (self.at_bound * self.cases + more.at_bound * more.cases) / cases
        return Tally(self.units, cases, self.nan or more.nan, silent, at_bound)

    def health(self) -> dict[str, Any]:
        """As the frame has it."""
        dead = 0 if self.silent is None else int(self.silent.sum())
        saturated = 0 if self.at_bound is None else int((self.at_bound >= 0.95).sum())
        return {"units": self.units, "dead": dead, "saturated": saturated, "nan": self.nan}


class Seen(NamedTuple):
    """What is known of the training cases: of all that are looked at, or of the first of them."""

    complete: bool
    nodes: dict[str, dict[str, Any]]
    fields: list[Field]


@dataclass
class Glances:
    """What was seen the last time, and looking anew if that is under way: a part of the cases with each picture, so
    that no picture holds up others for long."""

    shown: Seen | None = None
    going: Iterator[Seen] | None = None
    at: float = 0.0
    cost: float = 0.0
    pictures: int = 0
    """How many since."""

    def next(self, now: float, look: Callable[[], Iterator[Seen]]) -> Seen:
        """What to show. `now` is the run's CPU time; looking anew begins as often as its cost allows."""
        self.pictures += 1
        if self.going is None and self._is_due(now):
            self.going, self.cost, self.pictures = look(), 0.0, 0
        if self.going is not None:
            started = time.thread_time()
            found = next(self.going)
            self.cost += time.thread_time() - started
            if found.complete:
                self.going, self.at = None, now
            if found.complete or self.shown is None:  # the first time, a part of the cases must do
                self.shown = found
        assert self.shown is not None
        return self.shown

    def _is_due(self, now: float) -> bool:
        if self.shown is None or now < self.at:
            return True
        # A slowed run hardly uses CPU time, so its pictures are counted.
        return self.pictures >= PICTURES if self.cost < QUICK else now - self.at > SLOW_SHARE * self.cost
