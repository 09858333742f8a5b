"""When a run is looked at, and what the picture holds besides what the probes see."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from playground.engine.messages import Frame, Message, Watch
from playground.training import probes
from playground.training.frames import pack
from playground.training.state import RunState

log = logging.getLogger(__name__)

DEAREST = 6
"""While it trains, a run is looked at at most so rarely that looking takes a seventh of its time …"""
TOGETHER = 2
"""… and all runs of a worker together a third of the worker's."""


class Pictures:
    """Pictures of one run. Drawn by deadline, only when something changed, and never faster than they leave."""

    def __init__(self, run: str, say: Callable[[Message, bytes], None], on_its_way: Callable[[str], bool]) -> None:
        self._run, self._say, self._on_its_way = run, say, on_its_way
        self._watch: Watch | None = None
        self._due = 0.0
        self._cost = 0.0
        self._data: object = None
        self.changed = True
        """Whether there is anything new to see."""
        self.revision: int | None = None

    def watch(self, wish: Watch) -> None:
        """Viewers come, go, or look elsewhere."""
        watched = self._watch is not None
        self._watch = wish if wish.frames_per_second > 0 else None
        if not watched:
            self._data = None
        self.changed = True
        self._due = 0.0

    @property
    def watched(self) -> bool:
        """Whether anyone looks."""
        return self._watch is not None

    def sleeps(self, now: float) -> float | None:
        """Seconds until the next picture is due; None: none will be."""
        if self._watch is None or not self.changed:
            return None
        return max(0.0, self._due - now) if not self._on_its_way(self._run) else 0.02

    def is_due(self, now: float) -> bool:
        """Whether it is time for a picture."""
        return self.changed and self._watch is not None and now >= self._due and not self._on_its_way(self._run)

    def draw(self, state: RunState, now: float, *, busy: int, speed: float) -> float:
        """Draw and send one. Returns the CPU time it took."""
        assert self._watch is not None
        started = time.thread_time()
        if self._data is not state.source:
            self._data = state.source
            header, fields = probes.data_frame(state.source)
            payload = pack({**header, "run": self._run}, fields)
            self._say(Frame(run=self._run, step=state.cursor.step, kind="data"), payload)
        focus = tuple((str(spot["node"]), int(spot["unit"])) for spot in self._watch.focus)
        header, fields = probes.probe(state, watch=probes.Watch(focus, self._watch.sample))
        header |= {"run": self._run, "revision": self.revision, "steps_per_second": round(speed, 1)}
        self._say(Frame(run=self._run, step=state.cursor.step), pack(header, fields))
        self.changed = False
        self._cost = time.thread_time() - started
        share = self._cost * max(DEAREST, TOGETHER * busy) if busy else 0.0
        self._due = now + max(1 / self._watch.frames_per_second, share)
        return self._cost
