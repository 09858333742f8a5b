"""What every layer answers, in plain Python: its shape, its costs, its module, its line of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from playground.core.facts import Shape
from playground.core.part import Part

if TYPE_CHECKING:
    from torch import nn

Silhouette = Literal[
    "input", "output", "dense", "conv", "pool", "norm", "dropout", "activation", "add", "recurrent", "attention", "plain"
]


class Port(NamedTuple):
    """A place where wires end. `many` ports take several, in order."""

    name: str
    many: bool = False


class Layer(Part):
    """A node's behaviour. Shapes come without the batch axis, one for each wire, in the order of ports and wires.

    `output_shape` raises `playground.core.diagnostics.Problem` when the shapes do not fit. Costs are for one case:
    `flops` counts a multiplication and an addition as two. A test proves shape and costs equal to the built module.
    """

    silhouette: ClassVar[Silhouette] = "plain"
    ports: ClassVar[tuple[Port, ...]] = (Port("in"),)
    end: ClassVar[Literal["source", "sink"] | None] = None
    """A source takes its shape from the data and has no in-port; a sink shows the answer and has no out-port."""
    trainable: ClassVar[bool] = False
    """Whether it has weights."""
    phrase: ClassVar[str] = ""
    """For activations: how a sentence tells what it does to a sum, "squashes it (tanh)"."""

    @property
    def linear(self) -> bool:
        """Whether it has weights and no bend: two such layers in a row are one."""
        return False

    def output_shape(self, *shapes: Shape) -> Shape:
        """Shape of the answer. Raises Problem."""
        return shapes[0]

    def parameters(self, *shapes: Shape) -> int:
        """How many numbers are learned."""
        return 0

    def flops(self, *shapes: Shape) -> int:
        """Operations of one forward pass of one case."""
        return 0

    def build(self, *shapes: Shape) -> nn.Module:
        """The torch module, initialised by the global random state. Several inputs arrive as positional arguments."""
        raise TypeError(f"{type(self).__name__} has nothing to build.")

    def source(self, *shapes: Shape) -> str:
        """The expression that makes the module in an exported script, with `nn` and `torch` in scope."""
        raise TypeError(f"{type(self).__name__} has no source.")

    @classmethod
    def card(cls) -> dict[str, Any]:
        """What the palette and the canvas need beside the form."""
        return {
            "silhouette": cls.silhouette,
            "ports": [{"name": port.name, "many": port.many} for port in cls.ports],
            "end": cls.end,
            "trainable": cls.trainable,
            "phrase": cls.phrase,
        }
