"""Shapes, costs and diagnostics of a drawing, in plain Python. A wrong drawing is a normal state: nothing raises."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from playground.core import diagnostics as say
from playground.core import drawing
from playground.core.composite import MAX_DEPTH, MAX_EXPANDED, Composite, blocks, size, sources, step_path
from playground.core.costs import BYTES, Cost, Evaluated, evaluated
from playground.core.diagnostics import Diagnostic, Draft, Fix, Problem
from playground.core.drawing import name_of, title_of, wires
from playground.core.experiment import Experiment
from playground.core.facts import Facts, Shape
from playground.core.fixes import apply_to_network
from playground.core.network import Network, Node

__all__ = ["Checked", "Cost", "Leaf", "check", "check_experiment", "opened", "title_of", "width_owner", "wires"]

PARAMETER_BUDGET = 200_000_000
"""Weights of the largest network that is built."""
MEMORY_BUDGET = 8 * 2**30
"""Bytes that one training step may need, by the estimate below."""


class Checked(NamedTuple):
    """A drawing, understood. `shapes` lacks the nodes whose shape is not known; `order` lacks what is in a cycle."""

    network: Network
    order: tuple[str, ...]
    shapes: Mapping[str, Shape]
    costs: Mapping[str, Cost]
    diagnostics: tuple[Diagnostic, ...]
    inside: Mapping[str, tuple[Checked, ...]] = {}  # never written to
    """The drawings of its blocks, one for each repetition."""

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
        sink = drawing.the_sink(self.network)
        return self.shapes.get(sink.id) if sink is not None else None

    def dump(self) -> dict[str, Any]:
        """The JSON form of the protocol, without revision and facts."""
        return {
            "nodes": dict(self.rows("")),
            "total": self.total._asdict(),
            "diagnostics": [note.dump() for note in self.diagnostics],
        }

    def rows(self, before: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every node by its path; of a block's repetitions, the first."""
        for node in self.network.nodes:
            shape, cost = self.shapes.get(node.id), self.costs.get(node.id, Cost())
            yield before + node.id, {"shape": list(shape) if shape is not None else None, **cost._asdict()}
            if node.id in self.inside and isinstance(node.layer, Composite):
                yield from self.inside[node.id][0].rows(step_path(before + node.id, node.layer, 0))

    def leaves(self, before: str = "") -> Iterator[Leaf]:
        """Every node that holds no drawing, in order, with every block opened and every repetition written out."""
        for id in self.order:
            node = self.network[id]
            if not isinstance(node.layer, Composite):
                yield Leaf(before + id, node, self)
            for repetition, inner in enumerate(self.inside.get(id, ())):
                assert isinstance(node.layer, Composite)
                yield from inner.leaves(step_path(before + id, node.layer, repetition))


class Leaf(NamedTuple):
    """A node somewhere in a network: its path, and the checked drawing it lies in."""

    path: str
    node: Node
    drawing: Checked

    @property
    def title(self) -> str:
        """What it is called, with the path of the block that it lies in; with its id, where others there are called so."""
        block, title = self.path.rpartition(".")[0], title_of(self.node)
        if not block:
            return title
        alike = sum(title_of(node) == title for node in self.drawing.network.nodes)
        return f"{block}: {title} ({self.node.id})" if alike > 1 else f"{block}: {title}"

    @property
    def shape(self) -> Shape:
        """Shape of its answer."""
        return self.drawing.shapes[self.node.id]

    @property
    def inputs(self) -> tuple[Shape, ...]:
        """Shapes that arrive."""
        return self.drawing.inputs(self.node.id)


def check(network: Network, facts: Facts | None) -> Checked:
    """Order, shapes, costs and diagnostics of a network on such data. `facts` None: shapes are pending, not wrong.

    Never raises on a drawing. Shapes are for one case, without the batch axis.
    """
    checked = _check(network, _at_the_source(network, facts.input_shape) if facts is not None else None)
    total = checked.total.parameters
    if total <= PARAMETER_BUDGET:
        return checked
    largest = max(checked.costs, key=lambda id: checked.costs[id].parameters)
    draft = say.too_large(total, PARAMETER_BUDGET, _narrower(checked, largest))
    return checked._replace(diagnostics=(*checked.diagnostics, say.at(draft, largest)))


