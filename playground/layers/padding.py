"""Layers that put a margin around a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Layer
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("zero_pad", title="Zero padding", group="Pictures", synonyms=("margin", "border", "pad"))
class ZeroPad(Layer):
    """Puts rows and columns of zeros around every channel, so that windows also fit at the margin.

    Convolutions do so themselves when their padding is "same"; this is for margins of another width.
    """

    summary: ClassVar[str] = "{top} {right} {bottom} {left}"
    passes: ClassVar[bool] = True

    top: int = Field(1, ge=0, le=64, description="Rows of zeros above.")
    bottom: int = Field(1, ge=0, le=64, description="Rows of zeros below.")
    left: int = Field(1, ge=0, le=64, description="Columns of zeros on the left.")
    right: int = Field(1, ge=0, le=64, description="Columns of zeros on the right.")

    def output_shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) != 3:
            raise say.needs_picture(shape, self.title)
        return (shape[0], shape[1] + self.top + self.bottom, shape[2] + self.left + self.right)

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.ZeroPad2d((self.left, self.right, self.top, self.bottom))

    def source(self, *shapes: Shape) -> str:
        return f"nn.ZeroPad2d({(self.left, self.right, self.top, self.bottom)})"
