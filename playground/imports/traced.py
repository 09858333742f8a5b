"""A drawing while it is being read from code: every call of a layer is one node, then it is tidied up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from playground.core.composite import FIRST
from playground.core.diagnostics import Problem
from playground.core.facts import Shape
from playground.core.layer import Layer
from playground.core.network import Edge, Network, Node, NodeId
from playground.core.reading import Refused
from playground.core.shapes import opened
from playground.imports.imported import Remarks
from playground.imports.values import Tensor
from playground.layers import layers

MOST_NODES = 1_500
BENT = ("dense", "conv2d", "conv_transpose2d")
"""Layers that hold the activation behind them."""


@dataclass
class Step:
    """One node to be. `declared`: how many numbers, or channels, the code says arrive."""

    layer: Layer | None
    inputs: tuple[int, ...]
    line: int | None = None
    shape: Shape | None = None
    declared: int | None = None
    title: str | None = None
    ports: tuple[str, ...] = ()
    weights: dict[str, Any] = field(default_factory=dict)
    """Arrays by the names of the built module; of a block, with the path inside: `attention/query.weight`."""


@dataclass(frozen=True)
class Drawn:
    """A finished drawing, with what is known of its nodes by id."""

    network: Network
    steps: Mapping[str, Step]
    input_shape: Shape | None
    left_out: str = ""
    """Kind of the activation at the end that was left out, if one was."""

    @property
    def weights(self) -> dict[str, dict[str, Any]]:
        """Arrays by node path and name."""
        found: dict[str, dict[str, Any]] = {}
        for id, step in self.steps.items():
            for name, value in step.weights.items():
                inner, _, own = name.rpartition("/")
                found.setdefault(f"{id}.{inner}" if inner else id, {})[own] = value
        return found


class Trace:
    """The nodes so far. Shapes are worked out as it grows, as far as the input's is known."""

    def __init__(self, remarks: Remarks) -> None:
        self.steps: list[Step] = []
        self.remarks = remarks

    def input(self, shape: Shape | None = None, *, line: int | None = None) -> Tensor:
        """Where data come in."""
        return self._append(Step(None, (), line, shape))

    def add(
        self,
        layer: Layer,
        *inputs: Tensor,
        line: int | None = None,
        declared: int | None = None,
        title: str | None = None,
        ports: Sequence[str] = (),
        weights: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """A node behind others."""
        sources = tuple(one.node for one in inputs)
        shapes = tuple(self.steps[source].shape for source in sources)
        known = [shape for shape in shapes if shape is not None]
        answer = answer_of(layer, tuple(known)) if len(known) == len(shapes) else None
        return self._append(
            Step(layer, sources, line, answer, declared, title, tuple(ports), dict(weights or {})),
        )

    def _append(self, step: Step) -> Tensor:
        if len(self.steps) >= MOST_NODES:
            raise Refused(f"This becomes a drawing of more than {MOST_NODES:,} nodes, which nobody could read.")
        self.steps.append(step)
        return Tensor(len(self.steps) - 1)

    def shape(self, tensor: Tensor) -> Shape | None:
        """Shape of a tensor without the batch, if it is known."""
        return self.steps[tensor.node].shape

    def kind(self, tensor: Tensor) -> str:
        """Kind of the layer that answers it; `input` for the input."""
        layer = self.steps[tensor.node].layer
        return "input" if layer is None else layer.kind

    def last_width(self, tensor: Tensor) -> int | None:
        """How many numbers, or channels, a tensor has, as far as the layers before it say."""
        step = self.steps[tensor.node]
        while step.layer is not None:
            if step.layer.width_field:
                return int(getattr(step.layer, step.layer.width_field))
            if not step.inputs or step.layer.kind in ("concatenate", "reshape", "flatten"):
                return None
            step = self.steps[step.inputs[0]]
        return step.shape[0] if step.shape is not None else None

    def again(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], given: Sequence[Tensor]) -> list[Tensor]:
        """What lies between inputs and outputs once more, behind `given`: a model used as a layer."""
        copies = {old.node: new for old, new in zip(inputs, given, strict=True)}
        needed = self._needed((one.node for one in outputs), stop=set(copies))
        for number in sorted(needed - set(copies)):
            step = self.steps[number]
            if step.layer is None:
                return list(outputs)  # it begins at another input
            copies[number] = self.add(
                step.layer,
                *(copies[source] for source in step.inputs),
                line=step.line,
                declared=step.declared,
                title=step.title,
                ports=step.ports,
            )
        return [copies[one.node] for one in outputs]

    def _needed(self, ends: Iterable[int], stop: set[int] | None = None) -> set[int]:
        found: set[int] = set()
        open_ = list(ends)
        while open_:
            number = open_.pop()
            if number not in found:
                found.add(number)
                if stop is None or number not in stop:
                    open_ += self.steps[number].inputs
        return found

    def finish(self, output: Tensor, *, drop: Sequence[str] = ()) -> Drawn:
        """The drawing that leads to `output`. Activations of kinds in `drop` right before the end are left out: the
        loss does their work. Raises Refused when there is nothing to draw."""
        end, left_out = output.node, ""
        for _ in range(3):
            last = self.steps[end]
            if last.layer is None or last.layer.kind not in drop:
                break
            self.remarks.add(
                f"{last.layer.title} at the end is left out: the loss here does its work, on the raw answers.",
                last.line,
            )
            end, left_out = last.inputs[0], last.layer.kind
        needed = sorted(self._needed([end]))
        entrances = [number for number in needed if self.steps[number].layer is None]
        if len(needed) == len(entrances):
            raise Refused("There is no layer between input and output. Paste the code that makes the layers, too.")
        if not entrances:
            raise Refused("The answer does not depend on an input.")
        if len(entrances) > 1:
            self.remarks.add(
                "The network has several inputs; data here have one. The others are drawn, and marked as wrong.",
                self.steps[entrances[1]].line,
            )
        return replace(self._tidy(needed, end), left_out=left_out)

    def _tidy(self, needed: list[int], end: int) -> Drawn:
        uses = Counter(source for number in needed for source in self.steps[number].inputs)
        folded: dict[int, int] = {}
        steps: dict[int, Step] = {}
        for number in needed:
            step = self.steps[number]
            inputs = tuple(folded.get(source, source) for source in step.inputs)
            before = steps.get(inputs[0]) if inputs else None
            if (
                step.layer is not None
                and step.layer.group == "Activations"
                and before is not None
                and before.layer is not None
                and before.layer.kind in BENT
                and getattr(before.layer, "activation", None) is None
                and uses[step.inputs[0]] == 1
            ):
                weights = {f"activation.{name}": value for name, value in step.weights.items()}
                before.layer = before.layer.with_(activation=step.layer)
                before.weights |= weights
                before.shape = step.shape
                folded[number] = inputs[0]
                continue
            steps[number] = Step(
                step.layer, inputs, step.line, step.shape, step.declared, step.title, step.ports, dict(step.weights)
            )
        return _named(steps, folded.get(end, end))


