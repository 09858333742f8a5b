"""Shapes, costs and diagnostics of a drawing, in plain Python. A wrong drawing is a normal state: nothing raises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from playground.core import diagnostics as say
from playground.core.diagnostics import Diagnostic, Draft, Fix, Problem
from playground.core.experiment import Experiment
from playground.core.facts import Facts, Shape
from playground.core.network import Edge, Network, Node

PARAMETER_BUDGET = 200_000_000
"""Weights of the largest network that is built."""
MEMORY_BUDGET = 8 * 2**30
"""Bytes that one training step may need, by the estimate below."""
BYTES = 4
"""float32"""


class Cost(NamedTuple):
    """What one node costs. `memory` is bytes of its weights with gradient and two optimizer moments, and of its
    answer for one case with gradient."""

    parameters: int = 0
    flops: int = 0
    memory: int = 0


class Checked(NamedTuple):
    """A drawing, understood. `shapes` lacks the nodes whose shape is not known; `order` lacks what is in a cycle."""

    network: Network
    order: tuple[str, ...]
    shapes: Mapping[str, Shape]
    costs: Mapping[str, Cost]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether it can be built."""
        return not any(note.severity == "error" for note in self.diagnostics)

    @property
    def total(self) -> Cost:
        """The whole network's cost."""
        columns = zip(*self.costs.values(), strict=True) if self.costs else ((0,), (0,), (0,))
        return Cost(*(sum(column) for column in columns))

    def inputs(self, id: str) -> tuple[Shape, ...]:
        """Shapes that arrive at a node, in the order of its ports and wires. Only for nodes whose sources are known."""
        return tuple(self.shapes[edge.source] for edge in wires(self.network, self.network[id]))

    @property
    def output(self) -> Shape | None:
        """Shape of the answer, if it is known."""
        for node in self.network.nodes:
            if node.layer.end == "sink":
                return self.shapes.get(node.id)
        return None

    def dump(self) -> dict[str, Any]:
        """The JSON form of the protocol, without revision and facts."""
        nodes = {}
        for node in self.network.nodes:
            shape, cost = self.shapes.get(node.id), self.costs.get(node.id, Cost())
            nodes[node.id] = {"shape": list(shape) if shape is not None else None, **cost._asdict()}
        return {
            "nodes": nodes,
            "total": self.total._asdict(),
            "diagnostics": [note.dump() for note in self.diagnostics],
        }


def wires(network: Network, node: Node) -> list[Edge]:
    """Wires into a node in the order of its ports, then of the drawing."""
    position = {port.name: index for index, port in enumerate(node.layer.ports)}
    return sorted(network.incoming(node.id), key=lambda edge: position.get(edge.target_port, len(position)))


def title_of(node: Node) -> str:
    """What sentences call a node."""
    return node.title or node.layer.title


def check(network: Network, facts: Facts | None) -> Checked:
    """Order, shapes, costs and diagnostics of a network on such data. `facts` None: shapes are pending, not wrong.

    Never raises on a drawing. Shapes are for one case, without the batch axis.
    """
    by_id = {node.id: node for node in network.nodes}
    notes: list[Diagnostic] = list(_ends(network)) if network.nodes else [say.at(say.no_source(), None)]
    order, circle = _sort(network, by_id)
    if circle:
        last_edge = (circle[-1], circle[0])
        draft = say.cycle([title_of(by_id[id]) for id in (*circle, circle[0])])
        fix = Fix("Remove that wire", ({"op": "disconnect", "source": last_edge[0], "target": last_edge[1]},))
        notes.append(Diagnostic(circle[0], draft.code, draft.message, (fix,), "error", last_edge))
    shapes: dict[str, Shape] = {}
    costs: dict[str, Cost] = {}
    for id in order:
        node = by_id[id]
        edges = wires(network, node)
        source = edges[0].source if edges else None
        misfit = _misfit(node, edges)
        if misfit is not None:
            notes.append(say.at(misfit, id, source))
            if misfit.severity == "error":
                continue
        if node.layer.end == "source":
            if facts is not None:
                shapes[id], costs[id] = facts.input_shape, Cost(0, 0, 0)
            continue
        if any(edge.source not in shapes for edge in edges):
            continue  # pending: the trouble is upstream and is told there
        incoming = tuple(shapes[edge.source] for edge in edges)
        try:
            shape = node.layer.output_shape(*incoming)
            cost = _cost(node, incoming, shape)
        except Problem as problem:
            notes.append(say.at(problem.draft, id, source))
            continue
        shapes[id], costs[id] = shape, cost
    notes += _habits(network, by_id, set(order))
    checked = Checked(network, tuple(order), shapes, costs, tuple(notes))
    over = _over_budget(checked)
    return checked._replace(diagnostics=(*notes, *over)) if over else checked


