"""Runs in a real host and real workers: what is said to them, and what they say."""

import os
import sys
import time
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from playground.core.edits import EDIT, Replace, Rewind, WriteWeight
from playground.core.experiment import Experiment
from playground.engine.messages import (
    CheckpointWritten,
    DeleteRun,
    Done,
    EditRun,
    Frame,
    LedgerGrew,
    Metrics,
    Pause,
    Play,
    Refused,
    ResumeRun,
    RunChanged,
    SetSpeed,
    StartRun,
    StopRun,
    Unwatch,
    Watch,
)
from playground.engine.place import POLITENESS
from playground.layers.regularisation import Dropout
from playground.optimizers.descent import SGD
from playground.runs.names import new_run_id, run_folder
from playground.runs.records import NotFound
from playground.templates import templates
from playground.training.frames import unpack
from tests.engine.conftest import Ear, Home, curve, ledger
from tests.engine.test_dying import pids, workers

pytestmark = pytest.mark.xdist_group("engine")


def edit(value: Replace | Rewind | WriteWeight) -> dict[str, Any]:
    plain: dict[str, Any] = EDIT.dump_python(value, mode="json")
    return plain


def test_the_circle_trains_and_is_seen_and_kept(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle.with_(training=circle.training.with_(epochs=100_000)), ear, template="circle")
    shared.engine.send(Watch(run=run, owner="ann"))
    shared.engine.send(Play(run=run, owner="ann"))
    frame = ear.wait(Frame, lambda event: event.run == run and event.kind == "frame" and event.step > 200)
    header, arrays = unpack(next(payload for event, payload in ear.heard if event is frame))
    assert header["run"] == run
    assert arrays["output"].shape == (100, 100)
    data = next(payload for event, payload in ear.heard if isinstance(event, Frame) and event.kind == "data")
    assert len(unpack(data)[1]["points"]) == 500
    shared.engine.send(Pause(run=run))
    paused = ear.state(run, "paused")
    written = ear.wait(CheckpointWritten, lambda event: event.step == paused.step)
    shared.engine.send(Unwatch(run=run))
    shared.flush()
    stored = shared.store.run("ann", run)
    assert (stored.state, stored.step, stored.parameters) == ("paused", paused.step, 13)
    assert stored.environment["threads"] == "1"
    assert stored.test_reads > 0
    assert [c.file for c in shared.store.checkpoints("ann", run)][-1] == written.file
    losses = [point["train_loss"] for point in shared.store.metrics("ann", run)]
    assert losses[-1] < losses[0]


