"""All steppers make the same steps."""

from typing import Any

import pytest
import torch

from playground.training.fit import fit
from playground.training.plan import plan
from tests.training.experiments import CIRCLE_231, DROPOUT, advance, chain, dense, experiment, run_of, weights

DEEP = chain(("a", dense(5, "tanh")), ("b", dense(4, "relu")), ("c", dense(3, "sigmoid")), ("d", dense(1)))
PLAIN = chain(
    ("a", {"kind": "dense", "units": 4, "bias": False, "activation": None}),
    ("r", {"kind": "relu"}),
    ("d", dense(1, "tanh")),
)
ONE = chain(("only", dense(1)))
KINDS = chain(("a", dense(6, "tanh")), ("d", dense(3)))
NUMBER = {
    "dataset": {"kind": "regression-plane", "samples": 120},
    "loss": {"kind": "mean_squared_error"},
    "metrics": [],
}
IRIS = {"dataset": {"kind": "iris"}, "loss": {"kind": "cross_entropy"}}

OPTIMIZERS: list[dict[str, Any]] = [
    {"kind": "sgd", "learning_rate": 0.1},
    {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
    {"kind": "adam", "learning_rate": 0.01},
    {"kind": "adam", "learning_rate": 0.01, "weight_decay": 0.1, "beta1": 0.8, "epsilon": 1e-6},
    {"kind": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
]
JOBS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("deep", DEEP, {}),
    ("plain", PLAIN, {}),
    ("one", ONE, {}),
    ("number", DEEP, NUMBER),
    ("kinds", KINDS, IRIS),
]


def after(steps: int, dtype: torch.dtype, stepper: str, wanted: Any) -> tuple[dict[str, torch.Tensor], list[float]]:
    run = run_of(wanted, dtype=dtype, stepper=stepper, slice_seconds=0.0, stop_at=steps)
    losses = [tick.loss for tick in fit(run) if tick.loss is not None]
    assert run.state is not None
    assert run.state.stepper.name == stepper
    return weights(run.state), losses


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: "-".join(map(str, o.values())))
@pytest.mark.parametrize(("network", "settings"), [job[1:] for job in JOBS], ids=[job[0] for job in JOBS])
def test_lockstep_makes_the_steps_of_autograd(
    network: dict[str, Any], settings: dict[str, Any], optimizer: dict[str, Any]
) -> None:
    # 7 cases a batch: the last batch of an epoch has another size.
    wanted = experiment(network, optimizer=optimizer, schedule={"kind": "cosine"}, batch_size=7, epochs=9, **settings)
    for dtype, steps, atol in ((torch.float64, 40, 1e-10), (torch.float32, 10, 1e-5)):
        expected, losses = after(steps, dtype, "autograd", wanted)
        got, same_losses = after(steps, dtype, "lockstep", wanted)
        for name in expected:
            torch.testing.assert_close(got[name], expected[name], rtol=0, atol=atol)
        assert same_losses == pytest.approx(losses, abs=atol)


def test_lockstep_takes_pictures_as_rows() -> None:
    network = chain(("flat", {"kind": "flatten"}), ("a", dense(8, "relu")), ("d", dense(10)))
    wanted = experiment(network, dataset={"kind": "digits"}, loss={"kind": "cross_entropy"}, batch_size=64)
    expected, _ = after(10, torch.float32, "autograd", wanted)
    got, _ = after(10, torch.float32, "lockstep", wanted)
    for name in expected:
        torch.testing.assert_close(got[name], expected[name], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "settings", "expected"),
    [
        (CIRCLE_231, {}, "lockstep"),
        (KINDS, IRIS, "lockstep"),
        (DROPOUT, {}, "autograd"),
        (CIRCLE_231, {"optimizer": {"kind": "rmsprop"}}, "autograd"),
        (CIRCLE_231, {"loss": {"kind": "hinge"}}, "autograd"),
        (KINDS, {**IRIS, "loss": {"kind": "cross_entropy", "label_smoothing": 0.1}}, "autograd"),
        (chain(("a", dense(4, "gelu")), ("d", dense(1))), {}, "autograd"),
        (chain(("a", dense(4)), ("n", {"kind": "batch_norm"}), ("d", dense(1))), {}, "autograd"),
    ],
)
def test_the_plan_takes_the_fastest_that_can(network: dict[str, Any], settings: dict[str, Any], expected: str) -> None:
    state = advance(run_of(experiment(network, **settings)), 0)
    assert plan(state.experiment, state.networks) == state.stepper.name == expected


def test_two_branches_are_no_chain() -> None:
    network = chain(("a", dense(3, "tanh")), ("b", dense(3)), ("sum", {"kind": "add"}), ("d", dense(1)))
    network["edges"].append({"source": "a", "target": "sum"})
    assert advance(run_of(experiment(network)), 0).stepper.name == "autograd"
