"""Layers that bring numbers to mean 0 and spread 1, then let the network scale and shift them again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Layer, Silhouette
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("batch_norm", title="Batch norm", group="Normalisation", synonyms=("batch normalization", "bn"))
class BatchNorm(Layer):
    """Brings every unit, or channel of a picture, to mean 0 and spread 1 over the cases of the batch.

    It keeps a running mean and spread, and uses those once training is over. Learning often goes faster and takes
    larger learning rates. In training the answer to one case depends on the other cases of its batch.
    """

    silhouette: ClassVar[Silhouette] = "norm"
    trainable: ClassVar[bool] = True
    needs_batch: ClassVar[bool] = True
    passes: ClassVar[bool] = True

    momentum: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Share of the newest batch in the running mean.",
        json_schema_extra={"advanced": True},
    )
    epsilon: float = Field(
        1e-5,
        gt=0,
        le=0.1,
        description="Added to the variance, against division by 0.",
        json_schema_extra={"advanced": True},
    )
    scale_and_shift: bool = Field(True, description="Whether it learns a new scale and shift for each unit or channel.")

    def output_shape(self, *shapes: Shape) -> Shape:
        if len(shapes[0]) not in (1, 3):
            raise say.needs_row_or_picture(shapes[0], self.title)
        return shapes[0]

    def parameters(self, *shapes: Shape) -> int:
        return 2 * shapes[0][0] if self.scale_and_shift else 0

    def flops(self, *shapes: Shape) -> int:
        roots = 2 * shapes[0][0]
        return roots + (4 if self.scale_and_shift else 2) * math.prod(shapes[0])

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        family = nn.BatchNorm1d if len(shapes[0]) == 1 else nn.BatchNorm2d
        return family(shapes[0][0], eps=self.epsilon, momentum=self.momentum, affine=self.scale_and_shift)

    def source(self, *shapes: Shape) -> str:
        settings = f"eps={self.epsilon!r}, momentum={self.momentum!r}, affine={self.scale_and_shift}"
        return f"nn.BatchNorm{1 if len(shapes[0]) == 1 else 2}d({shapes[0][0]}, {settings})"


@layers.register("layer_norm", title="Layer norm", group="Normalisation", synonyms=("layer normalization", "ln"))
class LayerNorm(Layer):
    """Brings the numbers of each case to mean 0 and spread 1, without looking at other cases.

    Over the whole of a picture; over the last axis of anything else.
    """

    silhouette: ClassVar[Silhouette] = "norm"
    trainable: ClassVar[bool] = True

    epsilon: float = Field(
        1e-5,
        gt=0,
        le=0.1,
        description="Added to the variance, against division by 0.",
        json_schema_extra={"advanced": True},
    )
    scale_and_shift: bool = Field(True, description="Whether it learns a new scale and shift for each number.")

    def parameters(self, *shapes: Shape) -> int:
        return 2 * math.prod(self._normalised(shapes[0])) if self.scale_and_shift else 0

    def flops(self, *shapes: Shape) -> int:
        numbers = math.prod(self._normalised(shapes[0]))
        groups = math.prod(shapes[0]) // numbers
        mean, variance, divide, root = numbers, 3 * numbers, numbers, 2
        return groups * (mean + variance + divide + root + (2 * numbers if self.scale_and_shift else 0))

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.LayerNorm(self._normalised(shapes[0]), eps=self.epsilon, elementwise_affine=self.scale_and_shift)

    def source(self, *shapes: Shape) -> str:
        settings = f"eps={self.epsilon!r}, elementwise_affine={self.scale_and_shift}"
        return f"nn.LayerNorm({self._normalised(shapes[0])!r}, {settings})"

    def _normalised(self, shape: Shape) -> Shape:
        return shape if len(shape) == 3 else shape[-1:]
