"""Checkpoint files of the runs in a worker: written beside the training, few kept, the newest whole one found again."""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playground.engine.messages import CheckpointsRemoved, CheckpointWritten, Message, Notice
from playground.runs.names import run_folder
from playground.training import checkpoints

if TYPE_CHECKING:
    from playground.training.checkpoints import Snapshot
    from playground.training.state import RunState

log = logging.getLogger(__name__)

Purpose = Literal["last", "best", "final", "first"]
KEPT: dict[str, int] = {"first": 1, "best": 1, "final": 1, "last": 2}
_NAME = re.compile(r"(\d{6})-(first|last|best|final)-(\d+)\.safetensors")


class Scribe:
    """One thread that writes files, so that a slow disk holds up no training."""

    def __init__(self, say: Callable[[Message], None]) -> None:
        self.say = say
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
        self._thread.start()

    def do(self, job: Callable[[], None]) -> None:
        """Have it done, after what waits already."""
        self._jobs.put(job)

    def finish(self, timeout: float | None = None) -> None:
        """Wait until everything handed over is done."""
        done = threading.Event()
        self._jobs.put(done.set)
        done.wait(timeout)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
                self._failing = False
            except OSError as error:
                log.warning("checkpoint_failed", extra={"error": error.errno})
                if not self._failing:
                    self._failing = True
                    full = error.errno in (28, 122)  # no space, quota exceeded
                    what = "The disk is full" if full else "The folder of the runs cannot be written"
                    self.say(
                        Notice(text=f"{what}. Training goes on, but weights are not kept until that is put right.")
                    )
            except Exception:
                log.exception("checkpoint_failed")


class Files:
    """The checkpoint files of one run. Names count up, so the newest is known even after a rewind."""

    def __init__(self, home: Path, run: str, scribe: Scribe) -> None:
        self.folder = run_folder(home, run)
        self.run = run
        self.cost = 0.0
        """Seconds the last one took to write."""
        self._scribe = scribe
        self._known = self._listed()
        self._next = max((number for number, _, _ in self._known), default=0) + 1

    def _listed(self) -> list[tuple[int, str, int]]:
        """Number, purpose and step of every file, the newest last."""
        try:
            names = [_NAME.fullmatch(file.name) for file in self.folder.iterdir()]
        except OSError:
            return []
        return sorted((int(m[1]), m[2], int(m[3])) for m in names if m)

    def keep(self, taken: Snapshot, purpose: Purpose) -> None:
        """Write a snapshot, and remove what it replaces."""
        number, self._next = self._next, self._next + 1
        self._scribe.do(lambda: self._write(taken, number, purpose))

    def _write(self, taken: Snapshot, number: int, purpose: Purpose) -> None:
        started = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(number, purpose, taken.step)
        sha256 = checkpoints.write(taken, file)
        self.cost = time.monotonic() - started
        self._known.append((number, purpose, taken.step))
        epoch = int(taken.facts["cursor"]["epoch"])
        self._scribe.say(
            CheckpointWritten(
                run=self.run, step=taken.step, epoch=epoch, file=file.name, sha256=sha256, purpose=purpose
            )
        )
        old = [entry for entry in self._known if entry[1] == purpose][: -KEPT[purpose]]
        for entry in old:
            self._file(*entry).unlink(missing_ok=True)
        if old:
            self._known = [entry for entry in self._known if entry not in old]
            self._scribe.say(CheckpointsRemoved(run=self.run, files=[self._file(*entry).name for entry in old]))

    def newest(self) -> Snapshot | None:
        """The newest whole checkpoint to go on from; None: there is none, begin at the beginning."""
        # The best weights were kept because they were good, not because they were the last.
        ordered = sorted(self._listed(), key=lambda entry: (entry[1] != "best", entry[0]), reverse=True)
        for entry in ordered:
            try:
                return checkpoints.read(self._file(*entry))
            except (checkpoints.BrokenCheckpoint, OSError):
                log.warning("checkpoint_broken", extra={"run": self.run, "file": self._file(*entry).name})
        return None

    def at(self, step: int) -> Snapshot | None:
        """A stored snapshot of exactly this step."""
        for entry in reversed(self._listed()):
            if entry[2] == step:
                try:
                    return checkpoints.read(self._file(*entry))
                except (checkpoints.BrokenCheckpoint, OSError):
                    continue
        return None

    def _file(self, number: int, purpose: str, step: int) -> Path:
        return self.folder / f"{number:06d}-{purpose}-{step}.safetensors"


EVERY = 5.0
"""Seconds between two checkpoints of a running run, at least; and so many times what one takes to write:"""
WRITING_SHARE = 50
SOON = 1.0
"""Seconds after which an edit is safe."""


class Saves:
    """When a run's weights are put down."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.best: Snapshot | None = None
        """The best so far, not written yet."""
        self._at = time.monotonic()
        self._step = -1

    def begin(self, step: int) -> None:
        """What is stored already goes to this step; -1: nothing is."""
        self._step = step

    def put(self, state: RunState, purpose: Purpose) -> None:
        """Put it down now, unless nothing has changed since."""
        self._at = time.monotonic()
        if state.cursor.step == self._step and purpose == "last":
            return
        if self.best is not None:
            self._files.keep(self.best, "best")
            self.best = None
        self._step = state.cursor.step
        self._files.keep(checkpoints.snapshot(state), purpose)

    def put_if_due(self, state: RunState, now: float) -> None:
        """Put it down, if the last time is long enough ago."""
        if now - self._at > max(EVERY, WRITING_SHARE * self._files.cost):
            self.put(state, "last")

    def edited(self, *, rewound: bool) -> None:
        """An edit was applied: what is stored is of another run."""
        self._step = -1
        self._at = min(self._at, time.monotonic() - EVERY + SOON)
        if rewound:
            self.best = None
