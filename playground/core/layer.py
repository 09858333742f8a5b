"""What every layer answers, in plain Python: its shape, its costs, its module, its line of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, TypeAlias

from playground.core.facts import Shape
from playground.core.part import AnyPart, Part

if TYPE_CHECKING:
    from torch import nn

Silhouette = Literal[
    "input",
    "output",
    "dense",
    "conv",
    "pool",
    "norm",
    "dropout",
    "activation",
    "add",
    "recurrent",
    "attention",
    "block",
    "plain",
]


class Port(NamedTuple):
    """A place where wires end. `many` ports take several, in order."""

    name: str
    many: bool = False


class Layer(Part):
    """A node's behaviour. Shapes come without the batch axis, one for each wire, in the order of ports and wires.

    `output_shape` raises `playground.core.diagnostics.Problem` when the shapes do not fit. A test proves shape and
    costs equal to the built module.

    Costs are for one case of a finished network (dropout off, batch norm's means known). `flops` counts each addition,
    subtraction, multiplication, division, comparison and root, and each call of exp, log, tanh or erf, as one: a
    multiplication and an addition are two, a sum of n products is 2n - 1. Zeros of padding count like numbers.
    """

    silhouette: ClassVar[Silhouette] = "plain"
    ports: ClassVar[tuple[Port, ...]] = (Port("in"),)
    end: ClassVar[Literal["source", "sink"] | None] = None
    """A source takes its shape from the data and has no in-port; a sink shows the answer and has no out-port."""
    trainable: ClassVar[bool] = False
    """Whether it has weights."""
    needs_batch: ClassVar[bool] = False
    """Whether it learns from the other cases of a batch, and so cannot train on one case at a time."""
    passes: ClassVar[bool] = False
    """Whether it only moves or scales numbers: a straight line behind it is still a straight line."""
    width_field: ClassVar[str] = ""
    """The field that decides how many numbers, or channels, it answers; empty where its input decides."""
    definitions: ClassVar[tuple[str, ...]] = ()
    """Our own modules that `source` names, as "playground.modules.wiring:Add". Exported scripts hold a copy of them."""
    phrase: ClassVar[str] = ""
    """For activations: how a sentence tells what it does to a sum, "squashes it (tanh)"."""

    @property
    def in_ports(self) -> tuple[Port, ...]:
        """`ports` of this very layer: a block has those of its drawing."""
        return self.ports

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
        """The expression that makes the same module in an exported script.

        In scope are `nn`, `torch`, `OrderedDict` and what `needed_definitions` names. Names of weights are those of `build`.
        """
        raise TypeError(f"{type(self).__name__} has no source.")

    def needed_definitions(self) -> tuple[str, ...]:
        """`definitions` of this layer and of the layers in its fields."""
        inner = [value for name in type(self).model_fields if isinstance(value := getattr(self, name), Layer)]
        return tuple(dict.fromkeys((*self.definitions, *(d for part in inner for d in part.needed_definitions()))))

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


Activation: TypeAlias = Annotated[Layer, AnyPart("layers", group="Activations")]
"""A field that holds what bends each number of a layer's answer."""


def in_sequence(**sources: str) -> str:
    """The source of modules that run one after the other under these names."""
    return f"nn.Sequential(OrderedDict({', '.join(f'{name}={source}' for name, source in sources.items())}))"
