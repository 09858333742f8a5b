"""What survives a damaged file, a clock that is put back, and a host that died between two writes."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from playground.runs import models
from playground.runs.names import run_folder
from playground.runs.recorder import Recorder
from playground.runs.store import Store

EXPERIMENT: dict[str, Any] = {"networks": {}, "seed": 3}
CONTENT = b"weights"


def write(pen: Recorder, runs: int = 40) -> None:
    """A history of some pages."""
    for number in range(runs):
        run = f"run{number}"
        pen.start_run(run, "ann", experiment=EXPERIMENT, fingerprint="f" * 32, seed=3).result(60)
        pen.metrics(run, [{"step": step, "epoch": 0, "train_loss": 1 / (step + 1)} for step in range(0, 500, 10)])
        folder = run_folder(pen._home, run)
        folder.mkdir(parents=True)
        (folder / "000001-last-5.safetensors").write_bytes(CONTENT)
        digest = hashlib.sha256(CONTENT).hexdigest()
        pen.checkpoint(run, file="000001-last-5.safetensors", step=5, epoch=0, sha256=digest, purpose="last")
        pen.save_project(f"p{number}", "ann", base=0, document={"title": f"T{number}", "notes": "n" * 2000}).result(60)
    pen.flush().result(60)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def opened(home: Path, said: list[str]) -> Iterator[Any]:
    pens: list[Recorder] = []

    def open_one() -> Recorder:
        pens.append(Recorder(home, notify=said.append, every=0.02))
        pens[-1].start()
        return pens[-1]

    yield open_one
    for pen in pens:
        pen.close()


@pytest.mark.parametrize("damage", ["cut short", "garbage at the front", "garbage in the middle"])
def test_a_damaged_history_is_kept_aside_and_read_as_far_as_it_goes(
    home: Path, opened: Any, said: list[str], damage: str
) -> None:
    pen = opened()
    write(pen)
    pen.close()
    file = home / "playground.sqlite"
    whole = file.read_bytes()
    half = len(whole) // 2 // 4096 * 4096
    broken = {
        "cut short": whole[:half],
        "garbage at the front": b"this is no database".ljust(4096, b"\xff") + whole[4096:],
        "garbage in the middle": whole[:half] + b"\xff" * 8192 + whole[half + 8192 :],
    }[damage]
    file.write_bytes(broken)
    reader = Store(home)
    pen = opened()
    assert (home / "playground.broken-1.sqlite").read_bytes() == broken
    assert len(said) == 1
    assert said[0].startswith("The history was damaged. ")
    assert said[0].endswith("the damaged file is kept as playground.broken-1.sqlite.")
    saved, projects = reader.runs("ann"), reader.projects("ann")
    assert f"{len(projects)} projects and {len(saved)} runs" in said[0]
    if damage == "garbage in the middle":
        assert saved
        assert projects
    for run in saved:
        assert run.experiment == EXPERIMENT
        for kept in reader.checkpoints("ann", run.id):
            assert hashlib.sha256((run_folder(home, run.id) / kept.file).read_bytes()).hexdigest() == kept.sha256
    for entry in projects:
        project = reader.project(entry.id)
        assert project is not None
        assert project.document["title"] == entry.title
    pen.start_run("after", "ann", experiment=EXPERIMENT, fingerprint="f" * 32, seed=3).result(60)
    assert reader.runs("ann")[0].id == "after"
    assert len(list((home / "runs").iterdir())) == 40, "weights are files of their own"
    reader.close()


def test_a_whole_history_is_no_damaged_one_even_after_a_death(home: Path, opened: Any, said: list[str]) -> None:
    pen = opened()
    write(pen, runs=3)
    # As a killed host leaves it: the journal beside the file, nothing closed.
    for name in ("playground.sqlite", "playground.sqlite-wal"):
        (home / f"copy-{name}").write_bytes((home / name).read_bytes())
    pen.close()
    for name in ("playground.sqlite", "playground.sqlite-wal"):
        (home / f"copy-{name}").rename(home / name)
    opened()
    assert said == []
    assert len(Store(home).runs("ann")) == 3


def test_two_damaged_histories_are_both_kept(home: Path, opened: Any) -> None:
    for _ in range(2):
        opened().close()
        (home / "playground.sqlite").write_bytes(b"garbage" * 1000)
    opened()
    assert sorted(file.name for file in home.glob("*broken*")) == [
        "playground.broken-1.sqlite",
        "playground.broken-2.sqlite",
    ]


def test_a_server_that_had_the_damaged_history_open_reads_the_new_one(home: Path, opened: Any) -> None:
    pen = opened()
    write(pen, runs=2)
    reader = Store(home)
    assert len(reader.runs("ann")) == 2
    pen.close()
    (home / "playground.sqlite").write_bytes(b"garbage" * 1000)
    pen = opened()
    pen.start_run("new", "ann", experiment=EXPERIMENT, fingerprint="f" * 32, seed=3).result(60)
    assert reader.runs("ann")[0].id == "new"
    reader.close()


def test_weights_that_were_replaced_when_the_host_died_are_not_listed(home: Path, opened: Any) -> None:
    pen = opened()
    write(pen, runs=2)
    pen.close()
    (run_folder(home, "run1") / "000001-last-5.safetensors").unlink()
    opened()
    store = Store(home)
    assert [len(store.checkpoints("ann", f"run{number}")) for number in range(2)] == [1, 0]
    store.close()


def test_points_made_again_from_a_checkpoint_replace_those_after_it(home: Path, opened: Any) -> None:
    pen = opened()
    pen.start_run("run0", "ann", experiment=EXPERIMENT, fingerprint="f" * 32, seed=3).result(60)
    for steps, loss in (((0, 10, 20), 1.0), ((30, 40), 1.0), ((20, 30), 2.0), ((40,), 2.0)):
        pen.metrics("run0", [{"step": step, "epoch": 0, "train_loss": loss} for step in steps])
    pen.flush().result(60)
    points = [(point["step"], point["train_loss"]) for point in Store(home).metrics("ann", "run0")]
    assert points == [(0, 1.0), (10, 1.0), (20, 2.0), (30, 2.0), (40, 2.0)]


class Clock:
    """`datetime`, with a `now` that somebody sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, zone: Any) -> datetime:
        return self.at


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(days=-3650), timedelta(days=3650)])
def test_order_and_history_do_not_depend_on_the_clock(
    home: Path, opened: Any, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    clock = Clock(datetime(2026, 5, 5, 12, 0, tzinfo=UTC))
    monkeypatch.setattr(models, "datetime", clock)
    pen, store = opened(), Store(home)
    for number in range(3):
        if number == 1:
            clock.at += jump
        pen.start_run(f"run{number}", "ann", project="p0", experiment=EXPERIMENT, fingerprint="f", seed=3).result(60)
        pen.save_project(f"p{number}", "ann", base=0, document={"title": f"{number}"}).result(60)
        pen.metrics(f"run{number}", [{"step": 0, "epoch": 0, "train_loss": 1.0}])
        clock.at -= timedelta(minutes=1)
    for revision in range(1, 40):
        clock.at -= timedelta(minutes=7)
        pen.save_project("p0", "ann", base=revision, document={"title": f"Edit {revision}"}).result(60)
    assert [run.id for run in store.runs("ann")] == ["run2", "run1", "run0"]
    assert store.runs("ann", "p0", limit=1)[0].id == "run2", "the project shows its newest run"
    assert [project.id for project in store.projects("ann")] == ["p0", "p2", "p1"]
    assert [entry.revision for entry in store.revisions("ann", "p0")] == list(range(40, 0, -1)), "nothing was pruned"
    run_folder(home, "run0").mkdir(parents=True)
    for number in (1, 2, 3):
        clock.at -= timedelta(days=1)
        name = f"00000{number}-last-{number}.safetensors"
        (run_folder(home, "run0") / name).touch()
        pen.checkpoint("run0", file=name, step=number, epoch=0, sha256="", purpose="last")
    pen.flush().result(60)
    assert store.weights("ann", "run0").name == "000003-last-3.safetensors"
    store.close()


def test_the_history_of_the_first_release_keeps_its_order(home: Path) -> None:
    from alembic import command
    from alembic.config import Config

    from playground.runs.database import HEAD, MIGRATIONS, address, open_for_writing, version

    engine = open_for_writing(address(home))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with sqlite3.connect(home / "playground.sqlite") as old:
        for id, hour in (("b", 11), ("a", 12), ("c", 10)):
            at = f"2026-01-01 {hour}:00:00.000000"
            old.execute(
                "INSERT INTO runs (id, owner, state, experiment, fingerprint, seed, device, stepper, parameters, step, "
                "epoch, seconds, environment, test_reads, created, updated) "
                "VALUES (?, 'ann', 'paused', '{}', 'f', 0, '', '', 0, 0, 0, 0.0, '{}', 0, ?, ?)",
                (id, at, at),
            )
            old.execute(
                "INSERT INTO projects (id, owner, title, revision, document, created, updated) "
                "VALUES (?, 'ann', '', 1, '{}', ?, ?)",
                (id, at, at),
            )
    old.close()
    pen = Recorder(home)
    pen.start()
    pen.close()
    store = Store(home)
    assert [run.id for run in store.runs("ann")] == ["a", "b", "c"]
    assert [project.id for project in store.projects("ann")] == ["a", "b", "c"]
    with open_for_writing(address(home)).connect() as connection:
        assert version(connection) == HEAD
        connection.engine.dispose()
    store.close()
