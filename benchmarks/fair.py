"""Whether many runs at once share the machine fairly: frames as a viewer receives them, CPU time, waits, memory.

A real host with its workers, and this process as the one client that watches every run. CPU time is what the workers
charged; waits are counted on their CPU clock, so that other programs on the machine do not count as unfair.
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playground.core.diagnostics import DataMissing
from playground.core.experiment import Experiment, Split
from playground.engine.local import connect
from playground.engine.messages import Frame, Message, Play, RunChanged, SetSpeed, StartRun, Watch
from playground.layers.dense import Dense
from playground.layers.ends import Input, Output
from playground.layers.shaping import Flatten
from playground.runs.names import new_run_id
from playground.studio.running import WATCHABLE
from playground.templates import templates
from playground.templates.sketch import chain

SECONDS, WARMING = 30.0, 3.0
"""How long one case is measured, and how long it runs before."""
PATIENCE = 90.0
VIEWER = 30.0
"""Frames a second that a viewer asks for."""
LONGEST_WAIT = 0.100
GIGABYTE = 2**30
CORES = 2
"""Of the machine that the goals are set for: as many workers."""


class Case(NamedTuple):
    """Runs that train side by side, and what must hold."""

    name: str
    experiments: Sequence[Experiment]
    paced: bool
    """Whether plane networks go at the pace that the screen gives them, or as fast as they can."""
    frames: float
    """Frames a second that each run must get to its viewer."""
    workers: int = CORES
    jain: bool = True
    """Whether CPU time must be even: among runs that take all they get."""
    wait: float | None = None
    """Seconds that a plane network may be held up, where one batch of something large could hold it."""


class Traffic:
    """What came of each run, and when."""

    def __init__(self) -> None:
        self.frames: dict[str, list[float]] = defaultdict(list)
        self.used: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.waited: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.states: dict[str, str] = {}
        self.changed = threading.Condition()

    def hear(self, event: Message, payload: bytes) -> None:
        """One event of the engine."""
        now = time.monotonic()
        match event:
            case Frame(kind="frame"):
                self.frames[event.run].append(now)
            case RunChanged():
                if event.used:
                    self.used[event.run].append((now, event.used))
                    self.waited[event.run].append((now, event.waited))
                with self.changed:
                    self.states[event.run] = event.state
                    self.changed.notify_all()

    def wait(self, runs: Sequence[str], *states: str) -> None:
        """Until every one of these runs is in one of these states."""
        with self.changed:
            done = self.changed.wait_for(lambda: all(self.states.get(run) in states for run in runs), PATIENCE)
        if not done:
            found = statistics.multimode(self.states.get(run, "silent") for run in runs)
            raise RuntimeError(f"After {PATIENCE:g} s not every run is {' or '.join(states)}; most are {found[0]}.")


class Room:
    """An engine of its own with these runs in it, ready to train."""

    def __init__(self, experiments: Sequence[Experiment], *, workers: int = CORES) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="playground-fair-"))
        self._before = {name: os.environ.get(name) for name in ("PLAYGROUND_WORKERS", "PLAYGROUND_HOME")}
        os.environ |= {"PLAYGROUND_WORKERS": str(workers), "PLAYGROUND_HOME": str(self.folder)}
        self.engine = connect(self.folder)
        self.traffic = Traffic()
        self.engine.subscribe(self.traffic.hear)
        self.runs = [new_run_id() for _ in experiments]
        for run, experiment in zip(self.runs, experiments, strict=True):
            document = experiment.model_dump(mode="json")
            self.engine.send(StartRun(run=run, owner=f"owner-{run}", experiment=document, device="cpu"))
        self.traffic.wait(self.runs, "paused")

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *problem: object) -> None:
        self.engine.close()
        self.engine.wait_for_end(60)
        for name, value in self._before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        shutil.rmtree(self.folder, ignore_errors=True)

    def all(self, command: Callable[[str], Message], runs: Sequence[str] | None = None) -> None:
        """Say this to every run, or to these."""
        for run in self.runs if runs is None else runs:
            self.engine.send(command(run))

    def workers(self) -> list[int]:
        """Process ids of the workers: they are forked, so all that tells them is their note."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    notes = [str(handle.readlink()) for handle in (entry / "fd").iterdir()]
                except OSError:
                    continue
                if any(note.startswith(str(self.folder)) and note.endswith(".now") for note in notes):
                    found.append(int(entry.name))
        return found

    def memory(self) -> int:
        """Bytes of all workers, a page that several share counted in parts."""
        total = 0
        for pid in self.workers():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total


