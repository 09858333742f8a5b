"""Activations are known by their curve: whatever operators a file makes one of, the same numbers are the same thing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.imports.values import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CLOSE = 2e-6
"""Largest difference between two curves that are the same; float32 constants in a file cost that much."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A number-by-number function of a tensor: its values over `grid()`, and the operators it is made of."""

    base: Tensor
    values: Array
    made_of: tuple[str, ...] = ()


def grid() -> Array:
    """Where curves are compared."""
    import numpy as np

    return np.linspace(-8, 8, 129)


def erf(x: Array) -> Array:
    """The error function, number by number."""
    import numpy as np

    return np.array([math.erf(float(value)) for value in x])


def recognised(values: Array) -> dict[str, Any] | None:
    """The activation with this curve, as the JSON form of its layer; `{}` for the straight line y = x; None for none."""
    import numpy as np

    x = grid()
    if not np.isfinite(values).all():
        return None
    if np.abs(values - x).max() <= CLOSE:
        return {}
    for kind, parameter, curve in _candidates(x, values):
        possible = parameter is None or (math.isfinite(parameter[1]) and 0 <= parameter[1] <= 100)
        if possible and np.abs(curve(x) - values).max() <= CLOSE * max(1.0, float(np.abs(values).max())):
            return {"kind": kind} | ({} if parameter is None else {parameter[0]: _round(parameter[1])})
    if np.abs(_gelu_tanh(x) - values).max() <= CLOSE * 8:
        return {"kind": "gelu", "formula": "tanh"}
    return None


def _round(value: float) -> float:
    """As somebody would have written it: 0.01, not 0.009999999776."""
    return float(f"{value:.6g}")


def _gelu_tanh(x: Array) -> Array:
    import numpy as np

    curve: Array = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return curve


def _candidates(x: Array, y: Array) -> list[tuple[str, tuple[str, float] | None, Callable[[Array], Array]]]:
    """Every activation with the parameter that the values ask for."""
    import numpy as np

    def sigmoid(v: Array) -> Array:
        return 1 / (1 + np.exp(-v))

    def softplus(v: Array) -> Array:
        return np.logaddexp(0, v)

    middle = len(x) // 2
    slope = float(_round(float(y[0] / x[0])))
    alpha = _round(float(y[0] / (math.exp(x[0]) - 1)))
    beta = _round(math.log(2) / float(y[middle])) if y[middle] > 0 else math.nan
    six = np.clip(x / 6 + 0.5, 0, 1)
    found: list[tuple[str, tuple[str, float] | None, Callable[[Array], Array]]] = [
        ("relu", None, lambda v: np.maximum(v, 0)),
        ("sigmoid", None, sigmoid),
        ("tanh", None, np.tanh),
        ("gelu", None, lambda v: 0.5 * v * (1 + erf(v / math.sqrt(2)))),
        ("silu", None, lambda v: v * sigmoid(v)),
        ("mish", None, lambda v: v * np.tanh(softplus(v))),
        ("hard_sigmoid", None, lambda v: six),
        ("hard_swish", None, lambda v: v * six),
        ("hard_tanh", None, lambda v: np.clip(v, -1, 1)),
        ("selu", None, lambda v: 1.0507009873554805 * np.where(v > 0, v, 1.6732632423543772 * (np.exp(v) - 1))),
        ("leaky_relu", ("slope", slope), lambda v: np.where(v > 0, v, slope * v)),
        ("elu", ("alpha", alpha), lambda v: np.where(v > 0, v, alpha * (np.exp(np.minimum(v, 0)) - 1))),
        ("softplus", ("beta", beta), lambda v: softplus(beta * v) / beta),
    ]
    return found


def steepness(values: Array) -> float | None:
    """a of a straight line y = a x; None for anything else."""
    import numpy as np

    x = grid()
    a = float(values[0] / x[0])
    return a if np.abs(a * x - values).max() <= CLOSE * max(1.0, abs(a)) else None
