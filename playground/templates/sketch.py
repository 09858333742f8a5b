"""What templates share: chains of nodes, positions that look composed, and simple models to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from playground.core.contracts import Template
from playground.core.layer import Layer
from playground.core.network import Edge, Network, Node, NodeId
from playground.templates.baselines import compare

if TYPE_CHECKING:
    from playground.templates.baselines import Judged

COLUMN = 210
"""From one node's left edge to the next one's: cards are 120 to 200 wide."""
ROW = 220
PER_ROW = 5
CARD = 130
"""Height of a folded card; an unfolded one is HEAD and one PITCH a unit."""
HEAD, PITCH = 54, 46
MOST_UNFOLDED = 16


class Sketch(Template):
    """A template that also knows where its nodes stand and what simpler models make of its data."""

    unfolded: ClassVar[tuple[str, ...]] = ()
    """Dense nodes that open as a column of units with their weights."""

    def layout(self) -> dict[str, Any]:
        """Where the nodes stand, as `layout` of a project: left to right, on one middle line, in rows of five."""
        experiment = self.experiment()
        facts = experiment.data.facts()
        places = {}
        for number, node in enumerate(experiment.network.nodes):
            column, row = self.place(node.id, number)
            height = CARD
            if node.layer.end == "source" and facts.view != "image" and facts.input_shape[0] <= MOST_UNFOLDED:
                height = HEAD + PITCH * facts.input_shape[0]
            elif node.id in self.unfolded:
                height = HEAD + PITCH * int(getattr(node.layer, "units", 1))
            places[node.id] = {"x": round(column * COLUMN), "y": round(row * ROW - height / 2)}
        top = min(place["y"] for place in places.values())
        for place in places.values():
            place["y"] -= top
        return {"nodes": places, "unfolded": list(self.unfolded), "viewport": None}

    def place(self, id: str, number: int) -> tuple[float, float]:
        """Column and row of a node, the `number`th of the drawing."""
        return number % PER_ROW, number // PER_ROW

    def baselines(self, prepared: Judged) -> list[dict[str, Any]]:
        """What simple models reach on the same split, without any training of networks: name and metrics of each."""
        return compare(prepared)


def chain(layers: Mapping[str, Layer]) -> Network:
    """Nodes one behind the other, called as the keys say."""
    ids = [NodeId(name) for name in layers]
    nodes = tuple(Node(id=id, layer=layer) for id, layer in zip(ids, layers.values(), strict=True))
    edges = tuple(Edge(source=source, target=target) for source, target in pairwise(ids))
    return Network(nodes=nodes, edges=edges)
