"""Whatever dies, nothing is lost for long, nobody is left behind, and the person is told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.core.experiment import Experiment
from playground.engine.local import EngineFailed, connect
from playground.engine.messages import CheckpointWritten, Frame, Ping, Play, Pong, ResumeRun, RunChanged, Watch
from playground.engine.wire import read_address
from tests.engine.conftest import PATIENCE, Ear, Home, processes

pytestmark = pytest.mark.xdist_group("engine")


def pids(home: Path, module: str) -> list[int]:
    """Processes of this home that run a module, forked ones by their parent."""
    return [pid for pid in processes(home) if module in Path(f"/proc/{pid}/cmdline").read_text()]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def workers(home: Path) -> list[int]:
    """Forked workers: children of the fork server."""
    forked = pids(home, "playground.engine.forkserver")
    return [pid for pid in forked if parent(pid) in forked]


def wait_until_all_answer(home: Home) -> list[int]:
    """The workers, once each of them has come to the host: before that it is nobody's."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        alive = workers(home.folder)
        pong = home.engine.request(Ping(id="how many"), timeout=PATIENCE)
        assert isinstance(pong, Pong)
        if alive and pong.workers == len(alive):
            return alive
    raise AssertionError("Some worker never came to the host.")


def ended(pid: int, patience: float = PATIENCE) -> bool:
    """Whether a process, which need not be our child, ends within this time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    import select

    gone = bool(select.select([handle], [], [], patience)[0])
    os.close(handle)
    return gone


def test_runs_of_a_killed_worker_go_on_by_themselves(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle.with_(training=circle.training.with_(epochs=100_000)), ear)
    shared.engine.send(Watch(run=run))
    shared.engine.send(Play(run=run))
    ear.wait(Frame, lambda event: event.run == run and event.step > 100)
    for pid in workers(shared.folder):
        os.kill(pid, signal.SIGKILL)
    told = ear.state(run, "starting")
    assert (told.message or "").startswith("The worker died at step ")
    assert "It goes on from step" in (told.message or "")
    ear.state(run, "running")
    ear.wait(Frame, lambda event: event.run == run and event.step > told.step)
    shared.engine.send(Play(run=run, steps=1))
    ear.state(run, "paused")


def test_the_end_of_the_fork_server_interrupts_nothing(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    alive = wait_until_all_answer(shared)
    server = {parent(pid) for pid in alive}
    for pid in server:
        os.kill(pid, signal.SIGKILL)
    assert shared.train(run, ear, 20).step == 20
    assert not any(ended(pid, 0) for pid in alive)
    told = [event.message for event in ear.all(RunChanged) if event.run == run]
    assert not any("died" in (message or "") for message in told)
    # Files are written beside the training; from what is not written yet nobody goes on.
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == 20)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    assert shared.train(run, ear, 20).step == 40


def test_a_run_outlives_its_starter_its_host_and_the_end_of_everything(
    new_home: Callable[[], Home], circle: Experiment
) -> None:
    first, home = new_home(), new_home()
    assert len(pids(home.folder, "playground.engine.host")) == 1
    ear = home.ear()
    run = home.begin(circle.with_(training=circle.training.with_(epochs=100_000)), ear)
    home.engine.send(Watch(run=run))
    home.engine.send(Play(run=run))
    ear.wait(Frame, lambda event: event.run == run and event.step > 100)

    first.engine.close()
    assert isinstance(home.engine.request(Ping(id="still here")), Pong)

    # Weights are put down every few seconds and the history is written each second: no death spares what is neither.
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step > 0)
    home.flush()
    before, address = processes(home.folder), read_address(home.folder)
    assert address is not None
    os.kill(address.pid, signal.SIGKILL)
    told = ear.state(run, "interrupted")
    assert "Press Train to go on" in (told.message or "")
    assert all(ended(pid) for pid in before)

    assert home.engine.wait_until_connected(PATIENCE)
    stored = home.store.run("ann", run)
    assert stored.state == "interrupted"
    home.engine.send(ResumeRun(run=run, owner="ann"))
    back = ear.state(run, "paused")
    assert back.step >= 1
    home.engine.send(Play(run=run, owner="ann"))
    ear.wait(Frame, lambda event: event.run == run and event.step > back.step)

    home.close()
    assert processes(home.folder) == []
    stored = home.store.run("ann", run)
    assert stored.state == "interrupted"
    assert stored.message == "It was paused when the playground was closed. Press Train to go on."
    last = home.store.checkpoints("ann", run)[-1]
    assert last.step == stored.step > back.step
    assert home.store.weights("ann", run).name == last.file


def test_a_client_that_vanishes_leaves_no_orphan(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from playground.engine.local import connect\n"
        "from playground.engine.messages import Ping\n"
        "engine = connect(Path(sys.argv[1])); engine.request(Ping(id='x'))\n"
        "print('up', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"up\n"
        left = processes(tmp_path)
        assert left
        client.kill()
    assert all(ended(pid) for pid in left)
    assert processes(tmp_path) == []


def test_the_spawned_way_does_the_same(
    new_home: Callable[[], Home], circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_START", "spawn")
    monkeypatch.setenv("PLAYGROUND_WORKERS", "1")
    home = new_home()
    ear = home.ear()
    run = home.begin(circle, ear)
    assert home.train(run, ear, 30).step == 30
    ear.wait(CheckpointWritten, lambda event: event.step == 30)
    assert pids(home.folder, "playground.engine.forkserver") == []
    assert len(pids(home.folder, "playground.engine.worker")) >= 1


def test_what_is_left_alone_is_programmed_to_end_within_two_seconds() -> None:
    from playground.engine import forkserver, worker

    assert max(forkserver.GRACE, worker.GRACE) < 2


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    with pytest.raises(EngineFailed, match="Choose another one with PLAYGROUND_HOME"):
        connect(tmp_path / "home")


def test_the_history_of_a_later_release_is_a_sentence(new_home: Callable[[], Home], tmp_path: Path) -> None:
    import sqlite3

    folder = tmp_path / "late"
    folder.mkdir()
    with sqlite3.connect(folder / "playground.sqlite") as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    with pytest.raises(EngineFailed, match="later release"):
        connect(folder)
