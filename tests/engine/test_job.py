"""A job without processes: beginnings, edits that a checkpoint missed, files that cannot be written or read."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from playground.core.edits import EDIT, Replace, Rewind, WriteWeight
from playground.core.experiment import Experiment
from playground.engine import job_opening
from playground.engine.job import Job
from playground.engine.messages import (
    CheckpointsRemoved,
    CheckpointWritten,
    EditRun,
    LedgerGrew,
    Message,
    Metrics,
    Notice,
    Pause,
    Play,
    RunChanged,
)
from playground.engine.orders import LoadRun
from playground.engine.worker_files import Files, Scribe
from playground.runs.names import run_folder
from playground.training.checkpoints import snapshot, write
from playground.training.run import train

RUN = "test-run"


class Bench:
    """One job and what it said."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.said: list[Message] = []
        self.scribe = Scribe(self.said.append)
        self.readers = ThreadPoolExecutor(1)

    def load(self, experiment: Experiment, **fields: Any) -> Job:
        self.said.clear()
        plain = experiment.model_dump(mode="json")
        load = LoadRun(run=RUN, owner="ann", experiment=plain, **fields)
        job = Job(load, self.home, self.scribe, self.readers, lambda event, payload=b"": self.said.append(event), bool)
        self.until(job, lambda: bool(self.states()))
        return job

    def until(self, job: Job, done: Callable[[], bool]) -> None:
        """Give the job turns."""
        until = time.monotonic() + 60
        while not done():
            assert time.monotonic() < until, self.said[-5:]
            if job.wants_turn(time.monotonic()):
                job.turn(0.01)
            job.report(time.monotonic())

    def step(self, job: Job, steps: int) -> RunChanged:
        before = len(self.states())
        job.obey(Play(run=RUN, steps=steps))
        self.until(job, lambda: len(self.states()) > before + 1 and not job.busy)
        return self.states()[-1]

    def settle(self, job: Job) -> None:
        self.until(job, lambda: not job.wants_turn(time.monotonic()))
        self.scribe.finish(60)

    def states(self) -> list[RunChanged]:
        return self.all(RunChanged)

    def all(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.said if isinstance(event, kind)]


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    made = Bench(home)
    yield made
    made.readers.shutdown()


