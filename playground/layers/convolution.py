"""Layers that slide a small window of weights over a picture."""

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


@layers.register("conv2d", title="Convolution", group="Pictures", synonyms=("conv", "filter", "cnn", "feature map"))
class Conv2d(Layer):
    """Slides small windows of weights over a picture. Each channel it answers is one window's match at every place.

    The same weights look everywhere: move the picture and the answer moves with it. Shapes: channels × height × width.
    """

    silhouette: ClassVar[Silhouette] = "conv"
    summary: ClassVar[str] = "{channels} × {kernel}×{kernel} · {activation}"
    trainable: ClassVar[bool] = True
    width_field: ClassVar[str] = "channels"

    channels: int = Field(16, ge=1, le=4096, description="How many windows, and so how many channels it answers.")
    kernel: int = Field(3, ge=1, le=31, description="Side of the window, in points of the picture.")
    activation: Activation | None = Field(
        None, description="What bends each match. Without one, the layer is a straight-line function."
    )
    stride: int = Field(1, ge=1, le=16, description="How far the window moves: 2 halves height and width.")
    padding: Literal["same", "valid"] = Field(
        "same", description="Same adds zeros around, so that stride 1 keeps the size; valid adds none."
    )
    dilation: int = Field(
        1, ge=1, le=16, description="Distance between the points of the window.", json_schema_extra={"advanced": True}
    )
    groups: int = Field(
        1,
        ge=1,
        le=4096,
        description="Channels are cut into so many groups that do not see each other.",
        json_schema_extra={"advanced": True},
    )
    bias: bool = Field(True, description="Whether each channel may shift its answer by a constant.")

    @property
    def linear(self) -> bool:
        return self.activation is None

    def output_shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) != 3:
            raise say.needs_picture(shape, self.title)
        if shape[0] % self.groups or self.channels % self.groups:
            raise say.groups_do_not_divide(shape[0], self.channels, self.groups)
        if self.padding == "same":
            height, width = (math.ceil(n / self.stride) for n in shape[1:])
        else:
            span = self.dilation * (self.kernel - 1) + 1
            if span > min(shape[1:]):
                raise say.too_small(shape, span, "A window of", {"padding": "same"})
            height, width = ((n - span) // self.stride + 1 for n in shape[1:])
        return (self.channels, height, width)

    def parameters(self, *shapes: Shape) -> int:
        own = self.channels * (shapes[0][0] // self.groups * self.kernel**2 + self.bias)
        return own + (self.activation.parameters(self.output_shape(*shapes)) if self.activation else 0)

    def flops(self, *shapes: Shape) -> int:
        answer = self.output_shape(*shapes)
        own = math.prod(answer) * (2 * (shapes[0][0] // self.groups) * self.kernel**2 - 1 + self.bias)
        return own + (self.activation.flops(answer) if self.activation else 0)

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        before, after = self._padding()
        modules: OrderedDict[str, nn.Module] = OrderedDict()
        if before != after:
            modules["pad"] = nn.ZeroPad2d((before, after, before, after))
        modules["conv"] = nn.Conv2d(
            shapes[0][0],
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=before if before == after else 0,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )
        if self.activation is not None:
            modules["activation"] = self.activation.build(self.output_shape(*shapes))
        return nn.Sequential(modules)

    def source(self, *shapes: Shape) -> str:
        before, after = self._padding()
        settings = {"stride": self.stride, "dilation": self.dilation, "groups": self.groups}
        said = [f"{name}={value}" for name, value in settings.items() if value != 1]
        said += [f"padding={before}"] if before == after and before else []
        said += [] if self.bias else ["bias=False"]
        parts = {}
        if before != after:
            parts["pad"] = f"nn.ZeroPad2d({(before, after, before, after)})"
        parts["conv"] = f"nn.Conv2d({', '.join([str(shapes[0][0]), str(self.channels), str(self.kernel), *said])})"
        if self.activation is not None:
            parts["activation"] = self.activation.source(self.output_shape(*shapes))
        return in_sequence(**parts)

    def _padding(self) -> tuple[int, int]:
        """Zeros before and after each row and column; they differ when the window has no middle."""
        total = self.dilation * (self.kernel - 1) if self.padding == "same" else 0
        return total // 2, total - total // 2
