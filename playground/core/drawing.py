"""How a drawing is wired: its order, and what is wrong with its wires whatever its layers do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from playground.core import diagnostics as say
from playground.core.diagnostics import Diagnostic, Fix
from playground.core.network import Edge, Network, Node


def title_of(node: Node) -> str:
    """What a node is called."""
    return node.title or node.layer.title


def name_of(node: Node) -> str:
    """What sentences call a node: a few words, however long its title is."""
    words = (node.title or "").split() or [node.layer.title]
    return " ".join(words[:3])[:24]


def wires(network: Network, node: Node) -> list[Edge]:
    """Wires into a node in the order of its ports, then of the drawing."""
    edges = list(network.incoming(node.id))
    if len(node.layer.in_ports) < 2:
        return edges
    position = {port.name: index for index, port in enumerate(node.layer.in_ports)}
    return sorted(edges, key=lambda edge: position.get(edge.target_port, len(position)))


def the_source(network: Network) -> Node | None:
    """Where the data come in; of several, the first that feeds something."""
    return _the_end(network, "source", network.index.out_of)


def the_sink(network: Network) -> Node | None:
    """Where the answer comes out; of several, the first that is fed."""
    return _the_end(network, "sink", network.index.into)


def _the_end(network: Network, end: str, wired: Mapping[str, tuple[Edge, ...]]) -> Node | None:
    found = [node for node in network.nodes if node.layer.end == end]
    return next((node for node in found if node.id in wired), found[0] if found else None)


def ends(network: Network, *, several: bool = False) -> Iterator[Diagnostic]:
    """Missing and surplus inputs and outputs; `several` inputs are fine in a block."""
    source, sink = the_source(network), the_sink(network)
    if source is None:
        yield say.at(say.no_source(), None)
    if sink is None and network.nodes:
        unused = [node.id for node in network.nodes if node.id not in network.index.out_of]
        yield say.at(say.no_sink(unused[-1] if unused else None), None)
    for node in network.nodes:
        if node.layer.end == "source" and node is not source and not several:
            yield say.at(say.many_sources(), node.id)
        if node.layer.end == "sink" and node is not sink:
            yield say.at(say.many_sinks(), node.id)


def sort(network: Network) -> tuple[list[str], list[str]]:
    """Topological order, ties as drawn; and one cycle, if there is any."""
    waiting = {node.id: len(network.index.into.get(node.id, ())) for node in network.nodes}
    order: list[str] = [id for id, count in waiting.items() if count == 0]
    for id in order:  # grows while it is walked
        for edge in network.outgoing(id):
            waiting[edge.target] -= 1
            if waiting[edge.target] == 0:
                order.append(edge.target)
    return order, _find_cycle({id for id, count in waiting.items() if count > 0}, network)


def _find_cycle(left: set[str], network: Network) -> list[str]:
    """One cycle among nodes that all wait for each other: walk backwards until a node comes twice."""
    if not left:
        return []
    feeds: dict[str, str] = {edge.target: edge.source for edge in network.edges if edge.source in left}
    id = min(left)
    seen: dict[str, None] = {}
    while id not in seen:
        seen[id] = None
        id = feeds[id]
    walked = list(seen)
    return list(reversed(walked[walked.index(id) :]))


def cycle(network: Network, circle: list[str]) -> Diagnostic:
    """The diagnostic of a cycle, at its first node and last wire: one that leaves nobody without a wire, if there is
    one, and of those the newest."""
    turns = [circle[place:] + circle[:place] for place in range(len(circle))]

    def spared(turn: list[str]) -> int:
        into = network.index.into[turn[0]]
        return max(network.edges.index(edge) for edge in into if edge.source == turn[-1]) if len(into) > 1 else -1

    circle = max(turns, key=spared)
    source, target = circle[-1], circle[0]
    fix = Fix("Remove that wire", (_disconnect(source, target),))
    draft = say.cycle([name_of(network[id]) for id in (*circle, target)], fix)
    return say.at(draft, target, edge=(source, target))


def misfits(network: Network, node: Node) -> Iterator[Diagnostic]:
    """What is wrong with the wires at a node's ports, the gravest first."""
    edges = wires(network, node)
    ports = {port.name: port for port in node.layer.in_ports}
    for edge in edges:
        fix = Fix("Remove that wire", (_disconnect(edge.source, edge.target),))
        if node.layer.end == "source":
            yield say.at(say.into_source(name_of(node), fix), node.id, edge=(edge.source, edge.target))
        elif edge.target_port not in ports:
            draft = say.no_such_port(name_of(node), edge.target_port, list(ports), fix)
            yield say.at(draft, node.id, edge=(edge.source, edge.target))
    for edge in edges:
        source = network[edge.source]
        if source.layer.end == "sink":
            fix = Fix("Remove that wire", (_disconnect(edge.source, edge.target),))
            yield say.at(say.out_of_sink(name_of(source), fix), node.id, edge=(edge.source, edge.target))
        elif edge.source_port != "out" and edge.target_port in ports:  # else the other end is told first
            fix = Fix("Use 'out'", (_disconnect(edge.source, edge.target), _connect(edge)))
            draft = say.no_such_out_port(name_of(source), edge.source_port, fix)
            yield say.at(draft, node.id, edge=(edge.source, edge.target))
    for port in node.layer.in_ports:
        arriving = [edge for edge in edges if edge.target_port == port.name]
        if not arriving:
            yield _unconnected(network, node, port.name)
        elif not port.many and len(arriving) > 1:
            yield say.at(say.too_many_wires(name_of(node), len(arriving), _keep_last(network, arriving)), node.id)
        elif port.many and len(arriving) == 1 and len(ports) == 1:
            yield say.at(say.too_few_to_merge(name_of(node)), node.id)