@pytest.fixture
def shipped(tmp_path: Path, circle: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of a real short run, as they come with the program."""
    (tmp_path / "opening").mkdir()
    write(snapshot(train(circle, device="cpu", steps=120).state), tmp_path / "opening" / "circle.safetensors")
    points = [{"step": 0, "epoch": 0, "train_loss": 0.7}, {"step": 120, "epoch": 3, "train_loss": 0.4}]
    (tmp_path / "opening" / "circle.json").write_text(json.dumps({"points": points}))
    monkeypatch.setattr(job_opening, "assets_dir", lambda: tmp_path)


@pytest.mark.usefixtures("shipped")
def test_shipped_weights_are_shown_and_left_when_training_begins(bench: Bench, circle: Experiment) -> None:
    job = bench.load(circle, weights="opening/circle")
    assert (bench.states()[-1].state, bench.states()[-1].step) == ("paused", 120)
    bench.settle(job)
    assert [p["step"] for event in bench.all(Metrics) for p in event.points][:2] == [0, 120]
    assert bench.all(CheckpointWritten) == []
    assert bench.step(job, 5).step == 5
    assert [event.points for event in bench.all(Metrics) if event.reset] == [[{"step": 0, "epoch": 0}]]
    bench.settle(job)
    assert [event.step for event in bench.all(CheckpointWritten)] == [0, 5]


@pytest.mark.usefixtures("shipped")
def test_what_was_changed_on_the_opening_picture_is_there_when_training_begins(
    bench: Bench, circle: Experiment
) -> None:
    job = bench.load(circle, weights="opening/circle")
    changed = circle.with_(training=circle.training.with_(batch_size=20))
    job.obey(EditRun(run=RUN, edit=EDIT.dump_python(Replace(experiment=changed), mode="json")))
    bench.settle(job)
    assert bench.all(LedgerGrew) == []
    bench.step(job, 3)
    assert [(event.step, event.position) for event in bench.all(LedgerGrew)] == [(0, 0)]
    assert job._known_state.experiment == changed


@pytest.mark.usefixtures("shipped")
def test_shipped_weights_of_another_experiment_are_not_shown(bench: Bench, circle: Experiment) -> None:
    bench.load(circle.with_(seed=99), weights="opening/circle")
    assert bench.states()[-1].step == 0
    bench.load(circle, weights="../../etc/passwd")
    assert bench.states()[-1].step == 0


def test_edits_that_the_checkpoint_missed_are_applied_again(bench: Bench, circle: Experiment) -> None:
    job = bench.load(circle)
    bench.step(job, 30)
    job.close(keep=True)
    bench.settle(job)
    changed = circle.with_(training=circle.training.with_(batch_size=20))
    edits = [{"step": 31, "edit": EDIT.dump_python(Replace(experiment=changed), mode="json")}]
    again = bench.load(circle, resume=True, ledger=edits)
    assert bench.states()[-1].step == 30
    assert [(event.step, event.position) for event in bench.all(LedgerGrew)] == [(30, 0)]
    assert again._known_state.experiment == changed


def test_edits_that_the_history_missed_are_told_again(bench: Bench, circle: Experiment) -> None:
    job = bench.load(circle)
    write_weight = WriteWeight(path="last", name="bias", index=(0,), value=2.0)
    job.obey(EditRun(run=RUN, edit=EDIT.dump_python(write_weight, mode="json")))
    bench.settle(job)
    bench.load(circle, resume=True, ledger=[])
    assert [event.edit["type"] for event in bench.all(LedgerGrew)] == ["write_weight"]


def test_few_checkpoints_are_kept_and_a_broken_one_is_passed_over(bench: Bench, circle: Experiment) -> None:
    job = bench.load(circle)
    for _ in range(5):
        bench.step(job, 10)
    bench.settle(job)
    kept = sorted(file.name for file in run_folder(bench.home, RUN).iterdir())
    assert [name.split("-", 1)[1] for name in kept] == [
        "first-0.safetensors",
        "last-40.safetensors",
        "last-50.safetensors",
    ]
    assert len(bench.all(CheckpointsRemoved)) == 3
    (run_folder(bench.home, RUN) / kept[-1]).write_bytes(b"half a file")
    found = Files(bench.home, RUN, bench.scribe).newest()
    assert found is not None
    assert found.step == 40


def test_after_a_rewind_the_newest_checkpoint_is_not_the_one_of_the_largest_step(
    bench: Bench, circle: Experiment
) -> None:
    job = bench.load(circle)
    bench.step(job, 50)
    job.obey(EditRun(run=RUN, edit=EDIT.dump_python(Rewind(step=0), mode="json")))
    bench.step(job, 7)
    bench.settle(job)
    found = Files(bench.home, RUN, bench.scribe).newest()
    assert found is not None
    assert found.step == 7


def test_a_disk_that_takes_nothing_costs_one_sentence(bench: Bench, circle: Experiment) -> None:
    (bench.home / "runs").write_text("a file where a folder should be")
    job = bench.load(circle)
    assert bench.step(job, 10).step == 10
    assert bench.step(job, 10).step == 20
    bench.settle(job)
    assert len(bench.all(Notice)) == 1
    assert "Training goes on" in bench.all(Notice)[0].text


def test_a_pause_ends_a_slow_run_at_once(bench: Bench, circle: Experiment) -> None:
    job = bench.load(circle)
    job.obey(Play(run=RUN))
    bench.until(job, lambda: job.busy)
    job.obey(Pause(run=RUN))
    bench.until(job, lambda: not job.busy)
    step = bench.states()[-1].step
    bench.settle(job)
    assert job._known_state.cursor.step == step
