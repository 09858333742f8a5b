"""Kills that nothing else here covers: a task, the explainers' fork server, a process that only loads, the server."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.commands.bench import load
from playground.core.experiment import Experiment
from playground.engine.forking import Forking
from playground.engine.messages import CheckpointWritten, Frame, Message, Play, RunTask, TaskFailed, Watch
from playground.engine.spawning import Spawning
from playground.runs.store import Store
from playground.training import checkpoints
from tests.conftest import ROOT
from tests.engine.conftest import PATIENCE, Ear, Home, processes
from tests.engine.test_dying import ended, parent, pids, workers

pytestmark = pytest.mark.xdist_group("engine")

RULE = 2.0
"""Seconds after which nothing may be left of what died."""


def until(found: Callable[[], Any]) -> Any:
    """What is found, once it is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if what := found():
            return what
    raise AssertionError("It never came to be.")


def test_who_asked_for_a_task_that_is_killed_is_told_and_training_goes_on(
    shared: Home, ear: Ear, circle: Experiment
) -> None:
    run = shared.begin(circle.with_(training=circle.training.with_(epochs=100_000)), ear)
    shared.train(run, ear, 5)
    shared.engine.send(Watch(run=run))
    shared.engine.send(Play(run=run))
    ear.wait(Frame, lambda event: event.run == run)
    for attempt in range(20):  # it may be done before it is found
        known = set(processes(shared.folder))
        shared.engine.send(RunTask(task=f"killed-{attempt}", owner="ann", name="explain_cases", arguments={"run": run}))
        (victim,) = until(lambda known=known: set(processes(shared.folder)) - known)
        os.kill(victim, signal.SIGKILL)
        told = ear.wait(
            Message, lambda event: getattr(event, "task", "").startswith("killed") and event.type != "task_progress"
        )  # type: ignore[attr-defined]
        if isinstance(told, TaskFailed):
            break
    assert isinstance(told, TaskFailed)
    assert told.message.startswith("It ended without an answer")
    step = ear.wait(Frame, lambda event: event.run == run).step
    ear.wait(Frame, lambda event: event.run == run and event.step > step)
    shared.engine.send(Play(run=run, steps=1))
    ear.state(run, "paused")


def test_a_fork_server_killed_while_it_loads_costs_the_asker_only_time(
    shared: Home, ear: Ear, circle: Experiment
) -> None:
    run = shared.begin(circle, ear)
    shared.train(run, ear, 5)
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == 5)
    shared.flush()
    host = pids(shared.folder, "playground.engine.host")
    known = pids(shared.folder, "captum")
    for pid in known:  # of a test before this one
        os.kill(pid, signal.SIGKILL)
    task = RunTask(task="late", owner="ann", name="explain", arguments={"run": run, "case": 0, "method": {"kind": "?"}})
    shared.engine.send(task)
    loading = until(lambda: [pid for pid in pids(shared.folder, "captum") if pid not in known and parent(pid) in host])
    os.kill(loading[0], signal.SIGKILL)
    told = ear.wait(TaskFailed, lambda event: event.task == "late")
    assert "ended without an answer" not in told.message, "the task was carried out, and says what is wrong with it"


PARENT = """
import subprocess, sys
from playground.engine.place import environment, python
print(subprocess.Popen(python("playground.engine.spawned", "loading"), env=environment()).pid, flush=True)
sys.stdin.read()
"""


def test_a_process_that_only_loads_its_libraries_ends_with_its_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loading.py").write_text(
        "import pathlib, time\npathlib.Path(__file__).with_name('began').touch()\ntime.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        loading = int(host.stdout.readline())
        until((tmp_path / "began").exists)
        host.kill()
    try:
        assert ended(loading, 10 * RULE)
    finally:
        if not ended(loading, 0):
            os.kill(loading, signal.SIGKILL)


def test_what_is_kept_ready_is_given_back_unused_and_made_again_when_needed(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []

    async def live() -> None:
        note = lambda id, how: told.append((id, how))  # noqa: E731
        place = Forking(tmp_path, ("json",), ended=note, instead=Spawning(tmp_path, ended=note))
        await place.start()
        await asyncio.wait_for(place._ready.wait(), PATIENCE)
        assert place._process is not None
        first = place._process
        await place.rest(3600.0)
        assert place._process is first
        await place.rest(0.0)
        await asyncio.wait_for(first.wait(), PATIENCE)
        assert place._process is None
        await place.start()
        await asyncio.wait_for(place._ready.wait(), PATIENCE)
        assert place._process is not None
        assert place._process.pid != first.pid
        await place.close()

    asyncio.run(live())
    assert told == []


SERVER = """
import sys, threading
from pathlib import Path
from playground.engine.local import connect
from playground.engine.messages import Frame, Play, RunChanged, StartRun, Watch
from playground.templates import templates
engine, ready, moved = connect(Path(sys.argv[1])), threading.Event(), threading.Event()
def hear(event, payload):
    if isinstance(event, RunChanged) and event.state == "paused":
        ready.set()
    if isinstance(event, Frame) and event.step > 50:
        moved.set()
engine.subscribe(hear)
experiment = templates["circle"]().experiment()
experiment = experiment.with_(training=experiment.training.with_(epochs=100_000))
engine.send(StartRun(run="abc123", owner="ann", experiment=experiment.model_dump(mode="json")))
ready.wait()
engine.send(Watch(run="abc123"))
engine.send(Play(run="abc123"))
moved.wait()
print("it trains", flush=True)
sys.stdin.read()
"""


def test_the_runs_of_a_killed_server_are_put_down_and_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"it trains\n"
        before = processes(tmp_path)
        assert workers(tmp_path)
        server.kill()
    assert all(ended(pid) for pid in before)
    assert processes(tmp_path) == []
    store = Store(tmp_path)
    stored, last = store.run("ann", "abc123"), store.checkpoints("ann", "abc123")[-1]
    assert stored.state == "interrupted"
    assert stored.message == "It was paused when the playground was closed. Press Train to go on."
    assert last.step == stored.step >= 50
    assert checkpoints.read(store.weights("ann", "abc123"), last.sha256).step == last.step
    assert max(point["step"] for point in store.metrics("ann", "abc123")) <= stored.step
    store.close()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_deaths_at_random_moments_of_twenty_runs() -> None:
    for result in load(ROOT / "benchmarks" / "death.py").measure(only=""):
        assert result["orphans"] == 0, result
        assert result["lost"] == 0, result
        if result["killed"] in ("worker", "task", "host", "server"):
            assert result["says"], result
