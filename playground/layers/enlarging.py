"""Layers that make a picture larger."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Activation, Layer, Silhouette, in_sequence
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("upsample", title="Upsample", group="Pictures", synonyms=("resize", "enlarge", "unpool"))
class Upsample(Layer):
    """Makes a picture larger without learning: every point becomes a square of points."""

    summary: ClassVar[str] = "× {factor} · {mode}"
    passes: ClassVar[bool] = True

    factor: int = Field(2, ge=1, le=16, description="How many times as high and as wide.")
    mode: Literal["nearest", "bilinear"] = Field(
        "nearest", description="Nearest repeats points; bilinear goes evenly from one to the next."
    )

    def output_shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) != 3:
            raise say.needs_picture(shape, self.title)
        return (shape[0], shape[1] * self.factor, shape[2] * self.factor)

    def flops(self, *shapes: Shape) -> int:
        # Each number between points is a weighted sum of four.
        return 7 * math.prod(self.output_shape(*shapes)) if self.mode == "bilinear" else 0

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.Upsample(scale_factor=self.factor, mode=self.mode)

    def source(self, *shapes: Shape) -> str:
        return f"nn.Upsample(scale_factor={self.factor}, mode={self.mode!r})"


@layers.register("conv_transpose2d", title="Transposed convolution", group="Pictures", synonyms=("deconvolution",))
class ConvTranspose2d(Layer):
    """A convolution the other way round: every point of the picture paints a window of the answer.

    With a stride of 2 the answer is twice as high and wide, and what fills it in is learned.
    """

    silhouette: ClassVar[Silhouette] = "conv"
    summary: ClassVar[str] = "{channels} × {kernel}×{kernel} · × {stride}"
    trainable: ClassVar[bool] = True
    width_field: ClassVar[str] = "channels"

    channels: int = Field(16, ge=1, le=4096, description="How many channels it answers.")
    kernel: int = Field(2, ge=1, le=31, description="Side of the window that each point paints.")
    stride: int = Field(
        2, ge=1, le=16, description="How far apart the windows are painted: 2 doubles height and width."
    )
    activation: Activation | None = Field(None, description="What bends each number of the answer.")
    bias: bool = Field(True, description="Whether each channel may shift its answer by a constant.")

    @property
    def linear(self) -> bool:
        return self.activation is None

    def output_shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) != 3:
            raise say.needs_picture(shape, self.title)
        height, width = ((n - 1) * self.stride + self.kernel for n in shape[1:])
        return (self.channels, height, width)

    def parameters(self, *shapes: Shape) -> int:
        own = self.channels * (shapes[0][0] * self.kernel**2 + self.bias)
        return own + (self.activation.parameters(self.output_shape(*shapes)) if self.activation else 0)

    def flops(self, *shapes: Shape) -> int:
        answer = self.output_shape(*shapes)
        # Every point times every weight of its windows, added to what lies there; the bias is where adding begins.
        own = 2 * math.prod(shapes[0]) * self.channels * self.kernel**2
        if not self.bias:
            # Without one the first number is only put down. A stride wider than the window leaves gaps.
            own -= self.channels * math.prod(
                (n - 1) * min(self.stride, self.kernel) + self.kernel for n in shapes[0][1:]
            )
        return own + (self.activation.flops(answer) if self.activation else 0)

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        modules: OrderedDict[str, nn.Module] = OrderedDict()
        modules["conv"] = nn.ConvTranspose2d(
            shapes[0][0], self.channels, self.kernel, stride=self.stride, bias=self.bias
        )
        if self.activation is not None:
            modules["activation"] = self.activation.build(self.output_shape(*shapes))
        return nn.Sequential(modules)

    def source(self, *shapes: Shape) -> str:
        bias = "" if self.bias else ", bias=False"
        conv = f"nn.ConvTranspose2d({shapes[0][0]}, {self.channels}, {self.kernel}, stride={self.stride}{bias})"
        if self.activation is None:
            return in_sequence(conv=conv)
        return in_sequence(conv=conv, activation=self.activation.source(self.output_shape(*shapes)))
