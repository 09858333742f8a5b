"""Every loss: a five-line numpy version, its value at a perfect answer, and what it refuses."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from playground.core.facts import Facts, Task
from playground.core.network import Network
from playground.core.shapes import check
from playground.layers import layers
from playground.losses import losses

Array = NDArray[Any]

losses.discover()


def softmax(raw: Array) -> Array:
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


def binary_cross_entropy(raw: Array, targets: Array) -> float:
    p = 1 / (1 + np.exp(-raw[:, 0]))
    return float(-np.mean(np.where(targets == 1, np.log(p), np.log(1 - p))))


def cross_entropy(raw: Array, targets: Array, label_smoothing: float = 0.0) -> float:
    logs, classes = np.log(softmax(raw)), raw.shape[1]
    right = logs[np.arange(len(targets)), targets]
    return float(-np.mean((1 - label_smoothing) * right + label_smoothing * logs.sum(axis=1) / classes))


def hinge(raw: Array, targets: Array) -> float:
    return float(np.mean(np.maximum(0, 1 - np.where(targets == 1, 1, -1) * raw[:, 0])))


def mean_squared_error(raw: Array, targets: Array) -> float:
    return float(np.mean((raw - targets) ** 2))


def mean_absolute_error(raw: Array, targets: Array) -> float:
    return float(np.mean(np.abs(raw - targets)))


def huber(raw: Array, targets: Array, delta: float = 1.0) -> float:
    off = np.abs(raw - targets)
    return float(np.mean(np.where(off < delta, off**2 / 2, delta * (off - delta / 2))))


ORACLES: dict[str, Callable[..., float]] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
    "mean_squared_error": mean_squared_error,
    "mean_absolute_error": mean_absolute_error,
    "huber": huber,
}
OTHER_SETTINGS: dict[str, dict[str, float]] = {"cross_entropy": {"label_smoothing": 0.2}, "huber": {"delta": 0.3}}


def cases(task: Task) -> tuple[Array, Array]:
    draw = np.random.default_rng(4)
    if task == "binary":
        return draw.normal(size=(40, 1)) * 2, draw.integers(0, 2, 40)
    if task == "classes":
        return draw.normal(size=(40, 5)) * 2, draw.integers(0, 5, 40)
    return draw.normal(size=(40, 2)), draw.normal(size=(40, 2))


@pytest.mark.parametrize("kind", losses.kinds())
def test_a_loss_equals_its_numpy_version(kind: str) -> None:
    for settings in ({}, OTHER_SETTINGS.get(kind, {})):
        loss = losses.read({"kind": kind, **settings})
        for task in loss.tasks:
            raw, targets = cases(task)
            value = loss.build()(torch.tensor(raw), torch.tensor(targets))
            assert value.shape == ()
            assert float(value) == pytest.approx(ORACLES[kind](raw, targets, **settings), rel=1e-9)


@pytest.mark.parametrize("kind", losses.kinds())
def test_a_perfect_answer_costs_nothing(kind: str) -> None:
    loss = losses.read({"kind": kind})
    for task in loss.tasks:
        raw, targets = cases(task)
        if task == "binary":
            raw = np.where(targets == 1, 40.0, -40.0)[:, None]
        elif task == "classes":
            raw = np.eye(5)[targets] * 80
        else:
            raw = targets
        assert float(loss.build()(torch.tensor(raw), torch.tensor(targets))) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", losses.kinds())
def test_the_mean_does_not_depend_on_how_many_cases_there_are(kind: str) -> None:
    loss = losses.read({"kind": kind})
    raw, targets = cases(loss.tasks[0])
    once = loss.build()(torch.tensor(raw), torch.tensor(targets))
    twice = loss.build()(torch.tensor(np.tile(raw, (2, 1))), torch.tensor(np.concatenate([targets, targets])))
    torch.testing.assert_close(once, twice)


def drawn(task: Task, activation: str | None = None) -> tuple[Any, Facts]:
    width = {"binary": 1, "classes": 5, "regression": 2}[task]
    classes = {"binary": ("no", "yes"), "classes": tuple("abcde"), "regression": ()}[task]
    facts = Facts(task=task, input_shape=(3,), output_width=width, classes=classes)
    bend = {"kind": activation} if activation else None
    dense = layers.read({"kind": "dense", "units": width, "activation": bend})
    network = Network().add(layers.read({"kind": "input"})).add(dense, after="input")
    return check(network.add(layers.read({"kind": "output"}), after="dense"), facts), facts


TASKS: tuple[Task, ...] = ("binary", "classes", "regression")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kind", losses.kinds())
def test_data_of_another_task_are_refused_with_a_loss_that_fits(kind: str, task: Task) -> None:
    loss = losses.read({"kind": kind})
    notes = loss.check(*drawn(task))
    if task in loss.tasks:
        assert notes == []
        return
    (note,) = notes
    assert note.severity == "error"
    assert loss.title in note.message
    (op,) = note.fixes[0].ops
    assert op["path"] == "objective.loss"
    better = losses.read(json.loads(json.dumps(op["value"])))
    assert better.check(*drawn(task)) == []


@pytest.mark.parametrize(
    ("kind", "task", "activation"),
    [("binary_cross_entropy", "binary", "sigmoid"), ("cross_entropy", "classes", "softmax")],
)
def test_an_activation_that_the_loss_contains_is_warned_about(kind: str, task: Task, activation: str) -> None:
    (note,) = losses.read({"kind": kind}).check(*drawn(task, activation))
    assert note.severity == "warning"
    assert activation in note.message
