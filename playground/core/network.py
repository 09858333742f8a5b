"""A drawing: nodes that hold layers, wires between their ports, and pure edits that return new drawings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, NewType, Self

from pydantic import AfterValidator, Field, model_validator

from playground.core.layer import Layer
from playground.core.part import AnyPart, FromList, Value

ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,40}")
MAX_NODES = 2_000
MAX_EDGES = 8_000


def valid_id(text: str) -> str:
    """The id itself, or ValueError: ids are letters, digits, `_` and `-`, at most 40."""
    if not ID_PATTERN.fullmatch(text):
        raise ValueError(f"{text[:50]!r} is not an id: 1 to 40 letters, digits, '_' or '-'.")
    return text


NodeId = NewType("NodeId", str)
Id = Annotated[NodeId, AfterValidator(valid_id)]


class Node(Value):
    """One box on the canvas."""

    id: Id
    layer: Annotated[Layer, AnyPart("layers")]
    title: str | None = Field(None, max_length=80, json_schema_extra={"numbers": False})


class Edge(Value):
    """One wire, from a node's out-port to a node's in-port."""

    source: Id
    target: Id
    source_port: str = Field("out", pattern=r"^[a-z_]{1,20}$")
    target_port: str = Field("in", pattern=r"^[a-z_]{1,20}$")


class Network(Value):
    """Nodes and wires. Wrong drawings are normal: only ids, sizes and wires to nowhere are refused here."""

    nodes: Annotated[tuple[Node, ...], FromList] = Field((), max_length=MAX_NODES)
    edges: Annotated[tuple[Edge, ...], FromList] = Field((), max_length=MAX_EDGES)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        counts = Counter(node.id for node in self.nodes)
        twice = [id for id, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"Two nodes are called {twice[0]!r}; every node needs its own id.")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in counts:
                    raise ValueError(f"A wire leads to {end!r}, which is not on the canvas.")
        return self

    def __getitem__(self, id: str) -> Node:
        for node in self.nodes:
            if node.id == id:
                return node
        raise KeyError(f"There is no node {id!r}.")

    def __contains__(self, id: object) -> bool:
        return any(node.id == id for node in self.nodes)

    def incoming(self, id: str) -> Iterator[Edge]:
        """Wires into a node, in the order they are stored."""
        return (edge for edge in self.edges if edge.target == id)

    def outgoing(self, id: str) -> Iterator[Edge]:
        """Wires out of a node."""
        return (edge for edge in self.edges if edge.source == id)

    def free_id(self, wish: str) -> NodeId:
        """`wish`, or `wish2`, `wish3` …: an id no node has."""
        stem = re.sub(r"[^A-Za-z0-9_-]", "", wish)[:36] or "node"
        taken = {node.id for node in self.nodes}
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}{number}", number + 1
        return NodeId(name)

    def add(self, layer: Layer, *, id: str | None = None, after: str | None = None) -> Network:
        """A new node; with `after`, wired behind that node."""
        new = NodeId(id) if id is not None else self.free_id(layer.kind)
        edges = self.edges if after is None else (*self.edges, Edge(source=NodeId(after), target=new))
        return self.with_(nodes=(*self.nodes, Node(id=new, layer=layer)), edges=edges)

    def connect(self, source: str, target: str, *, target_port: str = "in") -> Network:
        """A new wire; the same wire twice is one."""
        edge = Edge(source=NodeId(source), target=NodeId(target), target_port=target_port)
        return self if edge in self.edges else self.with_(edges=(*self.edges, edge))

    def disconnect(self, source: str, target: str) -> Network:
        """Without the wires from source to target."""
        return self.with_(edges=tuple(e for e in self.edges if (e.source, e.target) != (source, target)))

    def remove(self, id: str, *, heal: bool = True) -> Network:
        """Without a node. With `heal`, what fed it feeds what it fed."""
        before = [e for e in self.edges if e.target == id]
        after = [e for e in self.edges if e.source == id]
        kept = [e for e in self.edges if id not in (e.source, e.target)]
        if heal and len(before) == 1:
            for edge in after:
                healed = edge.with_(source=before[0].source)
                if healed not in kept:
                    kept.append(healed)
        return self.with_(nodes=tuple(n for n in self.nodes if n.id != id), edges=tuple(kept))

    def insert(self, source: str, target: str, layer: Layer, *, id: str | None = None) -> Network:
        """A new node on the wire from source to target."""
        new = NodeId(id) if id is not None else self.free_id(layer.kind)
        edges: list[Edge] = []
        for edge in self.edges:
            if (edge.source, edge.target) == (source, target):
                edges += [Edge(source=edge.source, target=new), edge.with_(source=new)]
            else:
                edges.append(edge)
        return self.with_(nodes=(*self.nodes, Node(id=new, layer=layer)), edges=tuple(edges))

    def set_layer(self, id: str, layer: Layer) -> Network:
        """The same drawing with another layer in one node."""
        return self.with_(nodes=tuple(n.with_(layer=layer) if n.id == id else n for n in self.nodes))

    def rename(self, id: str, title: str | None) -> Network:
        """The same drawing with another title on one node. Titles change no number."""
        return self.with_(nodes=tuple(n.with_(title=title) if n.id == id else n for n in self.nodes))