def test_a_step_is_one_update_and_an_epoch_ends_at_its_end(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    assert shared.train(run, ear, 1).step == 1
    shared.engine.send(Play(run=run, epochs=1))
    after = ear.wait(RunChanged, lambda event: event.run == run and event.state == "paused" and event.step > 1)
    assert (after.step, after.epoch) == (40, 1)


def test_a_speed_is_kept(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    shared.engine.send(SetSpeed(run=run, steps_per_second=20))
    started = time.monotonic()
    assert shared.train(run, ear, 9).step == 9
    assert time.monotonic() - started >= 0.35  # the first comes at once, eight more at twenty a second


def test_edits_are_applied_between_steps_and_entered_in_the_ledger(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    shared.train(run, ear, 50)
    faster = circle.with_(training=circle.training.with_(optimizer=SGD(learning_rate=0.1)))
    shared.engine.send(EditRun(run=run, edit=edit(Replace(experiment=faster)), revision=7))
    grew = ear.wait(LedgerGrew, lambda event: event.run == run)
    assert (grew.step, grew.position, grew.revision) == (50, 0, 7)
    shared.engine.send(EditRun(run=run, edit=edit(WriteWeight(path="last", name="bias", index=(0,), value=1.5))))
    assert ear.wait(LedgerGrew, lambda event: event.run == run).position == 1
    shared.engine.send(EditRun(run=run, edit=edit(WriteWeight(path="nowhere", name="bias", index=(0,), value=1))))
    assert "no bias" in ear.wait(Refused).message
    shared.flush()
    assert [entry.step for entry in shared.store.ledger("ann", run)] == [50, 50]
    assert shared.train(run, ear, 10).step == 60


def test_other_data_come_without_a_new_run(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    shared.engine.send(Watch(run=run))
    ear.wait(Frame, lambda event: event.run == run and event.kind == "data")
    noisy = circle.with_(data=circle.data.with_(dataset=circle.data.dataset.with_(noise=30.0)))
    shared.engine.send(EditRun(run=run, edit=edit(Replace(experiment=noisy))))
    ear.wait(LedgerGrew)
    ear.wait(Frame, lambda event: event.run == run and event.kind == "data")
    assert shared.train(run, ear, 5).step == 5
    shared.engine.send(Unwatch(run=run))


def test_rewinding_forgets_the_curve_and_repeats_it(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    shared.train(run, ear, 100)
    before = {p["step"]: p["train_loss"] for p in curve(ear, run) if p["step"] in (1, 10, 100)}
    shared.engine.send(EditRun(run=run, edit=edit(Rewind(step=0))))
    reset = ear.wait(Metrics, lambda event: event.run == run and event.reset)
    assert reset.points == [{"step": 0, "epoch": 0}]
    assert ear.wait(RunChanged, lambda event: event.run == run and event.step == 0).state == "paused"
    ear.heard.clear()
    shared.train(run, ear, 100)
    after = {p["step"]: p["train_loss"] for p in curve(ear, run) if p["step"] in (1, 10, 100)}
    assert after == before
    shared.flush()
    assert [p["step"] for p in shared.store.metrics("ann", run)].count(100) == 1
    assert len(ledger(ear, run)) <= 1


def test_two_runs_in_turns_give_the_bytes_each_gives_alone(shared: Home, ear: Ear) -> None:
    base = templates["spiral"]().experiment()
    network = base.network.insert("hidden1", "hidden2", Dropout(rate=0.2))
    experiments = [base.with_network(network).with_(seed=seed) for seed in (1, 2)]
    alone = [weights(shared, ear, experiment, together=()) for experiment in experiments]
    together = weights(shared, ear, experiments[0], together=(experiments[1], *experiments))
    assert together.keys() == alone[0].keys()
    assert all(np.array_equal(together[name], alone[0][name]) for name in together)
    assert any(not np.array_equal(together[name], alone[1][name]) for name in together)


def weights(home: Home, ear: Ear, experiment: Experiment, *, together: tuple[Experiment, ...]) -> dict[str, Any]:
    """Weights after 150 steps, while others train beside it."""
    others = [home.begin(other, ear) for other in together]
    for other in others:
        home.engine.send(Play(run=other))
    run = home.begin(experiment, ear)
    home.train(run, ear, 150)
    for other in others:
        home.engine.send(Pause(run=other))
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == 150)
    home.flush()
    return load_file(home.store.weights("ann", run, "last"))


def test_what_is_wrong_with_a_run_fails_it_with_a_sentence_and_no_other(
    shared: Home, ear: Ear, circle: Experiment
) -> None:
    good = shared.begin(circle, ear)
    bad = shared.begin(circle.with_network(circle.network.remove("last", heal=False)), ear)
    failed = next(event for event in ear.all(RunChanged) if event.run == bad and event.state == "failed")
    assert failed.message
    assert failed.diagnostic is not None
    assert shared.train(good, ear, 5).step == 5


def test_a_loss_that_is_no_number_pauses_with_a_diagnostic(shared: Home, ear: Ear) -> None:
    hills = templates["plane-regression"]().experiment()
    wild = hills.with_(training=hills.training.with_(optimizer=SGD(learning_rate=10.0)))
    run = shared.begin(wild, ear)
    paused = shared.train(run, ear, 5_000)
    assert paused.state == "paused"
    assert paused.diagnostic is not None
    assert paused.diagnostic["code"] == "loss-not-a-number"
    assert "10" in (paused.message or "")
    shared.engine.send(EditRun(run=run, edit=edit(Replace(experiment=hills))))
    shared.engine.send(EditRun(run=run, edit=edit(Rewind(step=0))))
    ear.wait(Metrics, lambda event: event.run == run and event.reset)
    assert shared.train(run, ear, 5).step == 5


def test_a_run_ends_after_its_epochs_and_goes_on_when_asked(shared: Home, ear: Ear, circle: Experiment) -> None:
    short = circle.with_(training=circle.training.with_(epochs=2))
    run = shared.begin(short, ear)
    shared.engine.send(Play(run=run))
    assert ear.state(run, "finished").step == 80
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.purpose == "final")
    shared.engine.send(Play(run=run))
    ear.state(run, "running")
    assert ear.state(run, "finished").step == 160
    shared.engine.send(Play(run=run))
    ear.state(run, "running")
    shared.engine.send(StopRun(run=run))
    assert ear.state(run, "finished").step >= 160


def test_nobody_can_touch_the_run_of_another(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    commands = [
        Play(run=run, owner="bob"),
        Pause(run=run, owner="bob"),
        SetSpeed(run=run, owner="bob"),
        EditRun(run=run, owner="bob", edit=edit(Rewind())),
        StopRun(run=run, owner="bob"),
        Watch(run=run, owner="bob"),
        ResumeRun(run=run, owner="bob"),
        DeleteRun(run=run, owner="bob"),
    ]
    said = {shared.engine.request(command).message for command in commands}  # type: ignore[attr-defined]
    unknown = shared.engine.request(Play(run="no-such-run"))
    assert isinstance(unknown, Refused)
    assert said == {unknown.message}
    shared.flush()
    assert shared.store.run("ann", run).id == run


def test_a_deleted_run_leaves_nothing(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    shared.train(run, ear, 3)
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == 3)
    shared.flush()
    assert run_folder(shared.folder, run).is_dir()
    assert isinstance(shared.engine.request(DeleteRun(run=run, owner="ann")), Done)
    assert not run_folder(shared.folder, run).exists()
    with pytest.raises(NotFound):
        shared.store.run("ann", run)


def test_a_command_that_makes_no_sense_is_refused_in_a_sentence(shared: Home, circle: Experiment) -> None:
    document = circle.model_dump(mode="json")
    document["training"]["batch_size"] = -1
    for command in (
        StartRun(run=new_run_id(), owner="ann", experiment=document),
        StartRun(run="../../etc", owner="ann", experiment=circle.model_dump(mode="json")),
        StartRun(run=new_run_id(), owner="", experiment=circle.model_dump(mode="json")),
        EditRun(run="none", edit={}),
    ):
        answer = shared.engine.request(command)
        assert isinstance(answer, Refused)
        assert answer.message.endswith(".")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_who_trains_stands_back_behind_who_answers(shared: Home, ear: Ear) -> None:
    shared.begin(templates["circle"]().experiment(), ear)
    (host,) = pids(shared.folder, "playground.engine.host")
    behind = {
        os.getpriority(os.PRIO_PROCESS, pid) - os.getpriority(os.PRIO_PROCESS, host) for pid in workers(shared.folder)
    }
    assert behind == {POLITENESS}
