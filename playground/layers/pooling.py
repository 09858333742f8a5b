"""Layers that make a picture smaller by keeping one number for each window."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Layer, Silhouette, in_sequence
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


class Pool(Layer):
    """A window that moves over every channel by itself."""

    silhouette: ClassVar[Silhouette] = "pool"
    summary: ClassVar[str] = "{size}×{size}"

    size: int = Field(2, ge=1, le=64, description="Side of the window, in points of the picture.")
    stride: int | None = Field(
        None,
        ge=1,
        le=64,
        description="How far the window moves; empty moves it by its own size.",
        json_schema_extra={"advanced": True},
    )

    @property
    def step(self) -> int:
        """How far the window moves."""
        return self.stride or self.size

    def output_shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) != 3:
            raise say.needs_picture(shape, self.title)
        smallest = min(shape[1:])
        if self.size > smallest:
            raise say.too_small(shape, self.size, "A window of", {"size": smallest})
        height, width = ((n - self.size) // self.step + 1 for n in shape[1:])
        return (shape[0], height, width)


@layers.register("max_pool", title="Max pool", group="Pictures", synonyms=("pooling", "downsample", "subsample"))
class MaxPool(Pool):
    """Keeps the largest number of each window. Small moves of the picture then change the answer less."""

    padding: Literal["valid", "same"] = Field(
        "valid", description="Valid drops what the last window does not reach; same pads, so that nothing is dropped."
    )

    def output_shape(self, *shapes: Shape) -> Shape:
        if self.padding == "same" and len(shapes[0]) == 3:
            channels, height, width = shapes[0]
            return (channels, math.ceil(height / self.step), math.ceil(width / self.step))
        return super().output_shape(*shapes)

    def flops(self, *shapes: Shape) -> int:
        return math.prod(self.output_shape(*shapes)) * (self.size**2 - 1)

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        before, after = self._padding()
        if before == after:
            return nn.MaxPool2d(self.size, stride=self.step, padding=before)
        # -inf is never the largest, so padding cannot be the answer.
        pad = nn.ConstantPad2d((before, after, before, after), float("-inf"))
        return nn.Sequential(OrderedDict(pad=pad, pool=nn.MaxPool2d(self.size, stride=self.step)))

    def source(self, *shapes: Shape) -> str:
        before, after = self._padding()
        if before == after:
            padding = f", padding={before}" if before else ""
            return f"nn.MaxPool2d({self.size}, stride={self.step}{padding})"
        pad = f'nn.ConstantPad2d({(before, after, before, after)}, float("-inf"))'
        return in_sequence(pad=pad, pool=f"nn.MaxPool2d({self.size}, stride={self.step})")

    def _padding(self) -> tuple[int, int]:
        total = self.size - 1 if self.padding == "same" else 0
        return total // 2, total - total // 2


@layers.register(
    "average_pool", title="Average pool", group="Pictures", synonyms=("mean pool", "pooling", "downsample")
)
class AveragePool(Pool):
    """Keeps the average of each window. What the last window does not reach is dropped."""

    passes: ClassVar[bool] = True

    def flops(self, *shapes: Shape) -> int:
        return math.prod(self.output_shape(*shapes)) * self.size**2

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.AvgPool2d(self.size, stride=self.step)

    def source(self, *shapes: Shape) -> str:
        return f"nn.AvgPool2d({self.size}, stride={self.step})"


@layers.register("global_pool", title="Global pool", group="Pictures", synonyms=("global average pooling", "gap"))
class GlobalPool(Layer):
    """One number a channel: the average, or the largest, over the whole picture. The answer is one row.

    Where in the picture something was found no longer counts, and pictures of any size give a row of one length.
    """

    silhouette: ClassVar[Silhouette] = "pool"
    summary: ClassVar[str] = "{how}"

    how: Literal["average", "max"] = Field("average", description="Which number stands for a channel.")

    def output_shape(self, *shapes: Shape) -> Shape:
        if len(shapes[0]) != 3:
            raise say.needs_picture(shapes[0], self.title)
        return shapes[0][:1]

    def flops(self, *shapes: Shape) -> int:
        numbers = math.prod(shapes[0])
        return numbers if self.how == "average" else numbers - shapes[0][0]

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        pool = nn.AdaptiveAvgPool2d(1) if self.how == "average" else nn.AdaptiveMaxPool2d(1)
        return nn.Sequential(OrderedDict(pool=pool, flatten=nn.Flatten()))

    def source(self, *shapes: Shape) -> str:
        pool = "nn.AdaptiveAvgPool2d(1)" if self.how == "average" else "nn.AdaptiveMaxPool2d(1)"
        return in_sequence(pool=pool, flatten="nn.Flatten()")
