"""Activations against torch's own functions, and what the rest of the house needs of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F  # noqa: N812  # its usual name

from playground.core.layer import Layer
from playground.layers import layers
from playground.layers.activation import GELU, Softmax

ACTIVATIONS = [part.kind for part in layers if part.group == "Activations"]
SCOPE = (
    """relu leaky_relu prelu elu selu softplus gelu silu mish hard_sigmoid hard_swish hard_tanh sigmoid tanh softmax"""
)

FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
    "prelu": lambda x: F.prelu(x, torch.tensor([0.25])),
    "elu": F.elu,
    "selu": F.selu,
    "softplus": F.softplus,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish,
    "hard_tanh": F.hardtanh,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda x: F.softmax(x, dim=-1),
}


def apply(layer: Layer, x: torch.Tensor) -> torch.Tensor:
    answer = layer.build(tuple(x.shape[1:])).eval()(x)
    assert isinstance(answer, torch.Tensor)
    return answer.detach()


def test_every_activation_of_the_scope_is_there() -> None:
    assert sorted(ACTIVATIONS) == sorted(SCOPE.split())


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_activation_equals_the_function_of_torch(kind: str) -> None:
    x = torch.linspace(-8, 8, 321).reshape(1, -1)
    torch.testing.assert_close(apply(layers[kind](), x), FUNCTIONS[kind](x), rtol=0, atol=0)


def test_settings_reach_the_function() -> None:
    x = torch.linspace(-3, 3, 60).reshape(6, 10)
    torch.testing.assert_close(apply(GELU(formula="tanh"), x), F.gelu(x, approximate="tanh"))
    torch.testing.assert_close(apply(layers["elu"].model_validate({"alpha": 2.0}), x), F.elu(x, 2.0))
    torch.testing.assert_close(apply(layers["softplus"].model_validate({"beta": 3.0}), x), F.softplus(x, 3.0))
    torch.testing.assert_close(apply(layers["leaky_relu"].model_validate({"slope": 0.3}), x), F.leaky_relu(x, 0.3))
    torch.testing.assert_close(apply(Softmax(temperature=0.5), x), F.softmax(x * 2, dim=-1))


def test_softmax_adds_up_to_one_at_every_place_of_a_picture() -> None:
    shares = apply(Softmax(temperature=2.0), torch.randn(2, 5, 3, 4))
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(2, 3, 4))


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_every_activation_says_what_it_does_to_a_sum(kind: str) -> None:
    """It completes "This unit adds up 0.8 × x₁ + 0.1, then …"."""
    part = layers[kind]
    assert part.phrase.lower().endswith(f"({part.title.lower()})")
    assert part.phrase[0].islower()
    assert part.silhouette == "activation"


def test_the_phrase_of_tanh_is_the_one_of_the_first_lesson() -> None:
    assert layers["tanh"].phrase == "squashes it (tanh)"
