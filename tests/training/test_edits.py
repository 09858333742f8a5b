"""Edits of a running run: what changes, what stays, and that the ledger tells it all."""

from typing import Any

import pytest
import torch

from playground.core.edits import EDIT, LedgerEntry, Replace, Rewind, WriteWeight
from playground.core.experiment import Experiment
from playground.training.carry import MEMORY, MOST_REMEMBERED, Remembered, remember
from playground.training.checkpoints import snapshot
from playground.training.fit import fit
from playground.training.replay import replay
from playground.training.run import Run
from playground.training.state import RunState
from tests.training.experiments import (
    CIRCLE_231,
    CIRCLE_2331,
    DROPOUT,
    advance,
    chain,
    dense,
    experiment,
    go_on,
    run_of,
    same,
    weights,
)

STEPPERS = ["autograd", "lockstep"]


def other_training(wanted: Experiment, **changes: Any) -> Experiment:
    return wanted.with_(training=wanted.training.with_(**changes))


def at(step: int, wanted: Experiment, **settings: Any) -> tuple[Run, Any]:
    run = run_of(wanted, **settings)
    run.pause_at = step
    ticks = fit(run)
    go_on(ticks, lambda tick: tick.step == step and tick.doing == "waiting")
    return run, ticks


@pytest.mark.parametrize("stepper", STEPPERS)
def test_a_new_learning_rate_counts_from_the_next_step_on(stepper: str) -> None:
    slow = experiment(optimizer={"kind": "sgd", "learning_rate": 0.1})
    run, ticks = at(5, slow, stepper=stepper)
    before = weights(run.state)
    optimizer = slow.training.optimizer.with_(learning_rate=0.4)
    assert ticks.send(Replace(experiment=other_training(slow, optimizer=optimizer))).edited.step == 5
    run.pause_at = 6
    go_on(ticks, lambda tick: tick.step == 6)
    fast_move = {name: tensor - before[name] for name, tensor in weights(run.state).items()}
    straight = weights(advance(run_of(slow, stepper=stepper), 6))
    for name, move in fast_move.items():
        torch.testing.assert_close(move, 4 * (straight[name] - before[name]), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("stepper", STEPPERS)
def test_the_optimizer_remembers_across_a_new_learning_rate(stepper: str) -> None:
    wanted = experiment(optimizer={"kind": "adam", "learning_rate": 0.01})
    run, ticks = at(5, wanted, stepper=stepper)
    assert run.state is not None
    before = {k: v.clone() for k, v in run.state.stepper.optimizer_state()["model"]["model/n1.linear.weight"].items()}
    optimizer = wanted.training.optimizer.with_(learning_rate=0.02)
    ticks.send(Replace(experiment=other_training(wanted, optimizer=optimizer)))
    after = run.state.stepper.optimizer_state()["model"]["model/n1.linear.weight"]
    assert float(after["step"]) == 5
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_new_batch_size_goes_on_where_the_epoch_was() -> None:
    wanted = experiment(batch_size=10)
    run, ticks = at(3, wanted)
    ticks.send(Replace(experiment=other_training(wanted, batch_size=20)))
    run.pause_at = 5
    tick = go_on(ticks, lambda tick: tick.step == 5)
    assert run.state is not None
    assert (tick.epoch, run.state.cursor.position) == (1, 0)  # 30 cases in three steps, 20 and the last 10


def test_the_inserted_layer_is_new_and_the_rest_is_kept() -> None:
    run, ticks = at(7, experiment(CIRCLE_231))
    before = weights(run.state)
    tick = ticks.send(Replace(experiment=experiment(CIRCLE_2331)))
    assert (tick.edited.kept, tick.edited.new) == (13, 12)
    after = weights(run.state)
    for old, new in (("n1", "n1"), ("n2", "n3")):
        for what in ("weight", "bias"):
            assert torch.equal(before[f"model/{old}.linear.{what}"], after[f"model/{new}.linear.{what}"])
    assert run.state is not None
    assert run.state.new_units == {"dense": [0, 1, 2]}
    assert run.state.new_until == 57
    run.pause_at = None
    assert go_on(ticks, lambda tick: tick.doing == "finished").step == 24


@pytest.mark.parametrize(("units", "kept", "new", "outlined"), [(5, 13, 8, {"hidden": [3, 4]}), (2, 9, 0, {})])
def test_a_wider_or_narrower_layer_keeps_the_units_that_both_have(
    units: int, kept: int, new: int, outlined: dict[str, list[int]]
) -> None:
    run, ticks = at(4, experiment(CIRCLE_231))
    before = weights(run.state)
    tick = ticks.send(Replace(experiment=experiment(chain(("hidden", dense(units, "tanh")), ("last", dense(1))))))
    assert (tick.edited.kept, tick.edited.new) == (kept, new)
    assert run.state is not None
    assert run.state.new_units == outlined
    after, both = weights(run.state), min(units, 3)
    assert torch.equal(after["model/n1.linear.weight"][:both], before["model/n1.linear.weight"][:both])
    assert torch.equal(after["model/n2.linear.weight"][:, :both], before["model/n2.linear.weight"][:, :both])


def test_a_network_that_comes_back_finds_the_weights_that_had_no_place_meanwhile() -> None:
    narrow = experiment(chain(("hidden", dense(2, "tanh")), ("last", dense(1))))
    run, ticks = at(4, experiment(CIRCLE_231))
    before = weights(run.state)
    ticks.send(Replace(experiment=narrow))
    resumed = run_of(narrow, snapshot=snapshot(run.state))
    back = fit(resumed)
    next(back)
    for ticking, one in ((ticks, run), (back, resumed)):
        tick = ticking.send(Replace(experiment=experiment(CIRCLE_231)))
        assert (tick.edited.kept, tick.edited.new) == (13, 0)
        assert one.state is not None
        assert one.state.new_units == {}
        assert same(weights(one.state), before)


def test_what_a_kept_unit_learned_meanwhile_stays_when_the_network_comes_back() -> None:
    run, ticks = at(4, experiment(CIRCLE_231))
    before = weights(run.state)
    ticks.send(Replace(experiment=experiment(chain(("hidden", dense(2, "tanh")), ("last", dense(1))))))
    run.pause_at = 9
    go_on(ticks, lambda tick: tick.doing == "waiting")
    learned = weights(run.state)["model/n1.linear.weight"]
    ticks.send(Replace(experiment=experiment(CIRCLE_231)))
    after = weights(run.state)["model/n1.linear.weight"]
    assert torch.equal(after[:2], learned)
    assert torch.equal(after[2], before["model/n1.linear.weight"][2])
    assert not torch.equal(learned, before["model/n1.linear.weight"][:2])


def test_a_run_remembers_no_more_than_it_may() -> None:
    def one(key: int, numbers: int) -> Remembered:
        return Remembered(str(key), {"model": {"n1": torch.zeros(numbers)}})

    memory: list[Remembered] = []
    for key in range(MOST_REMEMBERED + 4):
        memory = remember(memory, one(key, 10))
    assert [found.key for found in memory] == [str(key) for key in range(4, MOST_REMEMBERED + 4)]
    assert [found.key for found in remember(memory, one(7, 10))][-1] == "7"
    assert len(remember(memory, one(99, MEMORY // 4 - 5))) == 1
    assert remember(memory, one(99, MEMORY)) == []


def test_a_muted_layer_is_as_if_it_were_not_there_and_has_its_weights_when_it_is_switched_on() -> None:
    first = experiment(CIRCLE_2331)
    muted = first.with_network(first.network.mute("dense", True))
    run, ticks = at(4, first)
    before = weights(run.state)
    ticks.send(Replace(experiment=muted))
    assert run.state is not None
    assert run.state.networks["model"].checked.network == experiment(CIRCLE_231).network
    ticks.send(Replace(experiment=first))
    assert same(weights(run.state), before)


def test_moments_of_unchanged_layers_are_kept_and_the_plan_follows() -> None:
    run, ticks = at(7, experiment(CIRCLE_231))
    assert run.state is not None
    assert run.state.stepper.name == "lockstep"
    old = run.state.stepper.optimizer_state()["model"]["model/n2.linear.weight"]["exp_avg"].clone()
    ticks.send(Replace(experiment=experiment(CIRCLE_2331)))
    state = run.state.stepper.optimizer_state()["model"]
    assert torch.equal(state["model/n3.linear.weight"]["exp_avg"], old)
    assert "model/n2.linear.weight" not in state
    assert run.state.stepper.name == "autograd"  # Adam's steps differ between old and new weights


def test_other_data_keep_the_weights_and_begin_the_epoch_again() -> None:
    wanted = experiment(dataset={"kind": "circle", "samples": 120})
    run, ticks = at(9, wanted)
    before = weights(run.state)
    tick = ticks.send(Replace(experiment=experiment(dataset={"kind": "xor", "samples": 200})))
    assert tick.edited.refused is None
    assert tick.edited.kept is None
    assert same(before, weights(run.state))
    assert run.state is not None
    assert (run.state.cursor.epoch, run.state.cursor.position) == (1, 0)
    run.pause_at = None
    assert go_on(ticks, lambda tick: tick.doing == "finished").step == 9 + 3 * 10


def test_an_edit_that_cannot_be_trained_changes_nothing_and_says_why() -> None:
    run, ticks = at(4, experiment())
    before = weights(run.state)
    tick = ticks.send(Replace(experiment=experiment(chain(("last", dense(3))))))
    assert tick.diagnostic is not None
    assert tick.diagnostic.fixes
    assert run.state is not None
    assert run.state.ledger == []
    assert same(before, weights(run.state))
    run.pause_at = 6
    assert go_on(ticks, lambda tick: tick.step == 6)


@pytest.mark.parametrize("stepper", STEPPERS)
def test_a_weight_is_written_by_hand(stepper: str) -> None:
    run, ticks = at(4, experiment(), stepper=stepper)
    ticks.send(WriteWeight(path="hidden", name="weight", index=(2, 1), value=-1.25))
    ticks.send(WriteWeight(path="last", name="bias", index=(0,), value=0.5))
    assert run.state is not None
    assert float(weights(run.state)["model/n1.linear.weight"][2, 1]) == -1.25
    run.pause_at = 5
    go_on(ticks, lambda tick: tick.step == 5)
    moved = float(weights(run.state)["model/n1.linear.weight"][2, 1])
    assert moved != -1.25
    assert abs(moved + 1.25) < 0.1


@pytest.mark.parametrize(
    "edit",
    [
        WriteWeight(path="nobody", name="weight", index=(0, 0), value=1.0),
        WriteWeight(path="hidden", name="weight", index=(3, 0), value=1.0),
        WriteWeight(path="hidden", name="weight", index=(0,), value=1.0),
        WriteWeight(path="hidden", name="weight", index=(0, -1), value=1.0),
        Rewind(step=3),
    ],
)
def test_what_is_not_there_is_refused_in_words(edit: Any) -> None:
    run, ticks = at(4, experiment())
    before = weights(run.state)
    tick = ticks.send(edit)
    assert tick.edited.refused is not None
    assert tick.edited.refused.message.endswith(".")
    assert same(before, weights(run.state))
    assert run.state is not None
    assert run.state.ledger == []


@pytest.mark.parametrize("network", [CIRCLE_231, DROPOUT], ids=["lockstep", "dropout"])
def test_rewind_to_the_beginning_goes_the_same_way_again(network: dict[str, Any]) -> None:
    wanted = experiment(network)
    run, ticks = at(11, wanted)
    first = weights(advance(run_of(wanted), 0))
    eleven = weights(run.state)
    tick = ticks.send(Rewind(step=0))
    assert tick.edited.rewound
    assert tick.step == 0
    assert same(weights(run.state), first)
    go_on(ticks, lambda tick: tick.step == 11)
    assert same(weights(run.state), eleven)


def test_rewind_to_a_kept_step_goes_the_same_way_again() -> None:
    run, ticks = at(11, experiment(DROPOUT), keep=frozenset({5}))
    eleven = weights(run.state)
    tick = ticks.send(Rewind(step=5))
    assert (tick.step, tick.diagnostic) == (5, None)
    go_on(ticks, lambda tick: tick.step == 11)
    assert same(weights(run.state), eleven)


def test_rewind_keeps_the_present_settings() -> None:
    wanted = experiment(CIRCLE_231)
    run, ticks = at(8, wanted, keep=frozenset({4}))
    ticks.send(Replace(experiment=experiment(CIRCLE_2331, optimizer={"kind": "sgd", "learning_rate": 0.2})))
    tick = ticks.send(Rewind(step=4))
    assert tick.edited.refused is None
    assert run.state is not None
    assert set(run.state.networks["model"].names) == {"hidden", "dense", "last"}
    four = weights(advance(run_of(wanted), 4))
    assert torch.equal(weights(run.state)["model/n1.linear.weight"], four["model/n1.linear.weight"])


def with_edits(first: Experiment) -> tuple[RunState, int]:
    """A run that a busy person had."""
    run, ticks = at(6, first, keep=frozenset({6}), slice_seconds=0.001)
    fast = other_training(first, optimizer=first.training.optimizer.with_(learning_rate=0.08))
    assert ticks.send(Replace(experiment=fast)).edited.refused is None
    run.pause_at = 13
    go_on(ticks, lambda tick: tick.doing == "waiting")
    node, grown = next(iter(first.network.nodes[1:2])), fast
    wider = fast.network.set_layer(node.id, node.layer.with_(units=7))
    grown = fast.with_network(wider)
    assert ticks.send(Replace(experiment=grown)).edited.refused is None
    assert ticks.send(WriteWeight(path=node.id, name="weight", index=(6, 0), value=2.0)).edited.refused is None
    run.pause_at = 17
    go_on(ticks, lambda tick: tick.doing == "waiting")
    assert ticks.send(Rewind(step=6)).edited.refused is None
    run.pause_at = 9
    go_on(ticks, lambda tick: tick.doing == "waiting")
    other = experiment(dataset={"kind": "moons", "samples": 100}).data
    assert ticks.send(Replace(experiment=other_training(grown.with_(data=other), batch_size=8))).edited.refused is None
    assert ticks.send(Rewind(step=0)).edited.refused is None
    run.pause_at = 15
    go_on(ticks, lambda tick: tick.doing == "waiting")
    assert run.state is not None
    return run.state, 15


@pytest.mark.parametrize("network", [CIRCLE_231, DROPOUT], ids=["chain", "dropout"])
def test_a_run_is_its_first_experiment_and_its_ledger(network: dict[str, Any]) -> None:
    first = experiment(network, optimizer={"kind": "adam", "learning_rate": 0.02})
    state, step = with_edits(first)
    stored = [entry.model_dump_json() for entry in state.ledger]
    assert len(stored) == 6
    again = replay(run_of(first), [LedgerEntry.model_validate_json(text) for text in stored], step=step)
    assert same(weights(again), weights(state))
    assert again.cursor == state.cursor
    assert all(
        torch.equal(again.randomness.states[kind], state.randomness.states[kind]) for kind in state.randomness.states
    )


def test_edits_are_read_from_json() -> None:
    edit = EDIT.validate_json('{"type": "write_weight", "path": "hidden", "name": "bias", "index": [1], "value": 2}')
    assert isinstance(edit, WriteWeight)
