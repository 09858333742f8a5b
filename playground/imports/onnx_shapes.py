"""Operators of ONNX that move a window or cut numbers into another shape, and those that work on constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playground.imports.onnx_graph import LARGEST_CONSTANT, NotHere, Operator, Padded, Rule, Value, known, numbers
from playground.imports.onnx_weights import margin_of, one_of
from playground.imports.values import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def pad(op: Operator) -> Value:
    if op.setting("mode", "constant") != "constant":
        raise NotHere("with something other than a constant")
    sizes = numbers(op.constant(1)) if op.input(1) is not None else numbers(op.setting("pads", []))
    fill = op.input(2)
    value = op.scalar(fill) if fill is not None else float(op.setting("value", 0.0))
    axes = op.input(3)
    if axes is not None and list(op.constant(3)) not in ([2, 3], [-2, -1]):
        raise NotHere("of other axes than height and width")
    if axes is not None:
        sizes = [0, 0, sizes[0], sizes[1], 0, 0, sizes[2], sizes[3]]
    if not any(sizes):
        return op.input(0)
    if len(sizes) != 8 or any(sizes[i] for i in (0, 1, 4, 5)) or min(sizes) < 0 or value is None:
        raise NotHere("of other axes than height and width")
    return Padded(op.graph.settle(op.input(0)), (sizes[2], sizes[6], sizes[3], sizes[7]), value)


def pool(kind: str) -> Rule:
    def rule(op: Operator) -> Value:
        size, stride = one_of(op.setting("kernel_shape")), one_of(op.setting("strides", [1, 1]))
        if op.setting("ceil_mode", 0) or set(op.setting("dilations", [1])) != {1}:
            raise NotHere("with ceil_mode or dilation")
        value = op.input(0)
        margin = margin_of(op, value, size, stride)
        if isinstance(value, Padded) and kind == "max_pool" and value.value < -1e30:
            margin = tuple(a + b for a, b in zip(margin, value.margin, strict=True))  # type: ignore[assignment]
            value = value.base
        fields: dict[str, Any] = {"size": size, "stride": None if stride == size else stride}
        half = ((size - 1) // 2, size - 1 - (size - 1) // 2)
        if any(margin):
            if kind != "max_pool" or margin != (*half, *half):
                raise NotHere(f"with a margin of {margin}")
            fields["padding"] = "same"
        return op.graph.draw(kind, value, **fields)

    return rule


def over_picture(how: str) -> Rule:
    """GlobalAveragePool, or a mean over height and width."""

    def rule(op: Operator) -> Value:
        value = op.graph.settle(op.input(0))
        if op.node.op_type.startswith("Reduce"):
            axes = numbers(op.constant(1)) if op.input(1) is not None else numbers(op.setting("axes", []))
            if op.graph.rank(value) != 4 or {axis % 4 for axis in axes} != {2, 3}:
                raise NotHere("over other axes than height and width")
        return op.graph.draw("global_pool", value, how=how)

    return rule


def flatten(op: Operator) -> Value:
    value = op.graph.settle(op.input(0))
    if op.setting("axis", 1) % op.graph.rank(value) != 1:
        raise NotHere("of a part of the axes")
    return row(op, value)


def row(op: Operator, value: Tensor) -> Tensor:
    return value if op.graph.rank(value) == 2 else op.graph.draw("flatten", value)


def reshape(op: Operator) -> Value:
    import numpy as np

    value, target = op.input(0), op.constant(1)
    if known(value):
        return value.reshape(numbers(target))
    tensor = op.graph.settle(value)
    before = op.graph.trace.shape(tensor)
    lengths = numbers(target)
    if before is None or len(lengths) < 2:
        raise NotHere("that mixes the cases of a batch")
    if op.setting("allowzero", 0) == 0:
        lengths = [(-1, *before)[place] if n == 0 and place <= len(before) else n for place, n in enumerate(lengths)]
    total = int(np.prod(before))
    batch, rest = lengths[0], lengths[1:]
    if rest.count(-1) == 1:
        rest[rest.index(-1)] = total // max(1, -int(np.prod(rest)))
    if -1 in rest or int(np.prod(rest)) != total or batch < -1:
        raise NotHere("that mixes the cases of a batch")
    if tuple(rest) == before or (len(before) == 1 and tuple(rest[:1]) == before):
        return tensor
    if len(rest) == 1:
        return op.graph.draw("flatten", tensor)
    return op.graph.draw("reshape", tensor, shape=rest)


def squeeze(op: Operator) -> Value:
    """Of constants; of a network's answer only where it leaves the row it is."""
    import numpy as np

    value = op.input(0)
    axes = numbers(op.constant(1)) if op.input(1) is not None else numbers(op.setting("axes", []) or [])
    if known(value):
        if op.node.op_type == "Unsqueeze":
            for axis in sorted(axes):
                value = np.expand_dims(value, axis)
            return value
        return np.squeeze(value, tuple(axes) or None)
    tensor = op.graph.settle(value)
    if op.graph.trace.kind(tensor) == "global_pool" and {axis % 4 for axis in axes} <= {2, 3}:
        return tensor
    raise NotHere("of an answer of the network")


