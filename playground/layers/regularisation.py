"""Layers that make learning harder on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core.facts import Shape
from playground.core.layer import Layer, Silhouette
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("dropout", title="Dropout", group="Regularisation", synonyms=("drop", "noise"))
class Dropout(Layer):
    """While training, sets a random share of the numbers to 0 and enlarges the rest to make up for it.

    No unit can rely on one neighbour alone, which often narrows the gap between training and test. In use it does
    nothing.
    """

    silhouette: ClassVar[Silhouette] = "dropout"
    summary: ClassVar[str] = "{rate}"
    passes: ClassVar[bool] = True

    rate: float = Field(
        0.2, ge=0, le=0.95, description="The share that is set to 0.", json_schema_extra={"slider": True, "step": 0.05}
    )

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.Dropout(self.rate)

    def source(self, *shapes: Shape) -> str:
        return f"nn.Dropout({self.rate!r})"
