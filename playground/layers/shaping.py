"""Layers that move numbers and change none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Layer, in_sequence
from playground.core.part import FromList
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("flatten", title="Flatten", group="Shape", synonyms=("vector", "unroll"))
class Flatten(Layer):
    """Lays all numbers of a case out in one row, so that a dense layer can take a picture. It learns nothing.

    Which numbers were neighbours is lost: the next layer has to find out by itself.
    """

    passes: ClassVar[bool] = True

    def output_shape(self, *shapes: Shape) -> Shape:
        return (math.prod(shapes[0]),)

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.Flatten()

    def source(self, *shapes: Shape) -> str:
        return "nn.Flatten()"


@layers.register("reshape", title="Reshape", group="Shape", synonyms=("view", "unflatten"))
class Reshape(Layer):
    """The same numbers in the same order, cut into other lengths: 784 numbers as one picture of 28 × 28."""

    summary: ClassVar[str] = "{shape}"
    passes: ClassVar[bool] = True

    shape: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65_536)], ...],
        FromList,
        Field(min_length=1, max_length=4, description="The new lengths: channels, height and width of a picture."),
    ] = (1, 28, 28)

    def output_shape(self, *shapes: Shape) -> Shape:
        if math.prod(shapes[0]) != math.prod(self.shape):
            raise say.cannot_reshape(shapes[0], self.shape)
        return self.shape

    def build(self, *shapes: Shape) -> nn.Module:
        from collections import OrderedDict

        from torch import nn

        # Two modules of torch rather than one of ours: every exporter and explainer knows them.
        return nn.Sequential(OrderedDict(flatten=nn.Flatten(), unflatten=nn.Unflatten(1, self.shape)))

    def source(self, *shapes: Shape) -> str:
        return in_sequence(flatten="nn.Flatten()", unflatten=f"nn.Unflatten(1, {self.shape!r})")
