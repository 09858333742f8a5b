"""The operations of a fix, applied to values: what the browser does when a button under a node is pressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playground.core.composite import Composite
from playground.core.experiment import Experiment
from playground.core.layer import Layer
from playground.core.network import Edge, Network, NodeId


def apply(experiment: Experiment, operations: Iterable[Mapping[str, Any]], *, role: str | None = None) -> Experiment:
    """The experiment after the operations, in order. `role` names the network they are about; None is the first."""
    name = role or next(iter(experiment.networks))
    for operation in operations:
        if operation["op"] == "experiment":
            experiment = set_at(experiment, operation["path"], operation["value"])
        else:
            experiment = experiment.with_network(_apply_one(experiment.networks[name], operation), name)
    return experiment


def apply_to_network(network: Network, operations: Iterable[Mapping[str, Any]]) -> Network:
    """The drawing after the operations, in order. Operations about nodes and wires that are gone change nothing."""
    for operation in operations:
        network = _apply_one(network, operation)
    return network


def set_at(experiment: Experiment, path: str, value: Any) -> Experiment:
    """The experiment with one value set by its dotted path, `training.batch_size` or `metrics.0`.

    Raises ValueError when there is no such path or the value is refused.
    """
    document = experiment.model_dump(mode="json")
    holder: Any = document
    *way, last = path.split(".")
    try:
        for key in way:
            holder = holder[int(key)] if isinstance(holder, list) else holder[key]
        holder[int(last) if isinstance(holder, list) else last] = value
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError(f"An experiment has nothing at {path!r}.") from None
    return Experiment.model_validate(document)


def _apply_one(network: Network, operation: Mapping[str, Any]) -> Network:
    if way := operation.get("inside"):
        return _apply_inside(network, way[0], {**operation, "inside": way[1:]})
    match operation["op"]:
        case "set":
            return _set(network, operation["node"], operation["values"])
        case "mute":
            return network.mute(operation["node"], operation["muted"])
        case "insert":
            return _insert(network, operation["source"], operation["target"], _layer(operation["layer"]))
        case "add":
            return _add(network, _layer(operation["layer"]), operation["after"])
        case "remove":
            return network.remove(operation["node"])
        case "connect":
            return _connect(network, operation["source"], operation["target"], operation.get("target_port", "in"))
        case "disconnect":
            return network.disconnect(operation["source"], operation["target"])
        case unknown:
            raise ValueError(f"There is no operation {unknown!r}.")


def _apply_inside(network: Network, block: str, operation: Mapping[str, Any]) -> Network:
    """In the drawing of a block, if there is such a block and its drawing can be changed."""
    layer = network[block].layer if block in network else None
    if not isinstance(layer, Composite) or not layer.editable:
        return network
    return network.set_layer(block, layer.with_(drawing=_apply_one(layer.inside(), operation)))


def _layer(value: Any) -> Layer:
    from playground.core.catalogue import find_catalogue

    layer: Layer = find_catalogue("layers").read(dict(value))
    return layer


def _set(network: Network, id: str, values: Mapping[str, Any]) -> Network:
    if id not in network:
        return network
    layer = network[id].layer
    return network.set_layer(id, _layer({**layer.dump(), **values, "kind": layer.kind}))


def _insert(network: Network, source: str, target: str, layer: Layer) -> Network:
    """On one wire only: of several between the same nodes, the first."""
    for position, edge in enumerate(network.edges):
        if (edge.source, edge.target) == (source, target):
            alone = network.with_(edges=(*network.edges[:position], *network.edges[position + 1 :]))
            spliced = alone.add(layer, after=source)
            new = spliced.nodes[-1].id
            first, second = spliced.edges[-1], edge.with_(source=new, source_port="out")
            before, after = network.edges[:position], network.edges[position + 1 :]
            return spliced.with_(edges=(*before, first, second, *after))
    return network


def _add(network: Network, layer: Layer, after: str | None) -> Network:
    """Behind a node: on its wire when it feeds exactly one, at its end otherwise. An input stands by itself."""
    if after is None or after not in network or not layer.in_ports:
        return network.add(layer)
    outgoing = list(network.outgoing(after))
    if len(outgoing) == 1:
        return _insert(network, after, outgoing[0].target, layer)
    return network.add(layer, after=after)


def _connect(network: Network, source: str, target: str, port: str) -> Network:
    """A port that takes one wire gives up the one it had. A wire that closes a loop changes nothing."""
    if source not in network or target not in network or _leads_to(network, target, source):
        return network
    edge = Edge(source=NodeId(source), target=NodeId(target), target_port=NodeId(port))
    if edge in network.edges:
        return network
    many = any(p.name == port and p.many for p in network[target].layer.in_ports)
    kept = network.edges if many else tuple(e for e in network.edges if (e.target, e.target_port) != (target, port))
    return network.with_(edges=(*kept, edge))


def _leads_to(network: Network, start: str, end: str) -> bool:
    found, open_ = {start}, [start]
    while open_:
        for edge in network.outgoing(open_.pop()):
            if edge.target not in found:
                found.add(edge.target)
                open_.append(edge.target)
    return end in found
