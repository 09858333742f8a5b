"""A drawing: nodes that hold layers, wires between their ports, and pure edits that return new drawings."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, NamedTuple, NewType, Self

from pydantic import AfterValidator, Field, model_validator

from playground.core.layer import Layer
from playground.core.part import AnyPart, FromList, Value

ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,40}")
MAX_NODES = 2_000
MAX_EDGES = 8_000
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that make text look different from what it says."""

OF_EVERY_OBJECT = frozenset(
    "constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf __proto__ "
    "__defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__".split()
)
"""Names that every object in a browser has: looking up a node by one would find something else."""


def valid_id(text: str) -> str:
    """The id itself, or ValueError: ids are letters, digits, `_` and `-`, at most 40."""
    if text in OF_EVERY_OBJECT:
        raise ValueError(f"{text!r} is a name of the browser's own. Give the node another id.")
    if not ID_PATTERN.fullmatch(text):
        raise ValueError(f"{text[:50]!r} is not an id: 1 to 40 letters, digits, '_' or '-'.")
    return text


def one_line(text: str) -> str:
    """The text itself, or ValueError when it holds line breaks, control characters or turns of the writing direction."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in DIRECTIONS for c in text):
        raise ValueError("Expected one line of visible characters. Take out line breaks and control characters.")
    return text


def lines(text: str) -> str:
    """The text itself, or ValueError when it holds control characters other than line breaks and tabs: not every
    database keeps them, and a terminal obeys them."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise ValueError("Expected lines of visible characters. Take out control characters.")
    return text


NodeId = NewType("NodeId", str)
Id = Annotated[NodeId, AfterValidator(valid_id)]
Title = Annotated[str, AfterValidator(one_line)]
Lines = Annotated[str, AfterValidator(lines)]


class Node(Value):
    """One box on the canvas."""

    id: Id
    layer: Annotated[Layer, AnyPart("layers")]
    title: Title | None = Field(None, max_length=80, json_schema_extra={"numbers": False})
    muted: bool = Field(False, exclude_if=operator.not_)
    """Passed over: what comes in goes out. Only where one wire comes in and something may go out."""

    @property
    def passed_over(self) -> bool:
        """Whether the network runs as if the wires went through it."""
        ports = self.layer.in_ports
        return self.muted and self.layer.end is None and len(ports) == 1 and not ports[0].many


