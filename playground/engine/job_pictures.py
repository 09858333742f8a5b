"""When a run is looked at, and what the picture holds besides what the probes see."""

from __future__ import annotations

import logging
import math
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from playground.engine.messages import Frame, Message, Watch
from playground.training import probes
from playground.training.frames import pack
from playground.training.state import RunState

log = logging.getLogger(__name__)

BUSY, FREE = 4, 2
"""Pictures of all runs that train take at most a quarter of a worker in which somebody waits for a turn, and half of
one in which nobody does."""
OWN = 6
"""No run is looked at for more than a sixth of the time."""
DEAR = 5
"""A picture that costs more than so many times the usual one comes so much more rarely; all others come equally often."""


class Crowd(NamedTuple):
    """The runs of a worker that train and are looked at."""

    together: float = 0.0
    """CPU seconds of one picture of each."""
    dear: float = math.inf
    """From where on a picture is dear."""

    @staticmethod
    def of(costs: Sequence[float]) -> Crowd:
        """From what a picture of each costs."""
        if not costs:
            return Crowd()
        dear = DEAR * statistics.median(costs)
        return Crowd(sum(min(cost, dear) for cost in costs), dear)

    def rest(self, cost: float, *, free: bool) -> float:
        """Seconds from one picture to the next of a run whose picture costs `cost`."""
        return max(OWN * cost, (FREE if free else BUSY) * self.together * max(1.0, cost / self.dear))


class Pictures:
    """Pictures of one run. Drawn by deadline, only when something changed, and never faster than they leave."""

    def __init__(self, run: str, say: Callable[[Message, bytes], None], on_its_way: Callable[[str], bool]) -> None:
        self._run, self._say, self._on_its_way = run, say, on_its_way
        self._watch: Watch | None = None
        self._drawn = -math.inf
        self.cost = 0.0
        """CPU seconds of one picture, usually."""
        self._data: object = None
        self.changed = True
        """Whether there is anything new to see."""
        self.revision: int | None = None

    def watch(self, wish: Watch | None) -> None:
        """Viewers come, look elsewhere, or are all gone."""
        watched = self._watch is not None
        self._watch = wish if wish is not None and wish.frames_per_second > 0 else None
        if not watched:
            self._data = None
        self.changed = True
        self._drawn = -math.inf

    @property
    def watched(self) -> bool:
        """Whether anyone looks."""
        return self._watch is not None

    @property
    def blocked(self) -> bool:
        """Whether there is something new to see, and the last picture has not left yet."""
        return self._watch is not None and self.changed and self._on_its_way(self._run)

    def due(self, rest: float) -> float | None:
        """When the next picture is due, with so long a rest between two; None: none is."""
        if self._watch is None or not self.changed or self._on_its_way(self._run):
            return None
        return self._drawn + max(1 / self._watch.frames_per_second, rest)

    def draw(self, state: RunState, now: float, *, speed: float) -> float:
        """Draw and send one. Returns the CPU time it took."""
        assert self._watch is not None
        began = time.thread_time()
        if self._data is not state.source:
            self._data = state.source
            header, fields = probes.data_frame(state.source)
            payload = pack({**header, "run": self._run}, fields)
            self._say(Frame(run=self._run, step=state.cursor.step, kind="data"), payload)
        started = time.thread_time()
        focus = tuple((str(spot["node"]), int(spot["unit"])) for spot in self._watch.focus)
        watch = probes.Watch(focus, self._watch.sample, tuple(self._watch.inside))
        header, fields = probes.probe(state, watch=watch)
        header |= {"run": self._run, "revision": self.revision, "steps_per_second": round(speed, 1)}
        self._say(Frame(run=self._run, step=state.cursor.step), pack(header, fields))
        self.changed, self._drawn = False, now
        ended = time.thread_time()
        self.cost = 0.8 * self.cost + 0.2 * (ended - started) if self.cost else ended - started
        return ended - began
