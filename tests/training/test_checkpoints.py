"""Snapshots: a resumed run is the straight run, and files are whole or not there."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from playground.core.edits import Replace
from playground.training import checkpoints
from playground.training.checkpoints import BrokenCheckpoint, Shelf, snapshot
from playground.training.fit import fit
from playground.training.state import begin
from tests.training.experiments import (
    CIRCLE_231,
    CIRCLE_2331,
    DROPOUT,
    advance,
    experiment,
    prepared,
    run_of,
    same,
    weights,
)

OPTIMIZERS: list[dict[str, Any]] = [
    {"kind": "sgd", "learning_rate": 0.1},
    {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    {"kind": "adam", "learning_rate": 0.02},
    {"kind": "adamw", "learning_rate": 0.02},
    {"kind": "rmsprop", "learning_rate": 0.01, "momentum": 0.5},
    {"kind": "adagrad", "learning_rate": 0.1},
]
SCHEDULES = ["constant", "step", "exponential", "cosine", "warmup_cosine", "one_cycle"]


@pytest.mark.parametrize("network", [CIRCLE_231, DROPOUT], ids=["plain", "dropout"])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: f"{o['kind']}{'-momentum' if 'momentum' in o else ''}")
def test_a_resumed_run_is_the_straight_run(
    optimizer: dict[str, Any], schedule: str, network: dict[str, Any], tmp_path: Path
) -> None:
    settings = {"kind": schedule, "epochs_each": 1} if schedule == "step" else {"kind": schedule}
    wanted = experiment(network, optimizer=optimizer, schedule=settings, batch_size=7, epochs=3, metrics=[])
    straight = weights(advance(run_of(wanted), 17))
    middle = snapshot(advance(run_of(wanted), 11))  # in the middle of the second epoch
    checkpoints.write(middle, tmp_path / "last.safetensors")
    resumed = advance(run_of(wanted, snapshot=checkpoints.read(tmp_path / "last.safetensors")), 17)
    assert same(weights(resumed), straight)
    assert resumed.cursor.step == 17


def test_a_resumed_run_knows_its_edits_its_network_and_its_counts() -> None:
    run = run_of(experiment(CIRCLE_231))
    state = advance(run, 7, Replace(experiment=experiment(CIRCLE_2331)))
    taken = snapshot(state)
    again = run_of(experiment(CIRCLE_231), snapshot=taken)
    resumed = advance(again, 7)
    assert resumed.experiment == state.experiment
    assert resumed.ledger == state.ledger
    assert (resumed.new_units, resumed.new_until) == (state.new_units, state.new_until)
    assert resumed.test_reads >= state.test_reads
    assert resumed.stepper.name == state.stepper.name
    assert same(weights(resumed), weights(state))


def test_a_file_holds_tensors_and_json_only(tmp_path: Path) -> None:
    file = tmp_path / "last.safetensors"
    taken = snapshot(advance(run_of(experiment()), 3))
    digest = checkpoints.write(taken, file)
    assert [path.name for path in tmp_path.iterdir()] == ["last.safetensors"]  # the unfinished one is gone
    with safe_open(file, framework="pt") as content:
        assert {"weights/model/n1.linear.weight", "random/cpu"} <= set(content.keys())
        assert content.get_tensor("random/cpu").dtype == torch.uint8
        assert "optimizer/model/model/n1.linear.weight/exp_avg" in set(content.keys())
    back = checkpoints.read(file, digest)
    assert back.facts == taken.facts
    assert same(back.tensors, taken.tensors)
    assert back.experiment == experiment()


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign"])
def test_a_broken_file_is_refused_in_words(damage: str, tmp_path: Path) -> None:
    file = tmp_path / "last.safetensors"
    digest: str | None = checkpoints.write(snapshot(advance(run_of(experiment()), 3)), file)
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
        digest = None
    elif damage == "changed":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    else:
        file.write_bytes(b"not a checkpoint")
        digest = None
    with pytest.raises(BrokenCheckpoint, match="Use an older one"):
        checkpoints.read(file, digest)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "last.safetensors"
    taken = snapshot(advance(run_of(experiment()), 3))
    checkpoints.write(taken, file)
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.write(taken, file)
    assert file.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_has_its_name_only_when_its_bytes_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, there = tmp_path / "last.safetensors", list[bool]()
    monkeypatch.setattr("os.fsync", lambda descriptor: there.append(file.exists()))
    checkpoints.write(snapshot(advance(run_of(experiment()), 3)), file)
    assert there == [False, True]  # the bytes first, then the folder with the name


def test_a_snapshot_does_not_move_with_the_run() -> None:
    run = run_of(experiment())
    run.pause_at = 3
    ticks = fit(run)
    while next(ticks).step < 3:
        pass
    assert run.state is not None
    taken = snapshot(run.state)
    kept = {name: tensor.clone() for name, tensor in taken.tensors.items()}
    run.pause_at = 9
    while next(ticks).step < 9:
        pass
    assert same(kept, taken.tensors)


def test_the_shelf_keeps_few_snapshots_over_the_whole_run() -> None:
    shelf, wanted = Shelf(most=6), experiment()
    state = begin(wanted, prepared(wanted))
    for step in range(1, 201):
        state.cursor.step = step
        if shelf.is_due(float(step), state):
            shelf.put(snapshot(state), float(step))
        assert len(shelf.steps) <= 6
    assert shelf.steps[0] <= 10
    assert shelf.steps[-1] >= 150
    assert shelf.interval >= 32
    taken = shelf.get(shelf.steps[1])
    assert taken is not None
    assert taken.step == shelf.steps[1]
    shelf.forget_after(shelf.steps[1])
    assert shelf.steps[-1] == taken.step
