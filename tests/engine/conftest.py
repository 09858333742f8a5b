"""One engine for most of these tests, and an ear that waits for what it is told."""

import os
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from playground.core.experiment import Experiment
from playground.engine.local import LocalEngine, connect
from playground.engine.messages import Flush, LedgerGrew, Message, Metrics, Play, RunChanged, StartRun
from playground.runs.names import new_run_id
from playground.runs.store import Store
from playground.templates import templates

PATIENCE = 60.0
"""Seconds after which something counts as never happening; the machine may be busy."""
E = TypeVar("E", bound=Message)


class Ear:
    """Everything an engine says, in order."""

    def __init__(self, engine: LocalEngine) -> None:
        self.heard: list[tuple[Message, bytes]] = []
        self._queue: queue.SimpleQueue[tuple[Message, bytes]] = queue.SimpleQueue()
        self.stop = engine.subscribe(lambda event, payload: self._queue.put((event, payload)))

    def wait(self, kind: type[E], fits: Callable[[E], bool] = lambda event: True, *, patience: float = PATIENCE) -> E:
        """The next event of this kind that fits. What came before it is in `heard`."""
        until = time.monotonic() + patience
        while True:
            try:
                event, payload = self._queue.get(timeout=max(0.01, until - time.monotonic()))
            except queue.Empty:
                told = [str(event)[:200] for event, _ in self.heard if event.type != "frame"][-12:]  # type: ignore[attr-defined]
                raise AssertionError("It never happened. Instead:\n" + "\n".join(told)) from None
            self.heard.append((event, payload))
            if isinstance(event, kind) and fits(event):
                return event

    def state(self, run: str, *states: str) -> RunChanged:
        """Wait until the run is in one of these states."""
        return self.wait(RunChanged, lambda event: event.run == run and event.state in states)

    def all(self, kind: type[E]) -> list[E]:
        """Every event of a kind heard so far."""
        return [event for event, _ in self.heard if isinstance(event, kind)]


class Home:
    """An engine, its ear, its history, and the everyday commands."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self.folder = folder
        self.engine = connect(folder, shared=shared)
        self.store = Store(folder)

    def ear(self) -> Ear:
        return Ear(self.engine)

    def begin(self, experiment: Experiment, ear: Ear, *, owner: str = "ann", **fields: Any) -> str:
        """Start a run and wait until it stands ready."""
        run = new_run_id()
        self.engine.send(StartRun(run=run, owner=owner, experiment=experiment.model_dump(mode="json"), **fields))
        ear.state(run, "paused", "failed")
        return run

    def train(self, run: str, ear: Ear, steps: int) -> RunChanged:
        """So many steps, to the pause after them."""
        self.engine.send(Play(run=run, steps=steps))
        ear.state(run, "running")
        return ear.state(run, "paused", "finished", "failed")

    def flush(self) -> None:
        """Wait until the history knows everything."""
        self.engine.request(Flush())

    def close(self) -> None:
        self.store.close()
        self.engine.close()
        self.engine.wait_for_end(PATIENCE)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The engine that tests share: starting one takes seconds."""
    home = Home(tmp_path_factory.mktemp("engine"))
    yield home
    home.close()


@pytest.fixture
def ear(shared: Home) -> Iterator[Ear]:
    listening = shared.ear()
    yield listening
    listening.stop()


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Callable[[], Home]]:
    """Makes homes with engines of their own, and sees that nothing of them is left."""
    homes: list[Home] = []

    def make() -> Home:
        homes.append(Home(tmp_path / "home"))
        return homes[-1]

    yield make
    for home in homes:
        home.close()
    assert processes(tmp_path) == []


@pytest.fixture
def circle() -> Experiment:
    return templates["circle"]().experiment()


def processes(home: Path) -> list[int]:
    """Ids of living processes of the engine of this home: they know it from their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            known = f"PLAYGROUND_HOME={home}".encode() in (entry / "environ").read_bytes()
            ours = b"playground.engine" in (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if alive and known and ours:
            found.append(int(entry.name))
    return found


def curve(ear: Ear, run: str) -> list[dict[str, float]]:
    """The points of a run heard so far."""
    return [point for event in ear.all(Metrics) if event.run == run for point in event.points]


def ledger(ear: Ear, run: str) -> list[LedgerGrew]:
    """The edits of a run heard so far."""
    return [event for event in ear.all(LedgerGrew) if event.run == run]