def _named(steps: Mapping[int, Step], end: int) -> Drawn:
    """Nodes are called by their kinds, so that the same network in other words is the same drawing."""
    ids: dict[int, NodeId] = {}
    counts: Counter[str] = Counter()
    nodes: list[Node] = []
    edges: list[Edge] = []
    for number, step in steps.items():
        kind = "input" if step.layer is None else step.layer.kind
        counts[kind] += 1
        id = ids[number] = NodeId(kind if counts[kind] == 1 else f"{kind}{counts[kind]}")
        layer = layers["input"]() if step.layer is None else step.layer
        nodes.append(Node(id=id, layer=layer, title=step.title))
        for place, source in enumerate(step.inputs):
            port = step.ports[place] if place < len(step.ports) else FIRST
            edges.append(Edge(source=ids[source], target=id, target_port=port))
    nodes.append(Node(id=NodeId("output"), layer=layers["output"]()))
    edges.append(Edge(source=ids[end], target=NodeId("output")))
    entrance = next(step for step in steps.values() if step.layer is None)
    return Drawn(
        Network(nodes=tuple(nodes), edges=tuple(dict.fromkeys(edges))),
        {ids[number]: step for number, step in steps.items()},
        entrance.shape,
    )


def answer_of(layer: Layer, shapes: tuple[Shape, ...]) -> Shape | None:
    """What a layer answers to these shapes; None where they do not fit, which is told when the drawing is checked."""
    from playground.core.composite import Composite

    try:
        if isinstance(layer, Composite):
            return opened(layer, shapes)[-1].output
        return layer.output_shape(*shapes)
    except (Problem, ValueError, TypeError, IndexError):
        return None
