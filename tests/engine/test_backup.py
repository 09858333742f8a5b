"""A copy made while a run trains is a home that opens and trains on."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.core.experiment import Experiment
from playground.engine.messages import CheckpointWritten, Play, ResumeRun, SaveProject
from playground.runs.backup import CannotCopy, back_up
from playground.studio.documents import from_template
from playground.training.checkpoints import read
from tests.engine.conftest import PATIENCE, Home, processes

pytestmark = pytest.mark.xdist_group("engine")


@pytest.fixture
def copy_of(tmp_path: Path) -> Iterator[Callable[[Path], Home]]:
    """Opens a copy with an engine of its own."""
    opened: list[Home] = []

    def open_copy(folder: Path) -> Home:
        opened.append(Home(folder))
        return opened[-1]

    yield open_copy
    for home in opened:
        home.close()
        assert processes(home.folder) == []


def test_a_copy_made_while_a_run_trains_goes_on_from_its_checkpoint(
    new_home: Callable[[], Home], copy_of: Callable[[Path], Home], circle: Experiment, tmp_path: Path
) -> None:
    home = new_home()
    ear = home.ear()
    document = from_template("circle")
    run = home.begin(circle.with_(training=circle.training.with_(epochs=100_000)), ear, owner="ann", project="pond")
    home.engine.request(SaveProject(project="pond", owner="ann", base=0, document=document, label="New", run=run))
    home.train(run, ear, 50)
    home.engine.send(Play(run=run))
    ear.state(run, "running")
    ear.wait(CheckpointWritten)
    home.flush()
    environment = {**os.environ, "PLAYGROUND_HOME": str(home.folder)}
    target = tmp_path / "copies" / "monday"
    command = [sys.executable, "-m", "playground", "backup", str(target), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["projects"], told["runs"], told["missing"]) == (1, 1, 0)
    assert ear.all(CheckpointWritten)
    assert {entry.name for entry in target.iterdir()} == {"playground.sqlite", "runs"}  # no key, no socket, no log

    copied = copy_of(target)
    heard = copied.ear()
    assert [entry.id for entry in copied.store.projects("ann")] == ["pond"]
    kept = copied.store.checkpoints("ann", run)
    assert told["files"] == len(kept) > 0
    for checkpoint in kept:
        read(copied.store.weights("ann", run, checkpoint.purpose), None)
    step = read(copied.store.weights("ann", run)).step
    copied.engine.send(ResumeRun(run=run, owner="ann"))
    assert heard.state(run, "paused", "failed").step == step
    assert copied.train(run, heard, 5).step == step + 5
    heard.stop()
    ear.stop()


def tiny_home(folder: Path, *files: str) -> Path:
    """A home whose history names these checkpoints of one run."""
    folder.mkdir()
    with sqlite3.connect(folder / "playground.sqlite") as history:
        for table in ("projects (id)", "runs (id)", "checkpoints (run, file)"):
            history.execute(f"CREATE TABLE {table}")
        history.executemany("INSERT INTO checkpoints VALUES ('abc', ?)", [(file,) for file in files])
    history.close()
    (folder / "runs" / "abc").mkdir(parents=True)
    return folder


def test_a_checkpoint_that_gives_way_meanwhile_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tiny_home(tmp_path / "home", "1.safetensors")
    (home / "runs" / "abc" / "2.safetensors").write_bytes(b"newer")
    import shutil

    copyfile = shutil.copyfile

    def give_way(source: Path, target: Path) -> Path:
        with sqlite3.connect(home / "playground.sqlite") as history:
            history.execute("UPDATE checkpoints SET file = '2.safetensors'")
        history.close()
        return copyfile(source, target)

    monkeypatch.setattr("playground.runs.backup.shutil.copyfile", give_way)
    copied = back_up(home, tmp_path / "copy")
    assert (copied.files, copied.missing) == (1, 0)
    assert [file.name for file in (tmp_path / "copy" / "runs").rglob("*.*")] == ["2.safetensors"]


def test_a_file_that_the_home_lost_is_counted_and_the_rest_copied(tmp_path: Path) -> None:
    home = tiny_home(tmp_path / "home", "1.safetensors", "2.safetensors")
    (home / "runs" / "abc" / "2.safetensors").write_bytes(b"newer")
    copied = back_up(home, tmp_path / "copy")
    assert (copied.files, copied.missing) == (1, 1)


def test_nothing_is_written_over_and_nothing_half_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tiny_home(tmp_path / "home", "1.safetensors")
    (tmp_path / "there").mkdir()
    with pytest.raises(CannotCopy, match="is there already"):
        back_up(home, tmp_path / "there")
    with pytest.raises(CannotCopy, match="no history"):
        back_up(tmp_path / "nowhere", tmp_path / "copy")
    (home / "runs" / "abc" / "1.safetensors").write_bytes(b"x")

    def fail(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("playground.runs.backup.shutil.copyfile", fail)
    with pytest.raises(OSError, match="No space"):
        back_up(home, tmp_path / "copy")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["home", "there"]
    monkeypatch.setenv("PLAYGROUND_DATABASE", "postgresql://somewhere/history")
    with pytest.raises(CannotCopy, match="database's tools"):
        back_up(home, tmp_path / "copy")
