"""Checkpoint files of the runs in a worker: written beside the training, few kept, the newest whole one found again."""

from __future__ import annotations

import contextlib
import errno
import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from playground.engine.messages import CheckpointsRemoved, CheckpointWritten, Message, Notice
from playground.runs.names import run_folder
from playground.training import checkpoints
from playground.training.checkpoints import OtherFormat

if TYPE_CHECKING:
    from playground.training.checkpoints import Snapshot
    from playground.training.state import RunState

log = logging.getLogger(__name__)

Purpose = Literal["last", "best", "final", "first"]
KEPT: dict[str, int] = {"first": 1, "best": 1, "final": 1, "last": 2}
_NAME = re.compile(r"(\d{6})-(first|last|best|final)-(\d+)\.safetensors")


AGAIN = 5.0
"""Seconds after which what the disk did not take is tried again."""


class Scribe:
    """One thread that writes files, so that a slow disk holds up no training. What the disk does not take it is offered
    again until it does."""

    def __init__(self, say: Callable[[Message], None], *, again: float = AGAIN) -> None:
        self.say = say
        self._again = again
        self._jobs: queue.SimpleQueue[tuple[tuple[str, str] | None, Callable[[], None]]] = queue.SimpleQueue()
        self._owed: dict[tuple[str, str], Callable[[], None]] = {}
        """Of each run and purpose the newest write that failed."""
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
        self._thread.start()

    def do(self, job: Callable[[], None]) -> None:
        """Have it done, after what waits already."""
        self._jobs.put((None, job))

    def keep(self, run: str, purpose: str, job: Callable[[], None]) -> None:
        """Have a file written. If that fails it is tried again, until a newer one of the kind takes its place."""
        self._jobs.put(((run, purpose), job))

    def forget(self, run: str) -> None:
        """What is still owed to this run is not wanted any more."""
        self.do(lambda: self._owed.update({key: _nothing for key in self._owed if key[0] == run}))

    def finish(self, timeout: float | None = None) -> None:
        """Wait until everything handed over is done, or was tried once more."""
        done = threading.Event()
        self.do(self._pay)
        self.do(done.set)
        done.wait(timeout)

    def _work(self) -> None:
        while True:
            try:
                key, job = self._jobs.get(timeout=self._again if self._owed else None)
            except queue.Empty:
                self._pay()
                continue
            if self._try(key, job) and key is not None:
                self._pay()

    def _pay(self) -> None:
        """Write what is owed, as far as the disk takes it now."""
        for key, job in list(self._owed.items()):
            if not self._try(key, job):
                return
        if self._failing:
            self._failing = False
            self.say(Notice(level="note", text="Weights are kept again."))

    def _try(self, key: tuple[str, str] | None, job: Callable[[], None]) -> bool:
        try:
            job()
        except OSError as error:
            log.warning("checkpoint_failed", extra={"error": error.errno})
            if key is not None:
                self._owed[key] = job
            if not self._failing:
                self._failing = True
                full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
                what = "The disk is full" if full else "The folder of the runs cannot be written"
                self.say(Notice(text=f"{what}. Training goes on, but weights are not kept until that is put right."))
            return False
        except Exception:
            log.exception("checkpoint_failed")
        if key is not None:
            self._owed.pop(key, None)
        return True


def _nothing() -> None:
    """What is left to write for a run that is gone."""


class Files:
    """The checkpoint files of one run. Names count up, so the newest is known even after a rewind."""

    def __init__(self, home: Path, run: str, scribe: Scribe) -> None:
        self.folder = run_folder(home, run)
        self.run = run
        self.cost = 0.0
        """Seconds the last one took to write."""
        self._scribe = scribe
        self.broken: list[str] = []
        """Files that could not be read and were put aside."""
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
        self._scribe.keep(self.run, purpose, lambda: self._write(taken, number, purpose))

    def _write(self, taken: Snapshot, number: int, purpose: Purpose) -> None:
        started = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(number, purpose, taken.step)
        sha256 = checkpoints.write(taken, file)
        self.cost = time.monotonic() - started
        self._known.append((number, purpose, taken.step))
        self._announce(taken, file, purpose, sha256)
        old = [entry for entry in self._known if entry[1] == purpose][: -KEPT[purpose]]
        for entry in old:
            self._file(*entry).unlink(missing_ok=True)
        if old:
            self._known = [entry for entry in self._known if entry not in old]
            self._scribe.say(CheckpointsRemoved(run=self.run, files=[self._file(*entry).name for entry in old]))

    def newest(self) -> Snapshot | None:
        """The newest whole checkpoint to go on from; None: there is none, begin at the beginning. One that is broken is
        put aside, under a name that nothing here removes."""
        # The best weights were kept because they were good, not because they were the last.
        ordered = sorted(self._listed(), key=lambda entry: (entry[1] != "best", entry[0]), reverse=True)
        for entry in ordered:
            file = self._file(*entry)
            try:
                taken = checkpoints.read(file)
            except (checkpoints.BrokenCheckpoint, OSError) as problem:
                log.warning("checkpoint_broken", extra={"run": self.run, "file": file.name})
                if isinstance(problem, checkpoints.BrokenCheckpoint) and not isinstance(problem, OtherFormat):
                    self._put_aside(file)
                self._known = [other for other in self._known if other != entry]
                continue
            # Whoever wrote it may have died before the history heard of it.
            self._announce(taken, file, cast(Purpose, entry[1]), checkpoints.digest(file))
            return taken
        return None

    def _put_aside(self, file: Path) -> None:
        self.broken.append(file.name)
        with contextlib.suppress(OSError):
            file.rename(file.with_name(f"broken-{file.name}"))
        self._scribe.say(CheckpointsRemoved(run=self.run, files=[file.name]))

    def _announce(self, taken: Snapshot, file: Path, purpose: Purpose, sha256: str) -> None:
        epoch = int(taken.facts["cursor"]["epoch"])
        written = CheckpointWritten(
            run=self.run, step=taken.step, epoch=epoch, file=file.name, sha256=sha256, purpose=purpose
        )
        self._scribe.say(written.model_copy(update={"bytes": file.stat().st_size}))

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


def put_aside(broken: list[str], taken: Snapshot | None) -> str:
    """One sentence about checkpoints that could not be read, and from where the run goes on instead."""
    which = "The newest weights" if taken is not None else "The stored weights"
    place = f"It goes on from step {taken.step:,}." if taken is not None else "It begins at the beginning."
    return f"{which} could not be read; they are kept aside as broken-{broken[0]}. {place}"


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