class Edge(Value):
    """One wire, from a node's out-port to a node's in-port."""

    source: Id
    target: Id
    source_port: str = Field("out", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    target_port: str = Field("in", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    """A block of one's own has ports called like the input nodes in it."""


class Index(NamedTuple):
    """Who is where: made once for a drawing, so that looking up stays quick in large ones."""

    nodes: Mapping[str, Node]
    into: Mapping[str, tuple[Edge, ...]]
    out_of: Mapping[str, tuple[Edge, ...]]


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

    @cached_property
    def index(self) -> Index:
        """Nodes by id; wires by where they end and where they begin, in the order they are stored."""
        into: dict[str, list[Edge]] = defaultdict(list)
        out_of: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            into[edge.target].append(edge)
            out_of[edge.source].append(edge)
        return Index(
            {node.id: node for node in self.nodes},
            {id: tuple(edges) for id, edges in into.items()},
            {id: tuple(edges) for id, edges in out_of.items()},
        )

    @property
    def heard(self) -> Network:
        """The drawing without the nodes that are passed over: what is checked, built and trained."""
        return self._heard if self._muted else self

    @cached_property
    def _muted(self) -> frozenset[NodeId]:
        return frozenset(node.id for node in self.nodes if node.passed_over)

    @cached_property
    def _heard(self) -> Network:
        ends = ((self._through(edge), edge) for edge in self.edges if edge.target not in self._muted)
        edges = (end.with_(source=b.source, source_port=b.source_port) for b, end in ends if b is not None)
        return self.with_(nodes=tuple(n for n in self.nodes if n.id not in self._muted), edges=tuple(edges))

    def _through(self, edge: Edge) -> Edge | None:
        """The wire that ends here once its way through muted nodes is followed back; None when it comes from nowhere."""
        seen: set[str] = set()
        while edge.source in self._muted:
            into = self.index.into.get(edge.source, ())
            if len(into) != 1 or edge.source in seen:
                return None
            seen.add(edge.source)
            edge = into[0]
        return edge

    def drawn(self, source: str, target: str) -> str:
        """The node whose drawn wire ends at `target` where `heard` has a wire from `source`."""
        for edge in self.incoming(target):
            begin = self._through(edge)
            if begin is not None and begin.source == source:
                return edge.source
        return source

    def __getitem__(self, id: str) -> Node:
        try:
            return self.index.nodes[id]
        except KeyError:
            raise KeyError(f"There is no node {id!r}.") from None

    def __contains__(self, id: object) -> bool:
        return id in self.index.nodes

    def incoming(self, id: str) -> Iterator[Edge]:
        """Wires into a node, in the order they are stored."""
        return iter(self.index.into.get(id, ()))

    def outgoing(self, id: str) -> Iterator[Edge]:
        """Wires out of a node."""
        return iter(self.index.out_of.get(id, ()))

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
        port = layer.in_ports[0].name if layer.in_ports else "in"
        edges = (
            self.edges
            if after is None
            else (*self.edges, Edge(source=NodeId(after), target=new, target_port=NodeId(port)))
        )
        return self.with_(nodes=(*self.nodes, Node(id=new, layer=layer)), edges=edges)

    def connect(self, source: str, target: str, *, target_port: str = "in") -> Network:
        """A new wire; the same wire twice is one."""
        edge = Edge(source=NodeId(source), target=NodeId(target), target_port=NodeId(target_port))
        return self if edge in self.edges else self.with_(edges=(*self.edges, edge))

    def disconnect(self, source: str, target: str) -> Network:
        """Without the wires from source to target."""
        return self.with_(edges=tuple(e for e in self.edges if (e.source, e.target) != (source, target)))

    def remove(self, id: str, *, heal: bool = True) -> Network:
        """Without a node. With `heal`, what fed it feeds what it fed, in the same place of the order."""
        before = [edge for edge in self.incoming(id) if edge.source != id]
        edges: list[Edge] = []
        for edge in self.edges:
            if edge.target == id:
                continue
            if edge.source != id:
                edges.append(edge)
            elif heal and len(before) == 1 and before[0].source != edge.target:  # never a wire from a node to itself
                healed = edge.with_(source=before[0].source, source_port=before[0].source_port)
                if healed not in self.edges:
                    edges.append(healed)
        return self.with_(nodes=tuple(n for n in self.nodes if n.id != id), edges=tuple(edges))

    def insert(self, source: str, target: str, layer: Layer, *, id: str | None = None) -> Network:
        """A new node on every wire from source to target."""
        new = NodeId(id) if id is not None else self.free_id(layer.kind)
        port = layer.in_ports[0].name if layer.in_ports else "in"
        edges: list[Edge] = []
        for edge in self.edges:
            if (edge.source, edge.target) == (source, target):
                first = edge.with_(target=new, target_port=port)
                edges += [*([] if first in edges else [first]), edge.with_(source=new, source_port="out")]
            else:
                edges.append(edge)
        return self.with_(nodes=(*self.nodes, Node(id=new, layer=layer)), edges=tuple(edges))

    def set_layer(self, id: str, layer: Layer) -> Network:
        """The same drawing with another layer in one node."""
        return self.with_(nodes=tuple(n.with_(layer=layer) if n.id == id else n for n in self.nodes))

    def rename(self, id: str, title: str | None) -> Network:
        """The same drawing with another title on one node. Titles change no number."""
        return self.with_(nodes=tuple(n.with_(title=title) if n.id == id else n for n in self.nodes))

    def mute(self, id: str, muted: bool) -> Network:
        """The same drawing with one node passed over, or switched on again."""
        return self.with_(nodes=tuple(n.with_(muted=muted) if n.id == id else n for n in self.nodes))
