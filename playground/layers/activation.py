"""Activations: what bends each number. Without them any stack of layers is one straight-line function."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from playground.core.facts import Shape
from playground.core.layer import Layer, Silhouette
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


class Elementwise(Layer):
    """An activation that looks at one number at a time, as a module of torch.

    Every use is a module of its own and changes nothing in place, so that explanations can follow it.
    """

    silhouette: ClassVar[Silhouette] = "activation"
    module: ClassVar[str]
    """Its name in `torch.nn`."""
    operations: ClassVar[int]
    """What one number costs, counted as `Layer` says; a test writes each formula out and counts."""

    def arguments(self) -> dict[str, float | str]:
        """What the torch module takes."""
        return {}

    def flops(self, *shapes: Shape) -> int:
        return self.operations * math.prod(shapes[0])

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        module: nn.Module = getattr(nn, self.module)(**self.arguments())
        return module

    def source(self, *shapes: Shape) -> str:
        return f"nn.{self.module}({', '.join(f'{name}={value!r}' for name, value in self.arguments().items())})"


@layers.register("relu", title="ReLU", group="Activations", synonyms=("rectified linear", "rectifier"))
class ReLU(Elementwise):
    """Keeps what is above zero and answers 0 for the rest: max(0, x).

    Cheap, and its slope of 1 above zero lets gradients pass unchanged. Below zero the slope is 0: a unit that is below
    zero for every case has stopped learning.
    """

    phrase: ClassVar[str] = "keeps only what is above zero (ReLU)"
    module: ClassVar[str] = "ReLU"
    operations: ClassVar[int] = 1


@layers.register("leaky_relu", title="Leaky ReLU", group="Activations")
class LeakyReLU(Elementwise):
    """Like ReLU, but lets a little through below zero: x, or slope × x.

    A unit that is below zero for every case still has a gradient and can come back.
    """

    summary: ClassVar[str] = "slope {slope}"
    phrase: ClassVar[str] = "keeps what is above zero and shrinks the rest (leaky ReLU)"
    module: ClassVar[str] = "LeakyReLU"
    operations: ClassVar[int] = 2

    slope: float = Field(0.01, ge=0, le=1, description="What numbers below zero are multiplied with.")

    def arguments(self) -> dict[str, float | str]:
        return {"negative_slope": self.slope}


@layers.register("prelu", title="PReLU", group="Activations", synonyms=("parametric ReLU", "learned slope"))
class PReLU(Elementwise):
    """Leaky ReLU whose slope below zero is learned, one for all numbers or one for each unit or channel."""

    summary: ClassVar[str] = "from {start} · {per_channel}"
    phrase: ClassVar[str] = "keeps what is above zero and scales the rest by a learned slope (PReLU)"
    module: ClassVar[str] = "PReLU"
    operations: ClassVar[int] = 2
    trainable: ClassVar[bool] = True

    start: float = Field(0.25, ge=0, le=1, description="The slope before learning.")
    per_channel: bool = Field(False, description="Whether each unit, or channel of a picture, learns its own slope.")

    def parameters(self, *shapes: Shape) -> int:
        return shapes[0][0] if self.per_channel else 1

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.PReLU(self.parameters(*shapes), init=self.start)

    def source(self, *shapes: Shape) -> str:
        return f"nn.PReLU({self.parameters(*shapes)}, init={self.start!r})"


@layers.register("elu", title="ELU", group="Activations", synonyms=("exponential linear",))
class ELU(Elementwise):
    """Like ReLU above zero; below, it bends smoothly towards -alpha: alpha × (exp(x) - 1)."""

    summary: ClassVar[str] = "alpha {alpha}"
    phrase: ClassVar[str] = "keeps what is above zero and bends the rest towards a floor (ELU)"
    module: ClassVar[str] = "ELU"
    operations: ClassVar[int] = 4

    alpha: float = Field(1.0, gt=0, le=10, description="How far below zero the floor lies.")

    def arguments(self) -> dict[str, float | str]:
        return {"alpha": self.alpha}


@layers.register("selu", title="SELU", group="Activations", synonyms=("self-normalising",))
class SELU(Elementwise):
    """A scaled ELU. Its two constants are chosen so that, in plain dense stacks with matching first weights, the spread
    of the numbers stays near 1 from layer to layer."""

    phrase: ClassVar[str] = "stretches what is above zero and bends the rest towards a floor (SELU)"
    module: ClassVar[str] = "SELU"
    operations: ClassVar[int] = 5


@layers.register("softplus", title="Softplus", group="Activations", synonyms=("smooth ReLU",))
class Softplus(Elementwise):
    """A ReLU without the corner: log(1 + exp(beta × x)) / beta. Its answer is always above zero."""

    summary: ClassVar[str] = "beta {beta}"
    phrase: ClassVar[str] = "rounds it off at zero (softplus)"
    module: ClassVar[str] = "Softplus"
    operations: ClassVar[int] = 5

    beta: float = Field(1.0, gt=0, le=100, description="How sharp the bend is; larger is closer to ReLU.")

    def arguments(self) -> dict[str, float | str]:
        return {"beta": self.beta}


@layers.register("gelu", title="GELU", group="Activations", synonyms=("gaussian error linear",))
class GELU(Elementwise):
    """Multiplies x with the share of a normal distribution that lies below x: a smooth ReLU that dips under zero.

    Usual in Transformers.
    """

    summary: ClassVar[str] = "{formula}"
    phrase: ClassVar[str] = "fades out what is below zero (GELU)"
    module: ClassVar[str] = "GELU"

    formula: Literal["exact", "tanh"] = Field("exact", description="The exact curve, or the usual tanh approximation.")

    def arguments(self) -> dict[str, float | str]:
        return {"approximate": "none" if self.formula == "exact" else "tanh"}

    def flops(self, *shapes: Shape) -> int:
        return (5 if self.formula == "exact" else 9) * math.prod(shapes[0])


@layers.register("silu", title="SiLU", group="Activations", synonyms=("swish",))
class SiLU(Elementwise):
    """x × sigmoid(x): a smooth ReLU that dips a little under zero. Also called swish."""

    phrase: ClassVar[str] = "fades out what is below zero (SiLU)"
    module: ClassVar[str] = "SiLU"
    operations: ClassVar[int] = 4


@layers.register("mish", title="Mish", group="Activations")
class Mish(Elementwise):
    """x × tanh(softplus(x)): close to SiLU, a little steeper."""

    phrase: ClassVar[str] = "fades out what is below zero (Mish)"
    module: ClassVar[str] = "Mish"
    operations: ClassVar[int] = 5


@layers.register("hard_sigmoid", title="Hard sigmoid", group="Activations")
class HardSigmoid(Elementwise):
    """Sigmoid drawn with three straight lines: 0 below -3, 1 above 3, x / 6 + 1/2 between. Outside, its slope is 0."""

    phrase: ClassVar[str] = "cuts it off at 0 and 1 (hard sigmoid)"
    module: ClassVar[str] = "Hardsigmoid"
    operations: ClassVar[int] = 4


@layers.register("hard_swish", title="Hard swish", group="Activations")
class HardSwish(Elementwise):
    """SiLU made of straight pieces and a parabola: x × hard sigmoid(x). Cheap on small devices."""

    phrase: ClassVar[str] = "fades out what is below zero (hard swish)"
    module: ClassVar[str] = "Hardswish"
    operations: ClassVar[int] = 5


@layers.register("hard_tanh", title="Hard tanh", group="Activations", synonyms=("clip",))
class HardTanh(Elementwise):
    """Cuts x off at -1 and 1 and leaves it alone between. Outside, its slope is 0."""

    phrase: ClassVar[str] = "cuts it off at −1 and 1 (hard tanh)"
    module: ClassVar[str] = "Hardtanh"
    operations: ClassVar[int] = 2


@layers.register("sigmoid", title="Sigmoid", group="Activations", synonyms=("logistic",))
class Sigmoid(Elementwise):
    """Squashes any number into 0 … 1: 1 / (1 + exp(-x)).

    Far from zero it is nearly flat, at most 1/4 steep elsewhere: many in a row make gradients small.
    """

    phrase: ClassVar[str] = "squashes it between 0 and 1 (sigmoid)"
    module: ClassVar[str] = "Sigmoid"
    operations: ClassVar[int] = 3


@layers.register("tanh", title="Tanh", group="Activations", synonyms=("hyperbolic tangent",))
class Tanh(Elementwise):
    """Squashes any number into -1 … 1, zero stays zero. Far from zero it is nearly flat and its gradient is small."""

    phrase: ClassVar[str] = "squashes it (tanh)"
    module: ClassVar[str] = "Tanh"
    operations: ClassVar[int] = 1


@layers.register("softmax", title="Softmax", group="Activations", synonyms=("probabilities",))
class Softmax(Layer):
    """Turns a row of numbers into shares that are above zero and add up to 1: exp(x) over the sum of all exp(x).

    Over the channels of a picture, at each place; over the last axis of anything else. A low temperature favours the
    largest number, a high one makes the shares alike. Cross-entropy losses apply it themselves.
    """

    silhouette: ClassVar[Silhouette] = "activation"
    summary: ClassVar[str] = "temperature {temperature}"
    phrase: ClassVar[str] = "turns all of them into shares of 1 (softmax)"
    definitions: ClassVar[tuple[str, ...]] = ("playground.modules.activations:TemperedSoftmax",)

    temperature: float = Field(
        1.0, gt=0, le=100, description="What every number is divided by first.", json_schema_extra={"slider": True}
    )

    def flops(self, *shapes: Shape) -> int:
        axis = self._axis(shapes[0])
        width = shapes[0][axis - 1 if axis > 0 else axis]
        rows = math.prod(shapes[0]) // width
        return rows * (3 * width - 1 + width * (self.temperature != 1))

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        if self.temperature == 1:
            return nn.Softmax(dim=self._axis(shapes[0]))
        from playground.modules.activations import TemperedSoftmax

        return TemperedSoftmax(self.temperature, dim=self._axis(shapes[0]))

    def source(self, *shapes: Shape) -> str:
        axis = self._axis(shapes[0])
        if self.temperature == 1:
            return f"nn.Softmax(dim={axis})"
        return f"TemperedSoftmax({self.temperature!r}, dim={axis})"

    def _axis(self, shape: Shape) -> int:
        """The axis of a batch that adds up to 1."""
        return 1 if len(shape) == 3 else -1
