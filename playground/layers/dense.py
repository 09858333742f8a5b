"""Layers in which every output looks at every input."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Activation, Layer, Silhouette, in_sequence
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("dense", title="Dense", group="Basics", synonyms=("fully connected", "linear", "hidden layer"))
class Dense(Layer):
    """Every unit looks at every input: it adds them up, each times its weight, plus a bias, then applies the activation.

    The answer is activation(W x + b), W one row a unit. Of a sequence (positions × features) every position is
    answered by itself, with the same weights.
    """

    silhouette: ClassVar[Silhouette] = "dense"
    summary: ClassVar[str] = "{units} · {activation}"
    trainable: ClassVar[bool] = True
    width_field: ClassVar[str] = "units"

    units: int = Field(8, ge=1, le=65_536, description="How many numbers it answers, and so how many rows W has.")
    activation: Activation | None = Field(
        None, description="What bends each sum. Without one, the layer is a straight-line function."
    )
    bias: bool = Field(True, description="Whether each unit may shift its sum by a constant.")

    @property
    def linear(self) -> bool:
        return self.activation is None

    def output_shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) > 2:
            raise say.needs_flat(shape)
        return (*shape[:-1], self.units)

    def parameters(self, *shapes: Shape) -> int:
        own = self.units * (shapes[0][-1] + self.bias)
        return own + (self.activation.parameters(self.output_shape(*shapes)) if self.activation else 0)

    def flops(self, *shapes: Shape) -> int:
        answer = self.output_shape(*shapes)
        own = math.prod(answer) * (2 * shapes[0][-1] - 1 + self.bias)
        return own + (self.activation.flops(answer) if self.activation else 0)

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        linear = nn.Linear(shapes[0][-1], self.units, bias=self.bias)
        if self.activation is None:
            return nn.Sequential(OrderedDict(linear=linear))
        return nn.Sequential(OrderedDict(linear=linear, activation=self.activation.build(self.output_shape(*shapes))))

    def source(self, *shapes: Shape) -> str:
        linear = f"nn.Linear({shapes[0][-1]}, {self.units}" + ("" if self.bias else ", bias=False") + ")"
        if self.activation is None:
            return in_sequence(linear=linear)
        return in_sequence(linear=linear, activation=self.activation.source(self.output_shape(*shapes)))