def _at_the_source(network: Network, shape: Shape) -> dict[str, Shape]:
    """A network has one input; of several, which is an error, each shows what it would get."""
    return {node.id: shape for node in sources(network)}


def _check(network: Network, arriving: Mapping[str, Shape] | None, *, help: int = 4, block: bool = False) -> Checked:
    """`arriving`: shapes by input node. `help` is for how many nodes fixes are searched that need a look at the
    neighbours. `block`: the drawing of a block, which may have several inputs."""
    drawn, network = network, network.heard
    notes = list(drawing.ends(network, several=block))
    if not block and (too_much := _too_much(network)) is not None:
        return Checked(network, (), {}, {}, (*notes, too_much))
    order, circle = drawing.sort(network)
    if circle:
        notes.append(drawing.cycle(network, circle))
    shapes: dict[str, Shape] = {}
    costs: dict[str, Cost] = {}
    inside: dict[str, tuple[Checked, ...]] = {}
    for id in order:
        node = network[id]
        misfits = list(drawing.misfits(network, node))
        notes += misfits
        if any(note.severity == "error" for note in misfits):
            continue
        if node.layer.end == "source":
            if arriving is not None and id in arriving:
                shapes[id], costs[id] = arriving[id], Cost()
            continue
        edges = wires(network, node)
        if any(edge.source not in shapes for edge in edges):
            continue  # pending: the trouble is upstream and is told there
        incoming = tuple(shapes[edge.source] for edge in edges)
        if isinstance(node.layer, Composite):
            inside[id] = written_out = opened(node.layer, incoming)
            costs[id] = Cost(*(sum(column) for column in zip(*(one.total for one in written_out), strict=True)))
            notes += _from_inside(node, written_out)
            if written_out[-1].ok and written_out[-1].output is not None:
                shapes[id] = written_out[-1].output
            continue
        found = evaluated(node.layer, incoming)
        if isinstance(found, Evaluated):
            # What comes out of a block is counted where the block stands.
            shapes[id], costs[id] = found.shape, found.cost if node.layer.end is None or not block else Cost()
        else:
            draft = found if help <= 0 else _helped(found, network, node, shapes)
            help -= 1
            notes.append(say.at(draft, id, edges[0].source))
    notes += drawing.habits(network, set(order))
    if network is not drawn:
        notes = [drawing.as_drawn(note, drawn) for note in notes]
    notes += drawing.cannot_mute(drawn)
    return Checked(network, tuple(order), shapes, costs, tuple(notes), inside)


@lru_cache(maxsize=2_048)
def opened(layer: Composite, incoming: tuple[Shape, ...]) -> tuple[Checked, ...]:
    """The drawing of a block, checked for each repetition until one fails. The same block with the same inputs is
    checked once, however often it is drawn."""
    done: list[Checked] = []
    first = incoming[0]
    for _ in range(layer.repeat):
        try:
            network = layer.inside(first, *incoming[1:])
        except Problem as problem:
            return (*done, Checked(Network(), (), {}, {}, (say.at(problem.draft, None),)))
        ids = [node.id for node in sources(network)]
        one = _check(network, dict(zip(ids, (first, *incoming[1:]), strict=True)), block=True)
        done.append(one)
        if not one.ok or one.output is None:
            break
        first = one.output
    return tuple(done)


def _from_inside(node: Node, written_out: Sequence[Checked]) -> Iterator[Diagnostic]:
    """What is wrong inside a block, by the paths of its nodes; of repetitions with the same trouble, the first."""
    assert isinstance(node.layer, Composite)
    said: set[tuple[str | None, str]] = set()
    for repetition, one in enumerate(written_out):
        before = step_path(node.id, node.layer, repetition)
        for note in one.diagnostics:
            if (note.node, note.message) in said:
                continue
            said.add((note.node, note.message))
            yield note._replace(
                node=before + note.node if note.node is not None else node.id,
                edge=(before + note.edge[0], before + note.edge[1]) if note.edge is not None else None,
                fixes=tuple(_inside(fix, node.id) for fix in note.fixes if node.layer.editable),
            )


