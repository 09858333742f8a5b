"""The operators of an ONNX file, drawn: layers we know become nodes with their weights, arithmetic on constants is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from playground.core.facts import Shape
from playground.core.reading import Refused, visible
from playground.imports.curves import Curve, grid, recognised
from playground.imports.imported import Remarks
from playground.imports.traced import Drawn, Trace
from playground.imports.values import Tensor
from playground.layers import layers

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_CONSTANT = 1_000_000
"""Numbers in a constant that is worked out here; weights are larger and only looked at."""


class NotHere(Exception):
    """An operator, or a setting of one, that no layer here has."""


@dataclass(frozen=True)
class Padded:
    """A tensor with a margin that the next window takes in: above, below, left, right."""

    base: Tensor
    margin: tuple[int, int, int, int]
    value: float


Value = Any
"""A Tensor, Curve, Padded, or an array that is known."""


class Graph:
    """The file's graph while it becomes a drawing."""

    def __init__(self, model: Any, shape: Shape, remarks: Remarks) -> None:
        self.model = model
        self.remarks = remarks
        self.trace = Trace(remarks)
        self.values: dict[str, Value] = {}
        self.settled: dict[Curve, Tensor] = {}
        self.uses = Counter(name for node in model.graph.node for name in node.input)
        self.uses.update(one.name for one in model.graph.output)
        self.lonely: dict[int, str] = {}
        """Nodes that may still take a bias, and the name of their answer in the file."""
        constants = {tensor.name: tensor for tensor in model.graph.initializer}
        for tensor in constants.values():
            self.values[tensor.name] = self.array(tensor)
        for one in model.graph.input:
            if one.name not in constants:
                self.values[one.name] = self.trace.input(shape)

    def array(self, tensor: Any) -> Array:
        """A constant of the file. Raises Refused when it lies elsewhere or is damaged."""
        from onnx import numpy_helper

        if tensor.data_location == 1 or tensor.external_data:
            raise Refused("A constant of this file lies in another file beside it. Export it again as one file.")
        try:
            return numpy_helper.to_array(tensor)
        except Exception:  # noqa: BLE001  # it raises what numpy raises
            raise Refused(f"The weights {visible(tensor.name)[:40]!r} cannot be read. The file is damaged.") from None

    def drawn(self) -> Drawn:
        """The drawing. Raises Refused with every operator that has no layer here."""
        from playground.imports.onnx_operators import operators

        rules = operators()
        unknown: dict[str, None] = {}
        for node in self._in_order():
            word = visible(f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type)[:60]
            rule = rules.get(word)
            if any(name and name not in self.values for name in node.input):
                continue  # it hangs on one that is told already
            if rule is None:
                unknown[word] = None
                continue
            try:
                answer = rule(Operator(self, node))
            except NotHere as why:
                unknown[f"{word} ({why})"] = None
                continue
            except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError) as problem:
                raise Refused(f"The operator {word} in this file is not as ONNX says it must be. {problem}") from None
            self.values[node.output[0]] = answer
        if unknown:
            listed = ", ".join(list(unknown)[:12])
            raise Refused(
                f"This file uses what no layer here does: {listed}. Only whole networks of known layers are opened."
            )
        end = self.model.graph.output[0].name
        if end not in self.values:
            raise Refused(f"Nothing in this file makes its output {visible(end)[:40]!r}. The file is damaged.")
        try:
            return self.trace.finish(self.settle(self.values[end]))
        except NotHere as why:
            raise Refused(f"This file uses what no layer here does: {why}.") from None

    def _in_order(self) -> Iterable[Any]:
        """Operators so that each comes after what it needs. Raises Refused for a circle or a missing value."""
        nodes = list(self.model.graph.node)
        makers: dict[str, int] = {}
        for number, node in enumerate(nodes):
            for name in node.output:
                if name and name in makers:
                    raise Refused(f"Two operators of this file make {visible(name)[:40]!r}. The file is damaged.")
                makers[name] = number
        waiting = [{makers[n] for n in node.input if n in makers} for node in nodes]
        for node in nodes:
            for name in node.input:
                if name and name not in makers and name not in self.values:
                    raise Refused(f"Nothing in this file makes {visible(name)[:40]!r}. The file is damaged.")
        users: dict[int, list[int]] = {}
        for number, needed in enumerate(waiting):
            for one in needed:
                users.setdefault(one, []).append(number)
        ready = [number for number, needed in enumerate(waiting) if not needed]
        for number in ready:  # grows while it is walked
            for user in users.get(number, ()):
                waiting[user].discard(number)
                if not waiting[user]:
                    ready.append(user)
        if len(ready) < len(nodes):
            raise Refused("The operators of this file go round in a circle; a network here has a beginning and an end.")
        return (nodes[number] for number in ready)

    # ---- values ------------------------------------------------------------------------------------------------------

    def settle(self, value: Value) -> Tensor:
        """The value as a node of the drawing."""
        if isinstance(value, Tensor):
            return value
        if isinstance(value, Padded):
            if value.value != 0:
                raise NotHere("Pad (with something other than 0)")
            top, bottom, left, right = value.margin
            pad = layers.read({"kind": "zero_pad", "top": top, "bottom": bottom, "left": left, "right": right})
            return self.trace.add(pad, value.base)
        if isinstance(value, Curve):
            if value not in self.settled:
                known = recognised(value.values)
                if known is None:
                    raise NotHere(f"a formula of {', '.join(dict.fromkeys(value.made_of))}")
                bent = self.trace.add(layers.read(known), value.base) if known else value.base
                self.settled[value] = bent
            return self.settled[value]
        raise NotHere("a constant where an answer of the network is expected")

    def draw(
        self,
        kind: str,
        *inputs: Value,
        weights: dict[str, Any] | None = None,
        ports: tuple[str, ...] = (),
        **fields: Any,
    ) -> Tensor:
        """A node of this kind."""
        try:
            layer = layers.read({"kind": kind, **fields})
        except ValueError as problem:
            raise NotHere(str(problem).rstrip(".")) from None
        return self.trace.add(layer, *(self.settle(one) for one in inputs), weights=weights, ports=ports)

    def curve(self, value: Value, name: str, rule: Callable[[Array], Array]) -> Curve:
        """What a number-by-number operator makes of a value."""
        before = self.as_curve(value)
        import numpy as np

        with np.errstate(all="ignore"):
            return Curve(before.base, np.asarray(rule(before.values), np.float64), (*before.made_of, name))

    def as_curve(self, value: Value) -> Curve:
        """A tensor as the straight line y = x of itself."""
        return value if isinstance(value, Curve) else Curve(self.settle(value), grid())

    def rank(self, tensor: Tensor) -> int:
        """Axes of a tensor, the batch included."""
        shape = self.trace.shape(tensor)
        if shape is None:
            raise NotHere("shapes that do not fit")
        return len(shape) + 1


