"""The orderly end of many runs, and of one of two servers on a home."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.core.experiment import Experiment
from playground.engine.local import LocalEngine, connect
from playground.engine.messages import Frame, Play, ProjectSaved, RunChanged, SaveProject, SetSpeed, StartRun, Watch
from playground.engine.wire import read_address
from playground.runs.names import new_run_id
from playground.runs.store import Store
from playground.studio.desk import Desk
from playground.templates import templates
from playground.training import checkpoints
from tests.engine.conftest import PATIENCE, Ear, Home, processes
from tests.engine.test_dying import ended

pytestmark = pytest.mark.xdist_group("engine")

RULE = 10.0
"""Seconds that the end of thirty training runs may take."""


def test_a_host_told_to_end_puts_thirty_runs_down_within_ten_seconds(tmp_path: Path, circle: Experiment) -> None:
    engine = connect(tmp_path)
    ear, runs = Ear(engine), [new_run_id() for _ in range(33)]
    larger = templates["digits-mlp"]().experiment()
    try:
        for number, run in enumerate(runs):
            experiment = (circle if number < 30 else larger).with_(seed=number)
            experiment = experiment.with_(training=experiment.training.with_(epochs=100_000))
            engine.send(StartRun(run=run, owner=f"person-{number}", experiment=experiment.model_dump(mode="json")))
            engine.send(Watch(run=run, frames_per_second=1.0))
            engine.send(Play(run=run))
        moving: set[str] = set()
        while len(moving) < len(runs):
            moving.add(ear.wait(Frame, lambda event: event.step > 0).run)
        address, before = read_address(tmp_path), processes(tmp_path)
        assert address is not None
        engine._closing.set()  # a host that ends is not to be started again
        os.kill(address.pid, signal.SIGTERM)
        began = time.monotonic()
        assert all(ended(pid, RULE - (time.monotonic() - began)) for pid in before)
    finally:
        engine.close()
        engine.wait_for_end(PATIENCE)
    assert processes(tmp_path) == []
    store = Store(tmp_path)
    for number, run in enumerate(runs):
        stored = store.run(f"person-{number}", run)
        assert stored.state == "interrupted"
        assert stored.message == "It was paused when the playground was closed. Press Train to go on."
        last = store.checkpoints(f"person-{number}", run)[-1]
        assert last.step == stored.step > 0
        file = store.weights(f"person-{number}", run)
        assert file.name == last.file
        assert checkpoints.read(file, last.sha256).step == stored.step
    store.close()


def test_of_two_servers_on_one_home_the_end_of_one_leaves_the_other_at_work(
    new_home: Callable[[], Home], circle: Experiment
) -> None:
    first = new_home()
    second = Home(first.folder)
    one, other = first.ear(), second.ear()
    address = read_address(first.folder)
    assert address is not None
    endless = circle.with_(training=circle.training.with_(epochs=100_000))
    runs = [first.begin(endless, one, owner="ann"), second.begin(endless, other, owner="bob")]
    for home, run, owner in ((first, runs[0], "ann"), (second, runs[1], "bob")):
        home.engine.send(SetSpeed(run=run, owner=owner, steps_per_second=50.0))
        home.engine.send(Watch(run=run))
        home.engine.send(Play(run=run, owner=owner))
    one.wait(Frame, lambda event: event.run == runs[0] and event.step > 5)
    other.wait(Frame, lambda event: event.run == runs[1] and event.step > 5)
    assert read_address(first.folder) == address, "both are with the one host"

    first.engine.close()  # it started the host
    told = other.wait(RunChanged, lambda event: event.run == runs[0] and event.state == "interrupted")
    assert told.message == "It was paused when the playground was closed. Press Train to go on."
    step = other.wait(Frame, lambda event: event.run == runs[1]).step
    other.wait(Frame, lambda event: event.run == runs[1] and event.step > step)
    saved = second.engine.request(SaveProject(project="p", owner="bob", base=0, document={"title": "Here"}))
    assert isinstance(saved, ProjectSaved)
    assert read_address(first.folder) == address
    second.close()
    first.close()  # which waits for the host it started
    assert processes(first.folder) == []


def test_what_one_server_saved_the_other_shows_and_merges_with(new_home: Callable[[], Home]) -> None:
    home = new_home()
    second = Home(home.folder)
    try:
        asyncio.run(_edit_in_both(home.engine, second.engine, home.folder))
    finally:
        second.close()


async def _edit_in_both(one: LocalEngine, other: LocalEngine, folder: Path) -> None:
    first, second = Desk(one, Store(folder)), Desk(other, Store(folder))
    project = await first.create("ann", "circle")
    here, there = await first.open(project), await second.open(project)
    assert here is not None
    assert there is not None

    async def edit(desk: Desk, sheet: Any, base: int, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
        async with sheet.lock:
            return (await desk.save(sheet, base=base, label="", raw=change(sheet.raw))).revision

    assert await edit(first, here, 1, lambda raw: {**raw, "title": "Ring"}) == 2
    # A page of the second server that was not reloaded edits what it saw: nothing of the first's edit is lost.
    assert await edit(second, there, 1, lambda raw: {**raw, "notes": "Seen from there."}) == 3
    reloaded = await first.open(project)
    assert reloaded is here
    assert (here.revision, here.raw["title"], here.raw["notes"]) == (3, "Ring", "Seen from there.")
    assert await second.newest("ann") == project
    assert await second.newest("bob") is None