def check_experiment(experiment: Experiment, facts: Facts | None = None) -> dict[str, Checked]:
    """`check` for every network, and what objective, preparation and batch size add, noted at the first network.

    `facts` None takes the facts of the experiment's data.
    """
    notes: list[Draft] = []
    if facts is None:
        facts = experiment.data.dataset.facts()
        for step in experiment.data.preparation:
            notes += step.check(facts)
            facts = step.facts(facts)
    checked = {role: check(network, facts) for role, network in experiment.networks.items()}
    notes += experiment.objective.check(experiment, checked, facts)
    first = next(iter(checked))
    sink = next((n.id for n in experiment.network.nodes if n.layer.end == "sink"), None)
    before = next((e.source for e in experiment.network.incoming(sink)), None) if sink else None
    placed = [say.at(note, sink, before) for note in notes]
    if experiment.training.batch_size == 1:
        placed += [
            say.at(say.batch_norm_of_one(), node.id)
            for node in experiment.network.nodes
            if getattr(node.layer, "needs_batch", False)
        ]
    activations = sum(math.prod(shape) for shape in checked[first].shapes.values())
    memory = checked[first].total.parameters * BYTES * 4 + activations * BYTES * 2 * experiment.training.batch_size
    if memory > MEMORY_BUDGET:
        placed.append(say.at(say.too_much_memory(memory / 2**20, MEMORY_BUDGET / 2**20), None))
    if placed:
        checked[first] = checked[first]._replace(diagnostics=(*checked[first].diagnostics, *placed))
    return checked


def _ends(network: Network) -> list[Diagnostic]:
    sources = [node for node in network.nodes if node.layer.end == "source"]
    sinks = [node for node in network.nodes if node.layer.end == "sink"]
    notes: list[Diagnostic] = []
    if not sources:
        notes.append(say.at(say.no_source(), None))
    if not sinks:
        leaf = next((n.id for n in reversed(network.nodes) if not any(network.outgoing(n.id))), None)
        fix = Fix("Add an output", ({"op": "add", "layer": {"kind": "output"}, "after": leaf},))
        notes.append(say.at(say.no_sink()._replace(fixes=(fix,)), None))
    notes += [say.at(say.many_sources(), node.id) for node in sources[1:]]
    notes += [say.at(say.many_sinks(), node.id) for node in sinks[1:]]
    for node in network.nodes:
        if node.layer.end != "sink" and not any(network.outgoing(node.id)):
            feeds = next((edge.source for edge in network.incoming(node.id)), None)
            notes.append(say.at(say.dead_branch(title_of(node)), node.id, feeds))
    return notes


def _misfit(node: Node, edges: list[Edge]) -> Draft | None:
    """What is wrong with the number of wires at each port."""
    ports = {port.name: port for port in node.layer.ports}
    for edge in edges:
        if edge.target_port not in ports:
            return say.no_such_port(title_of(node), edge.target_port, list(ports))
    for port in node.layer.ports:
        count = sum(edge.target_port == port.name for edge in edges)
        if count == 0:
            return say.unconnected(title_of(node), len(ports))
        if not port.many and count > 1:
            return say.wrong_number_of_wires(title_of(node), count, 1)
        if port.many and count == 1 and len(ports) == 1:
            return say.too_few_to_merge(title_of(node))
    return None


def _cost(node: Node, incoming: tuple[Shape, ...], shape: Shape) -> Cost:
    parameters = node.layer.parameters(*incoming)
    memory = parameters * BYTES * 4 + math.prod(shape) * BYTES * 2
    return Cost(parameters, node.layer.flops(*incoming), memory)


def _sort(network: Network, by_id: Mapping[str, Node]) -> tuple[list[str], list[str]]:
    """Topological order, ties as drawn; and one cycle, if there is any."""
    waiting = dict.fromkeys(by_id, 0)
    after: dict[str, list[str]] = {id: [] for id in by_id}
    for edge in network.edges:
        waiting[edge.target] += 1
        after[edge.source].append(edge.target)
    ready = [id for id, count in waiting.items() if count == 0]
    order: list[str] = []
    for id in ready:  # grows while it is walked
        order.append(id)
        for target in after[id]:
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    left = {id for id in by_id if waiting[id] > 0}
    return order, _find_cycle(left, network)


def _find_cycle(left: set[str], network: Network) -> list[str]:
    """One cycle among nodes that all wait for each other: walk backwards until a node comes twice."""
    if not left:
        return []
    feeds = {edge.target: edge.source for edge in network.edges if edge.source in left}
    id, seen = next(iter(sorted(left))), []
    while id not in seen:
        seen.append(id)
        id = feeds[id]
    return list(reversed(seen[seen.index(id) :]))


def _habits(network: Network, by_id: Mapping[str, Node], known: set[str]) -> list[Diagnostic]:
    """Drawings that can be built and still are mistakes."""
    notes = []
    for edge in network.edges:
        source, target = by_id[edge.source], by_id[edge.target]
        if source.layer.linear and target.layer.linear and edge.target in known:
            notes.append(say.at(say.linear_after_linear(), target.id, source.id))
        if target.layer.end == "sink" and source.layer.silhouette == "dropout":
            feeds = next((e.source for e in network.incoming(source.id)), None)
            notes.append(say.at(say.dropout_before_output(), source.id, feeds))
    return notes


def _over_budget(checked: Checked) -> list[Diagnostic]:
    total = checked.total.parameters
    if total <= PARAMETER_BUDGET:
        return []
    largest = max(checked.costs, key=lambda id: checked.costs[id].parameters)
    return [say.at(say.too_large(total, PARAMETER_BUDGET), largest)]