def _inside(fix: Fix, block: str) -> Fix:
    """The button for a drawing that lies in a block of this one."""
    ops = ({**op, "inside": [block, *op.get("inside", ())]} for op in fix.ops if op["op"] != "experiment")
    return fix._replace(ops=tuple(ops))


def _too_much(network: Network) -> Diagnostic | None:
    """Blocks that are too many or lie too deep, before anything is written out."""
    if not any(True for _ in blocks(network)):
        return None
    nodes, depth = size(network)
    if depth > MAX_DEPTH:
        return say.at(say.blocks_too_deep(depth, MAX_DEPTH), None)
    if nodes > MAX_EXPANDED:
        return say.at(say.blocks_too_many(nodes, MAX_EXPANDED), None)
    return None


def check_experiment(experiment: Experiment, facts: Facts | None = None) -> dict[str, Checked]:
    """`check` for every network, and what objective, preparation and batch size add.

    `facts` None takes the facts of the experiment's data. What an objective says without naming a node is noted at the
    first network's output, what a preparation step says at its input.
    """
    notes: list[tuple[str, Draft]] = []
    if facts is None:
        facts = experiment.data.dataset.facts()
        for step in experiment.data.preparation:
            notes += [("source", draft) for draft in step.check(facts)]
            facts = step.facts(facts)
    checked = {role: check(network, facts) for role, network in experiment.networks.items()}
    role, network = next(iter(experiment.networks.items()))
    said = experiment.objective.check(experiment, checked, facts)
    notes += [("sink", note) for note in said if isinstance(note, Draft)]
    ends = {"source": drawing.the_source(network), "sink": drawing.the_sink(network)}
    placed = [_placed(draft, network, ends[end]) for end, draft in notes]
    placed += [note for note in said if isinstance(note, Diagnostic)]
    _note(checked, role, [*placed, *_memory(experiment, checked)])
    if experiment.training.batch_size == 1:
        for name, one in checked.items():
            needy = [leaf.path for leaf in one.leaves() if leaf.node.layer.needs_batch]
            _note(checked, name, [say.at(say.batch_norm_of_one(), id) for id in needy])
    return checked


def _note(checked: dict[str, Checked], role: str, notes: Sequence[Diagnostic]) -> None:
    if notes:
        checked[role] = checked[role]._replace(diagnostics=(*checked[role].diagnostics, *notes))


def _placed(draft: Draft, network: Network, node: Node | None) -> Diagnostic:
    if node is None:
        return say.at(draft, None)
    return say.at(draft, node.id, next((edge.source for edge in network.incoming(node.id)), None))


