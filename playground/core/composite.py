"""A layer that is a drawing of its own: a block. It is checked once for each shape that arrives, never expanded to draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core.diagnostics import Draft, Problem
from playground.core.facts import Shape
from playground.core.layer import Layer, Port, Silhouette
from playground.core.network import Network, Node

if TYPE_CHECKING:
    from playground.core.shapes import Checked

MAX_DEPTH = 8
"""Blocks within blocks."""
MAX_EXPANDED = 5_000
"""Nodes of a network with every block opened and every repetition written out."""
FIRST = "in"
"""The port of the first input; each repetition hands its answer on to the next one's."""


class Composite(Layer):
    """A node that holds a drawing and runs it `repeat` times in a row.

    The drawing's input nodes are the block's ports: the first is called `in`, the others by their ids. Of several
    inputs only the first changes from one repetition to the next.
    """

    silhouette: ClassVar[Silhouette] = "block"

    editable: ClassVar[bool] = False
    """Whether the drawing is a field of it, called `drawing`; otherwise it follows from the settings."""

    repeat: int = Field(1, ge=1, le=100, description="How many times in a row. Each repetition has weights of its own.")

    def inside(self, *shapes: Shape) -> Network:
        """The drawing, for inputs of these shapes. Without shapes: what can be drawn before they are known."""
        raise TypeError(f"{type(self).__name__} has no drawing.")

    def output_shape(self, *shapes: Shape) -> Shape:
        last = self._opened(*shapes)[-1]
        for note in last.diagnostics:
            if note.severity == "error":
                raise Problem(Draft(note.code, note.message))
        assert last.output is not None
        return last.output

    def parameters(self, *shapes: Shape) -> int:
        return sum(one.total.parameters for one in self._opened(*shapes))

    def flops(self, *shapes: Shape) -> int:
        return sum(one.total.flops for one in self._opened(*shapes))

    def _opened(self, *shapes: Shape) -> tuple[Checked, ...]:
        from playground.core.shapes import opened  # it knows blocks, too

        return opened(self, shapes)


def sources(network: Network) -> list[Node]:
    """The input nodes of a drawing, in the order in which they were drawn."""
    return [node for node in network.nodes if node.layer.end == "source"]


def ports_of(network: Network) -> tuple[Port, ...]:
    """The ports of a block with this drawing."""
    return tuple(Port(FIRST if place == 0 else node.id) for place, node in enumerate(sources(network)))


def step_path(path: str, layer: Composite, repetition: int) -> str:
    """What the paths of a repetition's nodes begin with: `encoder.`, or `encoder[2].` of several."""
    return f"{path}[{repetition}]." if layer.repeat > 1 else f"{path}."


def size(network: Network) -> tuple[int, int]:
    """How many nodes a drawing has with every block written out, and how deep blocks lie in blocks."""
    count, depth = 0, 0
    for node in network.nodes:
        count += 1
        if isinstance(node.layer, Composite):
            nodes, deep = size(node.layer.inside())
            count, depth = count + node.layer.repeat * nodes, max(depth, deep + 1)
    return count, depth


def blocks(network: Network) -> Iterator[Node]:
    """The nodes that hold drawings."""
    return (node for node in network.nodes if isinstance(node.layer, Composite))
