"""The pen: what is written is read back, in order, whatever the database does meanwhile."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.runs.recorder import Recorder
from playground.runs.records import NotFound
from playground.runs.store import Store

EXPERIMENT = {"networks": {}, "seed": 3}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def recorder(home: Path, said: list[str]) -> Iterator[Recorder]:
    pen = Recorder(home, notify=said.append, every=0.05)
    pen.start()
    yield pen
    pen.close()


def begin(recorder: Recorder, run: str = "abc123", owner: str = "ann") -> None:
    recorder.start_run(
        run, owner, project=None, template="circle", experiment=EXPERIMENT, fingerprint="f" * 32, seed=3
    ).result(60)


def flush(recorder: Recorder) -> None:
    """Wait until everything handed over before is in the database."""
    recorder.flush().result(60)


def test_a_run_is_read_back_as_it_was_written(home: Path, recorder: Recorder) -> None:
    begin(recorder)
    recorder.run_changed("abc123", state="running", step=20, epoch=1, seconds=0.5, parameters=13, message=None)
    recorder.metrics(
        "abc123", [{"step": 0, "epoch": 0, "train_loss": 0.7}, {"step": 20, "epoch": 1, "train_loss": 0.5}]
    )
    recorder.ledger("abc123", step=20, edit={"type": "rewind", "step": 0}, kept=9, new=0)
    recorder.checkpoint("abc123", file="000001.ckpt", step=20, epoch=1, sha256="0" * 64, purpose="last")
    flush(recorder)
    store = Store(home)
    run = store.run("ann", "abc")
    assert (run.state, run.step, run.parameters, run.experiment) == ("running", 20, 13, EXPERIMENT)
    assert [point["train_loss"] for point in store.metrics("ann", "abc123")] == [0.7, 0.5]
    assert [(entry.step, entry.kept) for entry in store.ledger("ann", "abc123")] == [(20, 9)]
    assert [checkpoint.purpose for checkpoint in store.checkpoints("ann", "abc123")] == ["last"]


def test_points_after_a_rewind_replace_the_later_ones(home: Path, recorder: Recorder) -> None:
    begin(recorder)
    recorder.metrics("abc123", [{"step": step, "epoch": 0, "train_loss": 1.0} for step in (0, 10, 20)])
    recorder.metrics("abc123", [{"step": 10, "epoch": 0, "train_loss": 2.0}], reset=True)
    flush(recorder)
    assert [(p["step"], p["train_loss"]) for p in Store(home).metrics("ann", "abc123")] == [(0, 1.0), (10, 2.0)]


def test_what_belongs_to_another_answers_like_what_does_not_exist(home: Path, recorder: Recorder) -> None:
    begin(recorder)
    recorder.metrics("abc123", [{"step": 0, "epoch": 0, "train_loss": 0.7}])
    recorder.checkpoint("abc123", file="000001.ckpt", step=0, epoch=0, sha256="0" * 64, purpose="first")
    recorder.save_project("proj1", "ann", base=0, document={"title": "Mine"}).result(60)
    store = Store(home)
    flush(recorder)
    assert store.runs("bob") == store.projects("bob") == store.metrics("bob", "abc123") == []
    assert store.ledger("bob", "abc123") == store.checkpoints("bob", "abc123") == store.revisions("bob", "proj1") == []
    with pytest.raises(NotFound) as foreign:
        store.run("bob", "abc123")
    with pytest.raises(NotFound) as unknown:
        store.run("bob", "zzz999")
    assert str(foreign.value).replace("abc123", "X") == str(unknown.value).replace("zzz999", "X")
    with pytest.raises(NotFound):
        store.weights("bob", "abc123")
    for deed in (recorder.delete_run("abc123", "bob"), recorder.save_project("proj1", "bob", base=1, document={})):
        with pytest.raises(NotFound):
            deed.result(60)
    assert store.run("ann", "abc123").owner == "ann"


def test_an_unclear_beginning_of_an_id_is_not_guessed(home: Path, recorder: Recorder) -> None:
    begin(recorder, "abc1")
    begin(recorder, "abc2")
    begin(recorder, "abc")
    store = Store(home)
    assert store.run("ann", "abc").id == "abc"
    with pytest.raises(NotFound, match="More than one"):
        store.run("ann", "ab")


def test_an_empty_home_has_an_empty_history(home: Path) -> None:
    store = Store(home)
    assert store.runs("ann") == store.projects("ann") == []
    assert store.project("p") is None
    assert list(home.iterdir()) == []


def test_a_dead_hosts_running_runs_are_interrupted(home: Path, recorder: Recorder) -> None:
    begin(recorder, "running")
    begin(recorder, "paused")
    recorder.run_changed("running", state="running", step=5)
    recorder.run_changed("paused", state="paused", step=5)
    recorder.close()
    after = Recorder(home)
    after.start()
    after.close()
    assert [(run.id, run.state) for run in Store(home).runs("ann")] == [
        ("paused", "paused"),
        ("running", "interrupted"),
    ]


def test_a_locked_database_costs_time_and_one_sentence(home: Path, said: list[str]) -> None:
    spoken = threading.Semaphore(0)

    def notify(sentence: str) -> None:
        said.append(sentence)
        spoken.release()

    pen = Recorder(home, notify=notify, every=0.05)
    pen.start()
    begin(pen)
    other = sqlite3.connect(home / "playground.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    saved = pen.save_project("proj1", "ann", base=0, document={"title": "Kept"})
    pen.metrics("abc123", [{"step": 0, "epoch": 0, "train_loss": 0.7}])
    assert spoken.acquire(timeout=60)
    assert "locked" in said[0]
    assert not saved.done()
    other.execute("ROLLBACK")
    assert saved.result(60).revision == 1
    assert spoken.acquire(timeout=60)
    flush(pen)
    assert len(said) == 2
    assert len(Store(home).metrics("ann", "abc123")) == 1
    pen.close()


def test_a_full_disk_costs_one_sentence_and_what_was_written_stays(home: Path, said: list[str]) -> None:
    spoken = threading.Semaphore(0)
    pen = Recorder(home, notify=lambda sentence: (said.append(sentence), spoken.release())[1], every=0.05)
    pen.start()
    begin(pen)
    assert pen._engine is not None
    with pen._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    pen.save_project("big", "ann", base=0, document={"title": "Big", "notes": "x" * 200_000})
    assert spoken.acquire(timeout=60)
    assert said == ["The disk is full. Training goes on, but nothing more is kept until there is room again."]
    assert Store(home).run("ann", "abc123").id == "abc123"
    pen.close(patience=60)


def test_one_wrong_thing_in_a_batch_spoils_only_itself(home: Path, recorder: Recorder) -> None:
    begin(recorder)
    bad = recorder.start_run("abc123", "ann", experiment=EXPERIMENT, fingerprint="", seed=0)
    recorder.metrics("abc123", [{"step": 0, "epoch": 0, "train_loss": 0.7}])
    with pytest.raises(NotFound):
        bad.result(60)
    flush(recorder)
    assert len(Store(home).metrics("ann", "abc123")) == 1


def test_the_name_of_a_run_never_leads_out_of_its_folder(recorder: Recorder) -> None:
    for name in ("../x", "a/b", "", ".hidden", "A" * 80):
        with pytest.raises(ValueError, match="not the id"):
            recorder.start_run(name, "ann", experiment={}, fingerprint="", seed=0).result(60)


def test_what_is_told_ten_times_a_second_is_written_together_and_read_back_as_told(home: Path, said: list[str]) -> None:
    pen = Recorder(home, notify=said.append, every=3600.0)
    pen.start()
    begin(pen)
    begin(pen, "def456")
    for step in (1, 2, 3):
        for run in ("abc123", "def456"):
            pen.metrics(run, [{"step": step, "epoch": 0, "train_loss": step / 10}])
            pen.read_test(run, step)
    assert pen.waiting == 4
    pen.metrics("abc123", [{"step": 2, "epoch": 0, "train_loss": 0.9}])
    pen.metrics("abc123", [{"step": 4, "epoch": 0, "train_loss": 0.8}])
    pen.metrics("def456", [{"step": 0, "epoch": 0}], reset=True)
    pen.metrics("def456", [{"step": 1, "epoch": 0, "train_loss": 0.6}])
    pen.flush().result(60)
    pen.read_test("abc123")
    pen.close()
    store = Store(home)
    assert [(point["step"], point["train_loss"]) for point in store.metrics("ann", "abc123")] == [
        (1, 0.1),
        (2, 0.9),
        (4, 0.8),
    ]
    assert [(point["step"], point["train_loss"]) for point in store.metrics("ann", "def456")] == [(1, 0.6)]
    assert (store.run("ann", "abc123").test_reads, store.run("ann", "def456").test_reads) == (7, 6)


def test_that_a_run_runs_is_written_at_once(home: Path) -> None:
    """A host that dies in the next moment leaves behind what its successor calls interrupted."""
    recorder = Recorder(home, every=3600)
    recorder.start()
    begin(recorder)
    recorder.run_changed("abc123", state="paused", step=0)
    flush(recorder)
    recorder.run_changed("abc123", state="running", step=0)
    store, pause, until = Store(home), threading.Event(), time.monotonic() + 60
    while store.run("ann", "abc123").state != "running":
        assert time.monotonic() < until
        pause.wait(0.01)
    recorder.run_changed("abc123", state="running", step=500)  # a sign of life can wait
    assert recorder.waiting == 1
    store.close()
    recorder.close()


def test_points_and_readings_that_wait_are_put_together_and_none_is_lost(home: Path) -> None:
    pen = Recorder(home, every=3600.0)
    pen.start()
    begin(pen)
    for step in range(0, 500, 5):
        pen.metrics("abc123", [{"step": step, "epoch": 0, "train_loss": 1.0}])
        pen.read_test("abc123", 2)
    assert pen.waiting == 2
    pen.metrics("abc123", [{"step": 300, "epoch": 0, "train_loss": 2.0}])
    pen.metrics("abc123", [{"step": 305, "epoch": 0, "train_loss": 2.0}])
    assert pen.waiting == 3
    flush(pen)
    pen.metrics("abc123", [{"step": 310, "epoch": 0, "train_loss": 2.0}])
    flush(pen)
    pen.close()
    store = Store(home)
    stored = [(point["step"], point["train_loss"]) for point in store.metrics("ann", "abc123")]
    assert stored == [(step, 1.0 if step < 300 else 2.0) for step in range(0, 315, 5)]
    assert store.run("ann", "abc123").test_reads == 200
    store.close()
