"""Every optimizer: each step is the formula written out in numpy, and it goes down a named surface."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from playground.optimizers import optimizers

Array = NDArray[Any]
Gradient = Callable[[Array], Array]

optimizers.discover()
BOWL = np.array([1.0, 10.0])
START = np.array([3.0, -2.0])
STEPS = 25


def bowl(w: Array) -> Array:
    """Slope of (x² + 10 y²) / 2."""
    return BOWL * w


def sgd(w: Array, s: dict[str, Any]) -> list[Array]:
    kept, path = np.zeros_like(w), []
    for _ in range(STEPS):
        g = bowl(w) + s["weight_decay"] * w
        kept = s["momentum"] * kept + g
        w = w - s["learning_rate"] * (g + s["momentum"] * kept if s["nesterov"] else kept)
        path.append(w)
    return path


def adam(w: Array, s: dict[str, Any], *, decoupled: bool = False) -> list[Array]:
    m, v, path = np.zeros_like(w), np.zeros_like(w), []
    for t in range(1, STEPS + 1):
        g = bowl(w) + (0 if decoupled else s["weight_decay"] * w)
        w = w * (1 - s["learning_rate"] * s["weight_decay"]) if decoupled else w
        m, v = s["beta1"] * m + (1 - s["beta1"]) * g, s["beta2"] * v + (1 - s["beta2"]) * g**2
        upright = m / (1 - s["beta1"] ** t), v / (1 - s["beta2"] ** t)
        w = w - s["learning_rate"] * upright[0] / (np.sqrt(upright[1]) + s["epsilon"])
        path.append(w)
    return path


def adamw(w: Array, s: dict[str, Any]) -> list[Array]:
    return adam(w, s, decoupled=True)


def rmsprop(w: Array, s: dict[str, Any]) -> list[Array]:
    v, kept, path = np.zeros_like(w), np.zeros_like(w), []
    for _ in range(STEPS):
        g = bowl(w) + s["weight_decay"] * w
        v = s["smoothing"] * v + (1 - s["smoothing"]) * g**2
        kept = s["momentum"] * kept + g / (np.sqrt(v) + s["epsilon"])
        w = w - s["learning_rate"] * kept
        path.append(w)
    return path


def adagrad(w: Array, s: dict[str, Any]) -> list[Array]:
    total, path = np.zeros_like(w), []
    for _ in range(STEPS):
        g = bowl(w) + s["weight_decay"] * w
        total = total + g**2
        w = w - s["learning_rate"] * g / (np.sqrt(total) + s["epsilon"])
        path.append(w)
    return path


ORACLES: dict[str, Callable[[Array, dict[str, Any]], list[Array]]] = {
    "sgd": sgd,
    "adam": adam,
    "adamw": adamw,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
}
OTHERS: dict[str, list[dict[str, Any]]] = {
    "sgd": [{"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}, {"weight_decay": 0.1, "momentum": 0.5}],
    "adam": [{"weight_decay": 0.1}, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}],
    "adamw": [{"weight_decay": 0.3}],
    "rmsprop": [{"momentum": 0.9}, {"smoothing": 0.9, "weight_decay": 0.1}],
    "adagrad": [{"weight_decay": 0.1}],
}
JOBS = [(kind, settings) for kind in optimizers.kinds() for settings in [{}, *OTHERS[kind]]]


def walk(kind: str, settings: dict[str, Any], steps: int, rate: float) -> list[Array]:
    parameter = torch.nn.Parameter(torch.tensor(START))
    optimizer = optimizers.read({"kind": kind, "learning_rate": rate, **settings}).build([parameter])
    path = []
    for _ in range(steps):
        parameter.grad = torch.tensor(bowl(parameter.detach().numpy()))
        optimizer.step()
        path.append(parameter.detach().numpy().copy())
    return path


@pytest.mark.parametrize(("kind", "settings"), JOBS)
def test_every_step_is_the_formula(kind: str, settings: dict[str, Any]) -> None:
    part = optimizers.read({"kind": kind, "learning_rate": 0.05, **settings})
    expected = ORACLES[kind](START.copy(), part.model_dump())
    np.testing.assert_allclose(walk(kind, settings, STEPS, 0.05), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", optimizers.kinds())
def test_it_reaches_the_bottom_of_the_bowl(kind: str) -> None:
    # From (3, −2), 400 steps at a rate of 0.05, which is under the 0.2 at which plain descent overshoots.
    rate = 0.5 if kind == "adagrad" else 0.05
    assert np.abs(walk(kind, {}, 400, rate)[-1]).max() < 0.06


@pytest.mark.parametrize("kind", optimizers.kinds())
def test_the_learning_rate_is_a_logarithmic_slider(kind: str) -> None:
    field = next(field for field in optimizers.describe() if field["kind"] == kind)["fields"][0]
    assert field["name"] == "learning_rate"
    assert field["logarithmic"]
    assert field["slider"]
    assert field["exclusive_minimum"]


def test_looking_ahead_without_momentum_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="needs momentum above 0; got 0"):
        optimizers.read({"kind": "sgd", "nesterov": True})