def _unconnected(network: Network, node: Node, port: str) -> Diagnostic:
    """Offers the one node that leads nowhere yet, if there is exactly one and it does not hang on this node."""
    behind = _behind(network, node.id)
    unused = (
        other
        for other in network.nodes
        if other.id not in network.index.out_of and other.id not in behind and other.layer.end != "sink"
    )
    idle = list(islice(unused, 2))
    feeder = (idle[0].id, name_of(idle[0])) if len(idle) == 1 else None
    return say.at(say.unconnected(name_of(node), port, feeder, removable=node.layer.end is None), node.id)


def _behind(network: Network, id: str) -> set[str]:
    """A node and everything it leads to."""
    found, open_ = {id}, [id]
    while open_:
        for edge in network.outgoing(open_.pop()):
            if edge.target not in found:
                found.add(edge.target)
                open_.append(edge.target)
    return found


def _keep_last(network: Network, arriving: list[Edge]) -> Fix | None:
    """A button that keeps the newest wire; none for a crowd of wires, nobody drew those by hand."""
    if len(arriving) > 8:
        return None
    last = arriving[-1]
    sources = dict.fromkeys(edge.source for edge in arriving)
    ops = (*(_disconnect(source, last.target) for source in sources), _connect(last))
    return Fix(f"Keep only {name_of(network[last.source])}", ops)


def _disconnect(source: str, target: str) -> dict[str, str]:
    return {"op": "disconnect", "source": source, "target": target}


def _connect(edge: Edge) -> dict[str, str]:
    return {"op": "connect", "source": edge.source, "target": edge.target, "target_port": edge.target_port}


def as_drawn(note: Diagnostic, drawn: Network) -> Diagnostic:
    """A diagnostic about the network without its muted nodes, said of the wires that are really there."""

    def real(op: dict[str, Any]) -> dict[str, Any]:
        if op["op"] in ("insert", "disconnect") and op["target"] in drawn:
            return {**op, "source": drawn.drawn(op["source"], op["target"])}
        return op

    edge = (drawn.drawn(*note.edge), note.edge[1]) if note.edge is not None and note.edge[1] in drawn else note.edge
    fixes = tuple(fix._replace(ops=tuple(real(op) for op in fix.ops)) for fix in note.fixes)
    return note._replace(edge=edge, fixes=fixes)


def cannot_mute(network: Network) -> Iterator[Diagnostic]:
    """Nodes that are muted in vain: what joins wires, brings data in or shows the answer has no way past it."""
    for node in network.nodes:
        if node.muted and not node.passed_over:
            yield say.at(say.muted_in_vain(name_of(node)), node.id)


def habits(network: Network, known: set[str]) -> Iterator[Diagnostic]:
    """Drawings that can be built and still are mistakes."""
    for node in network.nodes:
        if node.layer.end is None and node.id in network.index.into and node.id not in network.index.out_of:
            yield say.at(say.dead_branch(name_of(node)), node.id)
        if node.id not in known:
            continue
        if node.layer.linear and (before := _linear_before(network, node)) is not None:
            yield _straight(network, before, node)
        if node.layer.end == "sink":
            for edge in network.incoming(node.id):
                if network[edge.source].layer.silhouette == "dropout":
                    yield say.at(say.dropout_before_output(), edge.source)


def _linear_before(network: Network, node: Node) -> Node | None:
    """The layer without a bend whose answer reaches this one unbent, if there is one."""
    here = node
    while True:
        edges = list(network.incoming(here.id))
        if len(edges) != 1:
            return None
        here = network[edges[0].source]
        if here.layer.linear:
            return here
        if not here.layer.passes:
            return None


def _straight(network: Network, first: Node, second: Node) -> Diagnostic:
    relu = {"kind": "relu"}
    if "activation" in type(first.layer).model_fields:
        fix = say.set_fields("Bend it with ReLU", {"activation": relu}, node=first.id)
    else:
        edge = next(network.incoming(second.id))
        fix = Fix("Insert ReLU", ({"op": "insert", "source": edge.source, "target": second.id, "layer": relu},))
    return say.at(say.linear_after_linear(name_of(first), name_of(second), fix), second.id)