def concat(op: Operator) -> Value:
    import numpy as np

    axis = int(op.setting("axis", 0))
    if all(known(one) for one in op.inputs):
        return np.concatenate([one.reshape(-1) if one.ndim == 0 else one for one in op.inputs], axis)
    tensors = [op.graph.settle(one) for one in op.inputs]
    if axis % op.graph.rank(tensors[0]) != 1:
        raise NotHere(f"along axis {axis}")
    return tensors[0] if len(tensors) == 1 else op.graph.draw("concatenate", *tensors)


def resize(op: Operator) -> Value:
    import numpy as np

    value = op.graph.settle(op.input(0))
    shape, mode = op.graph.trace.shape(value), op.setting("mode", "nearest")
    scales = op.input(1) if op.node.op_type == "Upsample" else op.input(2)
    if scales is None and op.node.op_type == "Upsample":
        scales = np.array(op.setting("scales", []))
    if (scales is None or not known(scales) or not scales.size) and known(op.input(3)) and shape is not None:
        sizes = op.constant(3)
        scales = np.array([1, 1, *(sizes[2 + i] / shape[1 + i] for i in range(2))])
    factors = scales.tolist() if known(scales) else []
    whole = len(factors) == 4 and factors[:2] == [1, 1] and factors[2] == factors[3] and float(factors[2]).is_integer()
    if not whole or mode not in ("nearest", "linear"):
        raise NotHere("by other than a whole factor")
    return op.graph.draw("upsample", value, factor=int(factors[2]), mode="bilinear" if mode == "linear" else "nearest")


def constant(op: Operator) -> Value:
    import numpy as np

    for name in ("value_float", "value_int", "value_floats", "value_ints"):
        if (value := op.setting(name)) is not None:
            return np.array(value)
    return op.graph.array(op.setting("value"))


def shape_of(op: Operator) -> Value:
    """Lengths of the axes; the batch is -1, as those who reshape say it."""
    import numpy as np

    value = op.input(0)
    if known(value):
        return np.array(value.shape, np.int64)
    shape = op.graph.trace.shape(op.graph.settle(value))
    if shape is None:
        raise NotHere("of something unknown")
    return np.array((-1, *shape), np.int64)[slice(op.setting("start", 0), op.setting("end"))]


def worked_out(rule: Callable[[Operator], Any]) -> Rule:
    """An operator on constants only."""

    def draw(op: Operator) -> Value:
        values = [one for one in op.inputs if one is not None]
        if not all(known(one) and one.size <= LARGEST_CONSTANT for one in values):
            raise NotHere("of an answer of the network")
        return rule(op)

    return draw


def slice_(op: Operator) -> Value:
    import numpy as np

    data = op.constant(0)
    if op.input(1) is None:
        raise NotHere("of an old form")
    starts, ends = numbers(op.constant(1)), numbers(op.constant(2))
    axes = numbers(op.constant(3)) if op.input(3) is not None else list(range(len(starts)))
    steps = numbers(op.constant(4)) if op.input(4) is not None else [1] * len(starts)
    cuts = [slice(None)] * data.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        cuts[axis] = slice(start, None if end > 2**30 else end, step)
    return np.asarray(data[tuple(cuts)])


def gather(op: Operator) -> Value:
    import numpy as np

    return np.asarray(np.take(op.constant(0), op.constant(1), axis=op.setting("axis", 0)))


def same(op: Operator) -> Value:
    return op.input(0)


def transpose(op: Operator) -> Value:
    import numpy as np

    value, order = op.input(0), op.setting("perm")
    if known(value):
        return np.transpose(value, order)
    if order is not None and list(order) == sorted(order):
        return value
    raise NotHere("of an answer of the network")
