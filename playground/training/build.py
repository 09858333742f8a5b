"""A checked drawing becomes a torch module whose every part can be found again.

Names of modules are ours (`n0`, `n1` … in the drawing's order), never a document's: torch.fx writes them into code that
it runs. One table leads from name to path to node.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import fx, nn

from playground.core.composite import Composite, sources, step_path
from playground.core.drawing import the_source
from playground.core.facts import Shape
from playground.core.layer import Layer
from playground.core.shapes import Checked, wires


class Built(NamedTuple):
    """A network ready to run.

    `names` maps a node's path to the name of its module, `answers` to the fx node that holds what it answers. Input and
    output have no module: the input is the placeholder, the output is the answer of what feeds it. Nor has a block: the
    nodes of its drawing have, by paths such as `encoder[2].attention`, and its answer is that of the last repetition.
    """

    checked: Checked
    module: fx.GraphModule
    names: Mapping[str, str]
    answers: Mapping[str, str]
    layers: Mapping[str, Layer]
    """What stands at a path, blocks included."""

    @property
    def paths(self) -> dict[str, str]:
        """Name of a module → path of its node."""
        return {name: path for path, name in self.names.items()}

    def part(self, path: str) -> nn.Module:
        """The module of a node; its steps are children of it, which only the network's own forward puts in a row."""
        return self.module.get_submodule(self.names[path])

    def path_of(self, parameter: str) -> tuple[str, str]:
        """`n1.linear.weight` → path of its node and the rest of its name."""
        name, _, rest = parameter.partition(".")
        return self.paths[name], rest


class CannotBuild(ValueError):
    """The drawing has an error; the message is the first one's."""


def build(checked: Checked, *, seed: int = 0, role: str = "model") -> Built:
    """The module of a checked network, on the CPU in float32, with the first weights of this seed.

    Every node draws its weights from a random state of its own, made of seed, role and id: adding a layer changes no
    other layer's first weights, and the caller's random state is left alone. Raises CannotBuild.
    """
    if not checked.ok:
        raise CannotBuild(next(note.message for note in checked.diagnostics if note.severity == "error"))
    laying = _Laying(nn.Module(), fx.Graph(), (seed, role), {}, {}, {})
    source = the_source(checked.network)
    assert source is not None
    laying.graph.output(laying.lay(checked, {source.id: laying.graph.placeholder("inputs")}, "", ""))
    module = fx.GraphModule(laying.root, laying.graph, class_name="Network")
    return Built(checked, module, laying.names, laying.answers, laying.layers)


class _Laying(NamedTuple):
    """A module and its graph, being made."""

    root: nn.Module
    graph: fx.Graph
    randomness: tuple[int, str]
    names: dict[str, str]
    answers: dict[str, str]
    layers: dict[str, Layer]

    def lay(self, checked: Checked, inputs: Mapping[str, fx.Node], path: str, name: str) -> fx.Node:
        """Add a drawing and return its answer. `path` and `name` are what those of its nodes begin with: modules lie
        side by side, whatever lies in which block, so that one name leads to each."""
        values: dict[str, fx.Node] = dict(inputs)
        answer: fx.Node | None = None
        for position, id in enumerate(checked.order):
            layer = checked.network[id].layer
            arguments = tuple(values[edge.source] for edge in wires(checked.network, checked.network[id]))
            if layer.end == "sink":
                answer = values[id] = arguments[0]
            elif isinstance(layer, Composite):
                values[id] = self._repeat(layer, checked.inside[id], arguments, path + id, f"{name}n{position}_")
            elif layer.end is None:
                values[id] = self._add(layer, checked.inputs(id), arguments, path + id, f"{name}n{position}")
            if layer.end is None or not path:
                self.answers[path + id] = values[id].name
                self.layers[path + id] = layer
        assert answer is not None
        return answer

    def _add(
        self, layer: Layer, shapes: tuple[Shape, ...], arguments: tuple[fx.Node, ...], path: str, name: str
    ) -> fx.Node:
        with own_randomness(*self.randomness, path):
            module = layer.build(*shapes)
        self.root.add_module(name, module)
        self.names[path] = name
        return _call(self.graph, name, module, arguments)

    def _repeat(
        self, layer: Composite, inside: Sequence[Checked], arguments: tuple[fx.Node, ...], path: str, name: str
    ) -> fx.Node:
        first, *others = arguments
        for repetition, checked in enumerate(inside):
            inputs = [node.id for node in sources(checked.network)]
            values: dict[str, fx.Node] = dict(zip(inputs, (first, *others), strict=True))
            first = self.lay(checked, values, step_path(path, layer, repetition), f"{name}r{repetition}_")
        return first


def _call(graph: fx.Graph, name: str, module: nn.Module, arguments: tuple[fx.Node, ...]) -> fx.Node:
    """The module's answer in the graph. Steps of a sequence are called one by one, so that each can be looked at."""
    if type(module) is not nn.Sequential or len(module) == 0:
        return graph.call_module(name, arguments)
    for step, child in module.named_children():
        arguments = (_call(graph, f"{name}.{step}", child, arguments),)
    return arguments[0]


def seed_of(*what: Any) -> int:
    """A number below 2⁶³ that depends on everything given, the same on every machine."""
    text = "/".join(str(item) for item in what)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1


@contextmanager
def own_randomness(*what: Any) -> Iterator[None]:
    """Inside, torch's random state on the CPU starts from a seed made of `what`; afterwards it is what it was."""
    generator = torch.default_generator
    before = generator.get_state()
    generator.manual_seed(seed_of(*what))
    try:
        yield
    finally:
        generator.set_state(before)
