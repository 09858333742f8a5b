"""A drawing in a node: what a person grouped, named and may repeat."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from playground.core.composite import Composite, ports_of
from playground.core.facts import Shape
from playground.core.layer import Port
from playground.core.network import Edge, Id, Network, Node, NodeId, Title
from playground.core.part import FromList, Value
from playground.layers import layers
from playground.layers.ends import Input, Output


class Face(Value):
    """A setting of a node in the block that is shown on the block itself."""

    node: Id
    field: str = Field(pattern=r"^[a-z_]{1,40}$")
    title: Title | None = Field(None, max_length=40)


EMPTY = Network(
    nodes=(Node(id=NodeId("input"), layer=Input()), Node(id=NodeId("output"), layer=Output())),
    edges=(Edge(source=NodeId("input"), target=NodeId("output")),),
)


@layers.register("block", title="Block", group="Blocks", synonyms=("group", "sub-network", "module", "repeat"))
class Block(Composite):
    """A drawing of its own in one node. Open it to see and change what it does.

    Its input nodes are its ports. Repeated, it runs several times in a row, each time with weights of its own.
    """

    summary: ClassVar[str] = "× {repeat}"
    editable: ClassVar[bool] = True

    drawing: Network = Field(EMPTY, description="What the block does.")
    face: Annotated[tuple[Face, ...], FromList] = Field(
        (),
        max_length=8,
        description="Settings of nodes inside that are shown on the block.",
        json_schema_extra={"numbers": False, "hidden": True},
    )

    @property
    def in_ports(self) -> tuple[Port, ...]:
        return ports_of(self.drawing)

    def inside(self, *shapes: Shape) -> Network:
        return self.drawing