# ---- experiments ----------------------------------------------------------------------------------------------------


def plane(seed: int) -> Experiment:
    """A network on points of the plane that does not end while it is measured."""
    made = templates["circle"]().experiment()
    return made.with_(seed=seed, training=made.training.with_(epochs=100_000))


def clothes(seed: int) -> Experiment:
    """The convolutional network on Fashion-MNIST."""
    made = templates["fashion-mnist-cnn"]().experiment()
    return made.with_(seed=seed, training=made.training.with_(epochs=1_000))


def often_judged(seed: int) -> Experiment:
    """The same, with 10,000 pictures to validate by after every 52 batches."""
    made = clothes(seed)
    split = Split(train=0.05, validation=0.15, test=0.1, sealed=0.0)
    return made.with_(data=made.data.with_(split=split))


def quick_clothes(seed: int) -> Experiment:
    """One dense layer on Fashion-MNIST: reads all data in no time."""
    made = clothes(seed)
    network = chain({"input": Input(), "flatten": Flatten(), "last": Dense(units=10), "output": Output()})
    return made.with_(networks={"model": network}, training=made.training.with_(batch_size=512, epochs=1))


def cases() -> Iterator[Case]:
    """Every case about turns. Fashion-MNIST's files must be there for those with pictures."""
    thirty = [plane(seed) for seed in range(30)]
    mixed = [clothes(seed) if seed % 5 == 4 else plane(seed) for seed in range(30)]
    yield Case("30 plane, default pace", thirty, paced=True, frames=5.0)
    yield Case("30 plane, full speed", thirty, paced=False, frames=5.0)
    yield Case("24 plane + 6 clothes, default pace", mixed, paced=True, frames=3.0)
    yield Case("24 plane + 6 clothes, full speed", mixed, paced=False, frames=3.0)
    # All pictures in one worker, which is worse than what can happen by chance.
    validating = [plane(0), often_judged(1)]
    beside = "validation of 10,000 pictures beside one plane"
    yield Case(beside, validating, paced=False, frames=5.0, workers=1, wait=LONGEST_WAIT)


# ---- what is measured -----------------------------------------------------------------------------------------------


def measure(*, only: str = "", seconds: float = SECONDS) -> Iterator[dict[str, Any]]:
    """Frames, fairness and waits of every case, then the memory that data take."""
    for case in cases():
        if only in case.name:
            yield from _measured(lambda case=case: shared(case, seconds), case.name)  # type: ignore[misc]
    if only in (name := "data of 30 Fashion-MNIST runs"):
        yield from _measured(lambda: data_of_thirty(name), name)


