"""The training loop: what it computes, how it is cut into slices, what it leaves alone."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from playground.core.edits import Replace
from playground.training.checkpoints import snapshot
from playground.training.feed import seed_of
from playground.training.fit import fit
from playground.training.run import Result, Run, Tick, train
from playground.training.state import CannotTrain
from tests.training.experiments import (
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


def ticks_of(run: Run) -> tuple[list[Tick], Result]:
    ticks, generator = [], fit(run)
    while True:
        try:
            ticks.append(next(generator))
        except StopIteration as end:
            return ticks, end.value


def test_a_run_computes_what_a_loop_written_out_in_torch_computes() -> None:
    schedule = {"kind": "one_cycle"}
    wanted = experiment(batch_size=16, epochs=3, seed=7, schedule=schedule)  # 60 cases: the last batch has 12
    run = run_of(wanted)
    begun = weights(advance(run_of(wanted), 0))
    result = ticks_of(run)[1]

    names = [f"model/n{number}.linear.{what}" for number in (1, 2) for what in ("weight", "bias")]
    w1, b1, w2, b2 = (begun[name].requires_grad_() for name in names)
    optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=0.03)
    x, y = (
        torch.tensor(np.asarray(values)) for values in (run.prepared.inputs("train"), run.prepared.targets("train"))
    )
    step = 0
    for epoch in range(3):
        order = torch.randperm(60, generator=torch.Generator().manual_seed(seed_of(7, "order", epoch)))
        for rows in order.split(16):
            factor = wanted.training.schedule.factor(step, steps=12, steps_per_epoch=4)
            optimizer.param_groups[0]["lr"] = 0.03 * factor
            raw = torch.tanh(x[rows] @ w1.T + b1) @ w2.T + b2
            loss = functional.binary_cross_entropy_with_logits(raw[:, 0], y[rows].float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
    for name, tensor in zip(names, (w1, b1, w2, b2), strict=True):
        torch.testing.assert_close(weights(result.state)[name], tensor.detach(), rtol=0, atol=1e-6)
    assert (result.steps, result.epochs, result.parameters) == (12, 3, 13)


def test_the_circle_is_learned() -> None:
    wanted = experiment(dataset={"kind": "circle", "samples": 240}, epochs=60)
    result = train(wanted, device="cpu")
    assert result.scores["test"]["accuracy"] > 0.9
    assert result.scores["train"]["loss"] < 0.25


def test_scores_are_those_of_the_last_weights() -> None:
    run = run_of(experiment())
    result = ticks_of(run)[1]
    w = {name: np.asarray(tensor, dtype=np.float64) for name, tensor in weights(result.state).items()}
    for part in ("train", "validation", "test"):
        x, y = run.prepared.inputs(part), run.prepared.targets(part)
        hidden = np.tanh(x @ w["model/n1.linear.weight"].T + w["model/n1.linear.bias"])
        p = 1 / (1 + np.exp(-(hidden @ w["model/n2.linear.weight"].T + w["model/n2.linear.bias"])[:, 0]))
        loss = -np.mean(np.where(y == 1, np.log(p), np.log(1 - p)))
        assert result.scores[part]["loss"] == pytest.approx(loss, abs=1e-5)
        assert result.scores[part]["accuracy"] == pytest.approx(np.mean((p > 0.5) == (y == 1)), abs=1e-6)


def test_a_slice_without_time_is_one_batch_of_anything() -> None:
    ticks, result = ticks_of(run_of(experiment(epochs=2), slice_seconds=0.0))
    assert all(tick.steps <= 1 for tick in ticks)
    assert sum(tick.steps for tick in ticks) == result.steps == 12
    assert not any(tick.steps and tick.point for tick in ticks)  # a step and an evaluation are two slices


def test_however_it_is_sliced_the_weights_are_the_same() -> None:
    results = [ticks_of(run_of(experiment(DROPOUT), slice_seconds=seconds))[1] for seconds in (0.0, 0.003, 1.0)]
    assert same(weights(results[0].state), weights(results[1].state))
    assert same(weights(results[0].state), weights(results[2].state))


def test_the_callers_random_state_is_untouched_at_every_tick() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    for _ in fit(run_of(experiment(DROPOUT))):
        assert torch.equal(torch.get_rng_state(), before)


def test_two_interleaved_runs_give_the_bytes_each_gives_alone() -> None:
    wanted = [experiment(DROPOUT, seed=seed, batch_size=size) for seed, size in ((1, 10), (2, 7))]
    alone = [weights(ticks_of(run_of(one))[1].state) for one in wanted]
    assert not same(*alone)
    runs = [run_of(one, slice_seconds=0.0005) for one in wanted]
    going = [fit(run) for run in runs]
    while going:
        for generator in list(going):
            torch.rand(3)  # somebody else draws in between
            if next(generator, None) is None:
                going.remove(generator)
    for run, expected in zip(runs, alone, strict=True):
        assert run.state is not None
        assert same(weights(run.state), expected)


def test_the_same_seed_shows_the_same_loss_at_landmarks() -> None:
    curves = []
    for seconds in (0.0, 0.01):
        ticks, _ = ticks_of(run_of(experiment(epochs=9), slice_seconds=seconds))
        curves.append({tick.point["step"]: tick.point["train_loss"] for tick in ticks if tick.point})
    assert {0, 1, 2, 5, 10, 20, 50} <= curves[0].keys() & curves[1].keys()
    assert all(curves[0][step] == curves[1][step] for step in curves[0].keys() & curves[1].keys())


def test_a_run_pauses_at_a_step_and_goes_on() -> None:
    run = run_of(experiment())
    run.pause_at = 3
    ticks = fit(run)
    go_on(ticks, lambda tick: tick.doing == "waiting")
    assert next(ticks).step == next(ticks).step == 3
    run.pause_at = None
    assert go_on(ticks, lambda tick: tick.doing == "finished").step == 24


def test_a_run_stops_where_it_is_told_to() -> None:
    _, result = ticks_of(run_of(experiment(), stop_at=5))
    assert (result.steps, result.epochs) == (5, 0)
    assert set(result.scores) == {"train", "validation", "test"}


def test_a_loss_that_is_no_number_stops_the_run_in_plain_words() -> None:
    wanted = experiment(
        chain(("last", dense(1))),
        dataset={"kind": "regression-plane", "samples": 120},
        loss={"kind": "mean_squared_error"},
        optimizer={"kind": "sgd", "learning_rate": 3.0},
        metrics=[],
        epochs=100,
    )
    run = run_of(wanted)
    ticks = fit(run)
    tick = go_on(ticks, lambda tick: tick.doing == "trouble")
    assert tick.diagnostic is not None
    assert tick.diagnostic.message.startswith("The loss is not a number since step ")
    assert tick.diagnostic.message.endswith("The learning rate 3 is too large: each step overshoots.")
    said = int(tick.diagnostic.message.split("step ")[1].split(".")[0].replace(",", ""))
    assert next(ticks).step == tick.step  # nothing more happens
    losses = []
    for early in fit(run_of(wanted, slice_seconds=0.0, halt_on_trouble=False, stop_at=said)):
        losses += [early.loss] if early.loss is not None else []
    assert [math.isfinite(loss) for loss in losses] == [True] * (said - 1) + [False]
    training = wanted.training.with_(optimizer=wanted.training.optimizer.with_(learning_rate=0.01))
    answer = ticks.send(Replace(experiment=wanted.with_(training=training)))
    assert answer.diagnostic is None


@pytest.mark.parametrize(
    ("network", "words"),
    [(chain(("last", dense(3))), "blue|orange|kind|number"), (chain(), "weights|number|kind")],
)
def test_what_cannot_be_trained_is_refused_before_the_first_tick(network: dict[str, Any], words: str) -> None:
    with pytest.raises(CannotTrain, match=words):
        next(fit(run_of(experiment(network))))


def test_a_last_batch_of_one_case_is_left_out_where_batch_norm_needs_company() -> None:
    network = chain(("hidden", dense(4)), ("norm", {"kind": "batch_norm"}), ("last", dense(1)))
    result = ticks_of(run_of(experiment(network, batch_size=59, epochs=2)))[1]
    assert result.steps == 2
    assert ticks_of(run_of(experiment(batch_size=59, epochs=2)))[1].steps == 4


def test_the_test_part_is_read_at_ends_of_epochs_only_and_counted() -> None:
    run = run_of(experiment(epochs=3), slice_seconds=0.0)
    ticks, result = ticks_of(run)
    points = [tick.point for tick in ticks if tick.point and "test_loss" in tick.point]
    assert points
    assert all(point["step"] % 6 == 0 for point in points)
    assert result.state.test_reads == run.prepared.test_reads == len(points)  # type: ignore[attr-defined]


def test_a_table_keeps_its_test_part_for_the_end() -> None:
    wanted = experiment(
        chain(("hidden", dense(8, "relu")), ("last", dense(3))),
        dataset={"kind": "iris"},
        loss={"kind": "cross_entropy"},
        preparation=[{"kind": "standardise"}],
    )
    ticks, result = ticks_of(run_of(wanted))
    assert [tick.step for tick in ticks if tick.point and "test_loss" in tick.point] == [result.steps]
    assert result.state.test_reads == 1


def test_snapshots_do_not_disturb_a_run() -> None:
    run = run_of(experiment(DROPOUT), slice_seconds=0.0)
    for tick in fit(run):
        snapshot(tick.state)
    assert run.state is not None
    assert same(weights(run.state), weights(ticks_of(run_of(experiment(DROPOUT)))[1].state))


def test_a_tick_makes_no_more_steps_than_it_may() -> None:
    run = run_of(experiment(epochs=20))
    run.most_steps, run.slice_seconds = 3, 10.0
    ticks, result = ticks_of(run)
    assert max(tick.steps for tick in ticks) == 3
    assert result.steps == 20 * 6
    free = run_of(experiment(epochs=20))
    assert same(weights(result.state), weights(ticks_of(free)[1].state))
