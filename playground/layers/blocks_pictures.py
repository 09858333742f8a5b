"""Blocks that picture networks are made of."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.composite import Composite
from playground.core.facts import Shape
from playground.core.layer import Activation
from playground.core.network import Network
from playground.layers import layers
from playground.layers.activation import ReLU
from playground.layers.stack import Stack


def picture(shapes: tuple[Shape, ...], title: str) -> Shape | None:
    """The picture that arrives, if it is known. Raises Problem for what is none."""
    if not shapes:
        return None
    if len(shapes[0]) != 3:
        raise say.needs_picture(shapes[0], title)
    return shapes[0]


def convolve(
    stack: Stack, name: str, kind: str = "conv2d", *, after: str | None = None, bend: bool = True, **settings: Any
) -> str:
    """Convolution, batch norm and ReLU, as three nodes that can be looked at. The norm shifts, so there is no bias."""
    stack.add(name, kind, after=after, bias=False, **settings)
    stack.add(f"{name}_norm", "batch_norm")
    return stack.add(f"{name}_relu", "relu") if bend else stack.end


@layers.register("residual_block", title="Residual block", group="Blocks", synonyms=("resnet basic block", "skip"))
class ResidualBlock(Composite):
    """Two convolutions learn what to change; the wire around them keeps the rest: y = relu(x + f(x)).

    Where the number of channels or the stride changes, the wire around gets a 1×1 convolution to match.
    """

    summary: ClassVar[str] = "{channels} channels · stride {stride} · × {repeat}"
    width_field: ClassVar[str] = "channels"

    channels: int = Field(16, ge=1, le=4096, description="Channels of both convolutions and of the answer.")
    stride: int = Field(
        1, ge=1, le=4, description="2 halves height and width, in every repetition; use it with one repetition."
    )

    def inside(self, *shapes: Shape) -> Network:
        arriving = picture(shapes, self.title)
        stack = Stack()
        convolve(stack, "conv1", channels=self.channels, kernel=3, stride=self.stride)
        changed = convolve(stack, "conv2", bend=False, channels=self.channels, kernel=3)
        return _around(stack, changed, arriving, self.channels, self.stride)


@layers.register("bottleneck_block", title="Bottleneck block", group="Blocks", synonyms=("resnet-50 block",))
class BottleneckBlock(Composite):
    """A residual block for many channels: 1×1 convolutions make them fewer before the 3×3 one and many again after it."""

    summary: ClassVar[str] = "{channels} × {expansion} channels · stride {stride} · × {repeat}"

    channels: int = Field(16, ge=1, le=2048, description="Channels of the 3×3 convolution.")
    expansion: int = Field(4, ge=1, le=16, description="The answer has so many times as many channels.")
    stride: int = Field(1, ge=1, le=4, description="2 halves height and width, in every repetition.")

    def inside(self, *shapes: Shape) -> Network:
        arriving = picture(shapes, self.title)
        wide = self.channels * self.expansion
        stack = Stack()
        convolve(stack, "reduce", channels=self.channels, kernel=1)
        convolve(stack, "conv", channels=self.channels, kernel=3, stride=self.stride)
        changed = convolve(stack, "widen", bend=False, channels=wide, kernel=1)
        return _around(stack, changed, arriving, wide, self.stride)


def _around(stack: Stack, changed: str, arriving: Shape | None, channels: int, stride: int) -> Network:
    """The wire around, with a projection where the shapes differ; then the sum, bent."""
    kept = "input"
    if arriving is not None and (arriving[0] != channels or stride > 1):
        kept = convolve(stack, "match", after="input", bend=False, channels=channels, kernel=1, stride=stride)
    stack.join("sum", "add", changed, kept)
    stack.add("relu", "relu")
    return stack.done()


@layers.register("vgg_block", title="VGG block", group="Blocks", synonyms=("conv conv pool",))
class VGGBlock(Composite):
    """A few 3×3 convolutions, then a pool that halves the picture. Deep networks of the first kind are stacks of these."""

    summary: ClassVar[str] = "{convolutions} × {channels} channels"
    width_field: ClassVar[str] = "channels"

    channels: int = Field(64, ge=1, le=4096, description="Channels of every convolution.")
    convolutions: int = Field(2, ge=1, le=8, description="How many convolutions before the pool.")
    batch_norm: bool = Field(False, description="Whether batch norm follows each convolution; the first VGGs had none.")
    activation: Activation = Field(ReLU(), description="What bends each convolution's answer.")

    def inside(self, *shapes: Shape) -> Network:
        picture(shapes, self.title)
        stack = Stack()
        for number in range(1, self.convolutions + 1):
            stack.add(f"conv{number}", "conv2d", channels=self.channels, kernel=3)
            if self.batch_norm:
                stack.add(f"norm{number}", "batch_norm")
            stack.add(f"bend{number}", self.activation)
        stack.add("pool", "max_pool", size=2)
        return stack.done()


@layers.register("inception_block", title="Inception block", group="Blocks", synonyms=("googlenet", "branches"))
class InceptionBlock(Composite):
    """Looks with windows of several sizes at once and puts what they find side by side: 1×1, 3×3, 5×5 and a pool.

    1×1 convolutions before the large windows keep them cheap. The answer has four times `branch` channels.
    """

    summary: ClassVar[str] = "4 branches × {branch} channels"

    branch: int = Field(16, ge=1, le=1024, description="Channels that each branch answers.")
    reduce: int = Field(8, ge=1, le=1024, description="Channels that are left before the large windows.")

    def inside(self, *shapes: Shape) -> Network:
        picture(shapes, self.title)
        stack = Stack()
        relu = {"kind": "relu"}
        points = stack.add("conv1x1", "conv2d", channels=self.branch, kernel=1, activation=relu)
        stack.add("before3x3", "conv2d", after="input", channels=self.reduce, kernel=1, activation=relu)
        small = stack.add("conv3x3", "conv2d", channels=self.branch, kernel=3, activation=relu)
        stack.add("before5x5", "conv2d", after="input", channels=self.reduce, kernel=1, activation=relu)
        large = stack.add("conv5x5", "conv2d", channels=self.branch, kernel=5, activation=relu)
        stack.add("pool", "max_pool", after="input", size=3, stride=1, padding="same")
        pooled = stack.add("after_pool", "conv2d", channels=self.branch, kernel=1, activation=relu)
        stack.join("side_by_side", "concatenate", points, small, large, pooled)
        return stack.done()


@layers.register("squeeze_excitation", title="Squeeze and excitation", group="Blocks", synonyms=("se", "channel gate"))
class SqueezeExcitation(Composite):
    """Weighs the channels of a picture against each other: their averages go through two dense layers to a gate a channel."""

    summary: ClassVar[str] = "reduction {reduction}"

    reduction: int = Field(4, ge=1, le=64, description="How many times fewer units the layer in the middle has.")

    def inside(self, *shapes: Shape) -> Network:
        arriving = picture(shapes, self.title)
        channels = arriving[0] if arriving is not None else self.reduction
        stack = Stack()
        stack.add("squeeze", "global_pool")
        stack.add("few", "dense", units=max(1, channels // self.reduction), activation={"kind": "relu"})
        gate = stack.add("gate", "dense", units=channels, activation={"kind": "sigmoid"})
        stack.join("scaled", "multiply", "input", gate)
        return stack.done()


@layers.register(
    "depthwise_separable", title="Depthwise separable", group="Blocks", synonyms=("mobilenet block", "depthwise")
)
class DepthwiseSeparable(Composite):
    """A convolution in two cheap steps: one window for each channel by itself, then a 1×1 convolution that mixes them."""

    summary: ClassVar[str] = "{channels} × {kernel}×{kernel} · stride {stride}"
    width_field: ClassVar[str] = "channels"

    channels: int = Field(32, ge=1, le=4096, description="Channels of the answer.")
    kernel: int = Field(3, ge=1, le=31, description="Side of each channel's window.")
    stride: int = Field(1, ge=1, le=4, description="2 halves height and width, in every repetition.")

    def inside(self, *shapes: Shape) -> Network:
        arriving = picture(shapes, self.title)
        each = arriving[0] if arriving is not None else 1
        stack = Stack()
        convolve(stack, "depthwise", channels=each, kernel=self.kernel, stride=self.stride, groups=each)
        convolve(stack, "pointwise", channels=self.channels, kernel=1)
        return stack.done()


@layers.register("dense_block", title="Densely connected block", group="Blocks", synonyms=("densenet",))
class DenseBlock(Composite):
    """Every convolution sees what all before it found: each adds `growth` channels to those that are there."""

    summary: ClassVar[str] = "{convolutions} × {growth} channels"

    convolutions: int = Field(4, ge=1, le=24, description="How many convolutions.")
    growth: int = Field(12, ge=1, le=512, description="Channels that each of them adds.")

    def inside(self, *shapes: Shape) -> Network:
        picture(shapes, self.title)
        stack = Stack()
        for number in range(1, self.convolutions + 1):
            known = stack.end
            stack.add(f"norm{number}", "batch_norm")
            stack.add(f"relu{number}", "relu")
            found = stack.add(f"conv{number}", "conv2d", channels=self.growth, kernel=3, bias=False)
            stack.join(f"known{number}", "concatenate", known, found)
        return stack.done()


@layers.register("unet_level", title="U-Net level", group="Blocks", synonyms=("encoder decoder", "segmentation"))
class UNetLevel(Composite):
    """Two convolutions, then the same picture once at half size and back, joined with what was there before: a U.

    With more levels the half-size part is a U again. Height and width must be even at every level.
    """

    summary: ClassVar[str] = "{channels} channels · {levels} levels"
    width_field: ClassVar[str] = "channels"

    channels: int = Field(16, ge=1, le=1024, description="Channels at the top; each level below has twice as many.")
    levels: int = Field(1, ge=1, le=5, description="How often the picture is halved.")
    enlarge: Literal["learned", "nearest"] = Field(
        "learned", description="How the way back enlarges: by a transposed convolution, or by repeating points."
    )

    def inside(self, *shapes: Shape) -> Network:
        arriving = picture(shapes, self.title)
        if arriving is not None and (arriving[1] % 2 or arriving[2] % 2):
            raise say.must_be_even(arriving, self.title)
        stack = Stack()
        self._twice(stack, "down", self.channels)
        kept = stack.end
        stack.add("halve", "max_pool", size=2)
        if self.levels > 1:
            stack.add("below", self.with_(channels=self.channels * 2, levels=self.levels - 1, repeat=1))
        else:
            self._twice(stack, "below", self.channels * 2)
        if self.enlarge == "learned":
            stack.add("enlarge", "conv_transpose2d", channels=self.channels)
        else:
            stack.add("enlarge", "upsample")
        stack.join("join", "concatenate", kept, stack.end)
        self._twice(stack, "up", self.channels)
        return stack.done()

    def _twice(self, stack: Stack, name: str, channels: int) -> None:
        for number in (1, 2):
            stack.add(f"{name}{number}", "conv2d", channels=channels, kernel=3, activation={"kind": "relu"})
