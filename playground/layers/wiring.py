"""Layers where several wires meet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Layer, Port, Silhouette
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


@layers.register("add", title="Add", group="Wiring", synonyms=("sum", "residual", "skip connection"))
class Add(Layer):
    """Adds what several wires bring, number by number. All must have the same shape.

    With a wire around some layers, those layers learn only what to change, and gradients have a short way back.
    """

    silhouette: ClassVar[Silhouette] = "add"
    ports: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    passes: ClassVar[bool] = True
    definitions: ClassVar[tuple[str, ...]] = ("playground.modules.wiring:Add",)

    def output_shape(self, *shapes: Shape) -> Shape:
        if len(set(shapes)) > 1:
            raise say.cannot_add(shapes)
        return shapes[0]

    def flops(self, *shapes: Shape) -> int:
        return (len(shapes) - 1) * math.prod(shapes[0])

    def build(self, *shapes: Shape) -> nn.Module:
        from playground.modules import wiring

        return wiring.Add()

    def source(self, *shapes: Shape) -> str:
        return "Add()"


@layers.register("concatenate", title="Concatenate", group="Wiring", synonyms=("join", "merge", "stack"))
class Concatenate(Layer):
    """Puts what several wires bring behind one another, along the features or the channels.

    The other lengths must be equal: pictures of one height and width.
    """

    silhouette: ClassVar[Silhouette] = "add"
    ports: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    definitions: ClassVar[tuple[str, ...]] = ("playground.modules.wiring:Concatenate",)

    def output_shape(self, *shapes: Shape) -> Shape:
        if len({(len(shape), *shape[1:]) for shape in shapes}) > 1:
            raise say.cannot_concatenate(shapes)
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def build(self, *shapes: Shape) -> nn.Module:
        from playground.modules import wiring

        return wiring.Concatenate()

    def source(self, *shapes: Shape) -> str:
        return "Concatenate()"


@layers.register("multiply", title="Multiply", group="Wiring", synonyms=("scale", "gate", "product"))
class Multiply(Layer):
    """Multiplies what several wires bring, number by number. A row of as many numbers as a picture has channels scales
    each channel.

    With a sigmoid on one wire it is a gate: near 0 shuts, near 1 lets through.
    """

    silhouette: ClassVar[Silhouette] = "add"
    ports: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    definitions: ClassVar[tuple[str, ...]] = ("playground.modules.wiring:Multiply",)

    def output_shape(self, *shapes: Shape) -> Shape:
        largest = max(shapes, key=len)
        if any(shape not in (largest, largest[:1]) for shape in shapes):
            raise say.cannot_multiply(shapes)
        return largest

    def flops(self, *shapes: Shape) -> int:
        return (len(shapes) - 1) * math.prod(self.output_shape(*shapes))

    def build(self, *shapes: Shape) -> nn.Module:
        from playground.modules import wiring

        return wiring.Multiply()

    def source(self, *shapes: Shape) -> str:
        return "Multiply()"
