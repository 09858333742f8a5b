"""The two ends of a network: where the data come in and where the answer comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from playground.core.layer import Layer, Port, Silhouette
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn

    from playground.core.facts import Shape


@layers.register("input", title="Input", group="Basics", synonyms=("data", "features"))
class Input(Layer):
    """The data come in here. Its shape follows the data by itself."""

    silhouette: ClassVar[Silhouette] = "input"
    ports: ClassVar[tuple[Port, ...]] = ()
    end: ClassVar[Literal["source", "sink"] | None] = "source"


@layers.register("output", title="Output", group="Basics", synonyms=("answer", "prediction"))
class Output(Layer):
    """The answer comes out here. It has no weights: it shows what arrives, beside what the data say."""

    silhouette: ClassVar[Silhouette] = "output"
    end: ClassVar[Literal["source", "sink"] | None] = "sink"

    def build(self, *shapes: Shape) -> nn.Module:
        from torch import nn

        return nn.Identity()

    def source(self, *shapes: Shape) -> str:
        return "nn.Identity()"