def _memory(experiment: Experiment, checked: Mapping[str, Checked]) -> Iterator[Diagnostic]:
    """Weights with gradient and two moments, and every answer of the batch with its gradient."""
    weights = sum(one.total.parameters for one in checked.values()) * BYTES * 4
    answers = sum(math.prod(shape) for one in checked.values() for shape in one.shapes.values()) * BYTES * 2
    if weights + answers * experiment.training.batch_size <= MEMORY_BUDGET:
        return
    fitting = (MEMORY_BUDGET - weights) // answers if answers else 0
    fix = None
    if fitting >= 1:
        batch = 2 ** (fitting.bit_length() - 1)
        fix = say.set_experiment(f"Use batch size {batch:,}", "training.batch_size", batch)
    need = (weights + answers * experiment.training.batch_size) // 2**20
    yield say.at(say.too_much_memory(need, MEMORY_BUDGET // 2**20, fix), None)


def _narrower(checked: Checked, id: str) -> Fix | None:
    """A button that halves the width of one layer until the network fits, if that is enough."""
    network, layer = checked.network, checked.network[id].layer
    width = getattr(layer, layer.width_field, 0)
    source = drawing.the_source(network)
    while width > 1 and source is not None:
        width //= 2
        try:
            smaller = network.set_layer(id, layer.with_(**{layer.width_field: width}))
        except ValueError:
            return None
        arriving = _at_the_source(network, checked.shapes[source.id]) if source.id in checked.shapes else None
        if _check(smaller, arriving, help=0).total.parameters <= PARAMETER_BUDGET:
            return say.set_fields(f"Use {width:,} {layer.width_field}", {layer.width_field: width})
    return None


def width_owner(network: Network, shapes: Mapping[str, Shape], id: str) -> tuple[str, str] | None:
    """The node that decides how many numbers, or channels, leave this one, and the field that says it."""
    while True:
        layer = network[id].layer
        if layer.width_field:
            return id, layer.width_field
        edges = list(network.incoming(id))
        if len(edges) != 1 or id not in shapes or shapes[id][0] != shapes[edges[0].source][0]:
            return None
        id = edges[0].source


def _helped(draft: Draft, network: Network, node: Node, shapes: Mapping[str, Shape]) -> Draft:
    """The draft of a layer, with the fixes that only a look at its neighbours can find. What is offered was tried."""
    edges = wires(network, node)
    incoming = [shapes[edge.source] for edge in edges]
    if draft.code == "add-mismatch" and len({shape[1:] for shape in incoming}) == 1:
        widths = dict.fromkeys(shape[0] for shape in incoming)
        # A layer that is there is changed before one is added.
        for width, adding in ((width, adding) for adding in (False, True) for width in widths):
            fix = _one_width(network, shapes, node, width, adding=adding)
            if fix is not None and _solves(fix, network, node, shapes):
                return say.cannot_add(incoming, width, fix).draft
    if draft.code in ("add-mismatch", "concatenate-mismatch") and any(len(shape) > 1 for shape in incoming):
        flatten = {"kind": "flatten"}
        pictures = [edge.source for edge, shape in zip(edges, incoming, strict=True) if len(shape) > 1]
        insert = ({"op": "insert", "source": id, "target": node.id, "layer": flatten} for id in dict.fromkeys(pictures))
        fix = Fix("Flatten first", tuple(insert))
        if _solves(fix, network, node, shapes):
            return draft._replace(fixes=(fix,))
    if len(edges) > 1 and not draft.fixes:
        sources = dict.fromkeys(edge.source for edge in edges)
        kept = max(sources, key=lambda id: list(shapes).index(id))
        drop = ({"op": "disconnect", "source": id, "target": node.id} for id in sources if id != kept)
        return draft._replace(fixes=(Fix(f"Keep only {name_of(network[kept])}", tuple(drop)),))
    if (
        len(edges) == 1
        and (before := network[edges[0].source]).layer.passes
        and (draft.code == "needs-picture" or not draft.fixes)
    ):
        fix = say.remove(f"Remove {name_of(before)}", node=before.id)
        if _solves(fix, network, node, shapes):
            return draft._replace(fixes=(fix, *draft.fixes))
    return draft


def _of_width(width: int, shape: Shape) -> dict[str, Any] | None:
    """A layer that changes nothing but how many numbers, or channels, there are."""
    if len(shape) == 3:
        return {"kind": "conv2d", "channels": width, "kernel": 1, "activation": None}
    return {"kind": "dense", "units": width, "activation": None} if len(shape) in (1, 2) else None


def _one_width(network: Network, shapes: Mapping[str, Shape], node: Node, width: int, *, adding: bool) -> Fix | None:
    """A button that gives every branch the same width: at the layer that decides it or, `adding`, with a layer of its
    own where there is none."""
    ops = []
    sources = dict.fromkeys(edge.source for edge in wires(network, node))
    for id in sources:
        if shapes[id][0] != width:
            owner = width_owner(network, shapes, id)
            if owner is not None:
                ops.append({"op": "set", "node": owner[0], "values": {owner[1]: width}})
            elif adding and (fitted := _of_width(width, shapes[id])) is not None:
                ops.append({"op": "insert", "source": id, "target": node.id, "layer": fitted})
            else:
                return None
    return Fix(f"Make {'both' if len(sources) == 2 else 'all'} {width:,}", tuple(ops))


def _solves(fix: Fix, network: Network, node: Node, shapes: Mapping[str, Shape]) -> bool:
    """Whether the node has an answer once the button is pressed."""
    source = drawing.the_source(network)
    if source is None or source.id not in shapes:
        return False
    try:
        return node.id in _check(apply_to_network(network, fix.ops), {source.id: shapes[source.id]}, help=0).shapes
    except ValueError:
        return False
