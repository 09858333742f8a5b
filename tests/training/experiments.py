"""Small experiments that the tests of training share."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

from playground.core.experiment import Experiment
from playground.training.fit import fit
from playground.training.ledger import AnyEdit
from playground.training.prepared import Prepared, prepare
from playground.training.run import Run, Tick
from playground.training.state import RunState

Layers = list[tuple[str, dict[str, Any]]]


def dense(units: int, activation: str | None = None) -> dict[str, Any]:
    return {"kind": "dense", "units": units, "activation": {"kind": activation} if activation else None}


def chain(*layers: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A network document: input, these layers, output."""
    nodes = [("input", {"kind": "input"}), *layers, ("output", {"kind": "output"})]
    ids = [id for id, _ in nodes]
    return {
        "nodes": [{"id": id, "layer": layer} for id, layer in nodes],
        "edges": [{"source": a, "target": b} for a, b in pairwise(ids)],
    }


CIRCLE_231 = chain(("hidden", dense(3, "tanh")), ("last", dense(1)))
CIRCLE_2331 = chain(("hidden", dense(3, "tanh")), ("dense", dense(3, "tanh")), ("last", dense(1)))
DROPOUT = chain(("hidden", dense(6, "relu")), ("drop", {"kind": "dropout", "rate": 0.3}), ("last", dense(1)))


def experiment(
    network: dict[str, Any] = CIRCLE_231,
    *,
    dataset: dict[str, Any] | None = None,
    split: dict[str, Any] | None = None,
    preparation: list[dict[str, Any]] | None = None,
    loss: dict[str, Any] | None = None,
    optimizer: dict[str, Any] | None = None,
    schedule: dict[str, Any] | None = None,
    metrics: list[dict[str, Any]] | None = None,
    batch_size: int = 10,
    epochs: int = 4,
    seed: int = 0,
) -> Experiment:
    """An experiment on 60 training points of the circle, unless said otherwise."""
    split = split or {"train": 0.5, "validation": 0.25, "test": 0.25, "sealed": 0.0}
    document = {
        "networks": {"model": network},
        "data": {
            "dataset": dataset or {"kind": "circle", "samples": 120},
            "split": split,
            "preparation": preparation or [],
        },
        "objective": {"kind": "supervised", "loss": loss or {"kind": "binary_cross_entropy"}},
        "training": {
            "optimizer": optimizer or {"kind": "adam", "learning_rate": 0.03},
            "schedule": schedule or {"kind": "constant"},
            "batch_size": batch_size,
            "epochs": epochs,
        },
        "metrics": metrics if metrics is not None else [{"kind": "accuracy"}],
        "seed": seed,
    }
    return Experiment.model_validate_json(json.dumps(document))


def prepared(wanted: Experiment) -> Prepared:
    return prepare(wanted.data)


def run_of(wanted: Experiment, **settings: Any) -> Run:
    return Run(wanted, prepared(wanted), device="cpu", **settings)


def advance(run: Run, step: int, *edits: AnyEdit) -> RunState:
    """Train from the beginning up to this step, then apply the edits."""
    run.pause_at = step
    ticks = fit(run)
    go_on(ticks, lambda tick: tick.step >= step)
    for edit in edits:
        assert ticks.send(edit).edited is not None
    assert run.state is not None
    return run.state


def go_on(ticks: Any, until: Callable[[Tick], bool]) -> Tick:
    """Ticks until the condition holds, or the run is over."""
    for tick in ticks:
        if until(tick):
            return tick
    raise AssertionError("the run ended first")


def weights(state: RunState) -> dict[str, torch.Tensor]:
    return {
        f"{role}/{name}": tensor.clone()
        for role, module in state.modules.items()
        for name, tensor in module.state_dict().items()
    }


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether both hold the same bytes."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