@dataclass(frozen=True)
class Operator:
    """One operator of the file, with its inputs as they are known."""

    graph: Graph
    node: Any

    @property
    def inputs(self) -> list[Value]:
        """What arrives; None for an input that is left out."""
        return [self.graph.values[name] if name else None for name in self.node.input]

    def input(self, place: int) -> Value:
        """One input; None where it is left out."""
        return self.inputs[place] if place < len(self.node.input) else None

    def constant(self, place: int) -> Array:
        """An input that must be known before the network runs."""
        import numpy as np

        value = self.input(place)
        if not isinstance(value, np.ndarray):
            raise NotHere("weights that are not constant")
        return value

    def setting(self, name: str, default: Any = None) -> Any:
        """An attribute."""
        from onnx import helper

        for attribute in self.node.attribute:
            if attribute.name == name:
                value = helper.get_attribute_value(attribute)
                return value.decode(errors="replace") if isinstance(value, bytes) else value
        return default

    @property
    def answers_once(self) -> bool:
        """Whether what arrives first is used nowhere else."""
        return self.graph.uses[self.node.input[0]] == 1

    def scalar(self, value: Value) -> float | None:
        """The number in a constant of one number."""
        import numpy as np

        if isinstance(value, np.ndarray) and value.size == 1:
            return float(value.reshape(()))
        return None


def numbers(values: Iterable[Any]) -> list[int]:
    """Whole numbers of an attribute or a constant."""
    return [int(value) for value in values]


Rule: TypeAlias = Callable[[Operator], Value]
"""What an operator is in a drawing."""


def known(value: Value) -> bool:
    """Whether it is a constant."""
    import numpy as np

    return isinstance(value, np.ndarray)