def _measured(work: Callable[[], dict[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    try:
        yield work()
    except DataMissing as problem:
        yield {"case": name, "says": f"not measured: {problem}"}


def shared(case: Case, seconds: float) -> dict[str, Any]:
    """One case: everything trains, everything is watched."""
    for experiment in case.experiments:
        originals = getattr(experiment.data.dataset, "originals", tuple)
        originals()  # raises DataMissing
    with Room(case.experiments, workers=case.workers) as room:
        kinds = dict(zip(room.runs, (e.data.dataset.kind for e in case.experiments), strict=True))
        planes = [run for run, kind in kinds.items() if kind == "circle"]
        room.all(lambda run: Watch(run=run, frames_per_second=VIEWER))
        if case.paced:
            room.all(lambda run: SetSpeed(run=run, steps_per_second=WATCHABLE), planes)
        room.all(lambda run: Play(run=run))
        room.traffic.wait(room.runs, "running")
        began = time.monotonic() + WARMING
        _let_pass(began)
        before = others(room)
        _let_pass(began + seconds)
        elsewhere = (others(room) - before) / (seconds * (os.cpu_count() or 1))
        _let_pass(began + seconds + 1.5)  # one pulse more, to know what was used until the end
        found = report(case, room, kinds, began, began + seconds)
        # Frames and their goals are those of a machine that does nothing else.
        return {"case": case.name, **found, "machine_used_by_others": elsewhere}


def others(room: Room) -> float:
    """CPU seconds that programs besides ours have used since the machine started."""
    tick = os.sysconf("SC_CLK_TCK")
    user, nice, system, *_ = map(int, Path("/proc/stat").read_text().split()[1:9])
    ours = 0
    for entry in Path("/proc").iterdir():
        try:
            known = f"PLAYGROUND_HOME={room.folder}".encode() in (entry / "environ").read_bytes()
            times = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if known or entry.name == str(os.getpid()):
            ours += int(times[11]) + int(times[12])
    return (user + nice + system - ours) / tick


def report(case: Case, room: Room, kinds: dict[str, str], began: float, ended: float) -> dict[str, Any]:
    """The numbers of one case."""
    seconds, traffic = ended - began, room.traffic
    rates, longest = [], []
    for run in room.runs:
        times = [at for at in traffic.frames[run] if began <= at <= ended]
        rates.append(len(times) / seconds)
        longest.append(max((b - a for a, b in itertools.pairwise([began, *times, ended])), default=seconds))
    used = {run: between(traffic.used[run], ended) - between(traffic.used[run], began) for run in room.runs}
    planes = [run for run, kind in kinds.items() if kind == "circle"]
    waits = [wait for run in planes for at, wait in traffic.waited[run] if began <= at <= ended]
    # Who goes at a pace takes what it needs; even shares are owed to those that take all they get.
    alike = [run for run in room.runs if not (case.paced and run in planes)] or planes
    fairness = jain([used[run] for run in alike])
    found = {
        "frames_per_second_min": min(rates),
        "frames_per_second_median": statistics.median(rates),
        "goal": case.frames,
        "longest_between_frames_s": max(longest),
        "jain": fairness,
        "jain_goal": 0.95,
        "wait_ms": 1000 * max(waits, default=0.0),
        **({} if case.wait is None else {"wait_goal_ms": 1000 * case.wait}),
        "cpu_s_plane": statistics.median(used[run] for run in planes),
        "cpu_s_total": sum(used.values()),
    }
    if len(planes) < len(room.runs):
        found["cpu_s_clothes"] = statistics.median(used[run] for run in room.runs if run not in planes)
    in_time = case.wait is None or max(waits, default=0.0) <= case.wait
    found["holds"] = min(rates) >= case.frames and fairness >= 0.95 and in_time
    return found


def data_of_thirty(name: str) -> dict[str, Any]:
    """Memory of the workers with 30 runs on Fashion-MNIST that have read all they read, and with 30 on the circle."""
    quick_clothes(0).data.dataset.originals()  # type: ignore[attr-defined]
    small = peak_memory([plane(seed) for seed in range(30)], Play(run="", steps=2_000))
    large = peak_memory([quick_clothes(seed) for seed in range(30)], Play(run=""))
    added = large - small
    return {
        "case": name,
        "added_gb": added / GIGABYTE,
        "goal": 1.0,
        "circle_gb": small / GIGABYTE,
        "holds": added <= GIGABYTE,
    }


def peak_memory(experiments: Sequence[Experiment], play: Play) -> int:
    """The most bytes that the workers held while these runs were watched, trained and judged."""
    with Room(experiments) as room:
        room.all(lambda run: Watch(run=run, frames_per_second=2))
        room.all(lambda run: play.model_copy(update={"run": run}))
        room.traffic.wait(room.runs, "running", "paused", "finished")
        most, pause = room.memory(), threading.Event()
        until = time.monotonic() + PATIENCE
        while any(room.traffic.states[run] == "running" for run in room.runs) and time.monotonic() < until:
            pause.wait(0.5)
            most = max(most, room.memory())
        room.traffic.wait(room.runs, "paused", "finished")
        return max(most, room.memory())


def between(points: Sequence[tuple[float, float]], at: float) -> float:
    """The value at a time, between what was told before and after it."""
    earlier = [point for point in points if point[0] <= at] or [(at, 0.0)]
    later = [point for point in points if point[0] > at] or [earlier[-1]]
    (t0, v0), (t1, v1) = earlier[-1], later[0]
    return v0 if t1 == t0 else v0 + (v1 - v0) * (at - t0) / (t1 - t0)


def jain(shares: Sequence[float]) -> float:
    """Jain's index of fairness: 1 when all have the same, 1/n when one has everything."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 0.0


def _let_pass(until: float) -> None:
    pause = threading.Event()
    while (left := until - time.monotonic()) > 0:
        pause.wait(left)
