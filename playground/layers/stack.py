"""How the drawings of shipped blocks are put together, one node behind the other."""

from __future__ import annotations

from typing import Any

from playground.core.composite import FIRST
from playground.core.layer import Layer
from playground.core.network import Network, NodeId
from playground.layers import layers
from playground.layers.ends import Input, Output


class Stack:
    """A drawing that grows. `end` is the node to go on from."""

    def __init__(self, *more_inputs: str) -> None:
        """`more_inputs`: ids of further inputs, beside the first."""
        self.network = Network()
        self.end = ""
        for id in ("input", *more_inputs):
            self.network = self.network.add(Input(), id=id)
        self.end = "input"

    def add(self, id: str, kind: str | Layer, *, after: str | None = None, **settings: Any) -> str:
        """A node behind the end, or behind `after`; the new end."""
        layer = kind if isinstance(kind, Layer) else layers.read({"kind": kind, **settings})
        self.network = self.network.add(layer, id=id, after=after or self.end)
        self.end = id
        return id

    def join(self, id: str, kind: str, *sources: str) -> str:
        """A node where several wires meet; the new end."""
        self.network = self.network.add(layers.read({"kind": kind}), id=id)
        for source in sources:
            self.network = self.network.connect(source, id)
        self.end = id
        return id

    def feed(self, source: str, target: str, port: str = FIRST) -> None:
        """One more wire."""
        self.network = self.network.connect(source, target, target_port=port)

    def done(self) -> Network:
        """The drawing, with its output."""
        return self.network.add(Output(), id=NodeId("output"), after=self.end)
