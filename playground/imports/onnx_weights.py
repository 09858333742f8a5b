"""Operators of ONNX that hold weights, and what a window needs to know of its margin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.imports.onnx_graph import NotHere, Operator, Padded, Value, known, numbers

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def gemm(op: Operator) -> Value:
    """alpha x Wᵀ + beta b."""
    import numpy as np

    weight = op.constant(1) * op.setting("alpha", 1.0)
    if op.setting("transA", 0) or weight.ndim != 2:
        raise NotHere("of another form than x W + b")
    weight = weight if op.setting("transB", 0) else weight.T
    bias = op.input(2)
    if bias is not None:
        bias = np.broadcast_to(op.constant(2) * op.setting("beta", 1.0), (1, len(weight))).reshape(-1)
    return dense(op, op.input(0), weight, bias)


def dense(op: Operator, value: Value, weight: Array, bias: Array | None) -> Value:
    weights = {"linear.weight": weight} | ({} if bias is None else {"linear.bias": bias})
    made = op.graph.draw("dense", value, weights=weights, units=len(weight), bias=bias is not None)
    if bias is None:
        op.graph.lonely[made.node] = op.node.output[0]
    return made


def matmul(op: Operator) -> Value:
    if known(op.input(0)) or not known(op.input(1)) or op.constant(1).ndim != 2:
        raise NotHere("of two answers of the network")
    return dense(op, op.input(0), op.constant(1).T, None)


def conv(op: Operator) -> Value:
    weight = op.constant(1)
    if weight.ndim != 4 or weight.shape[2] != weight.shape[3]:
        raise NotHere("with windows that are not square")
    kernel = int(weight.shape[2])
    stride, dilation = one_of(op.setting("strides", [1, 1])), one_of(op.setting("dilations", [1, 1]))
    value, span = op.input(0), dilation * (kernel - 1)
    margin = margin_of(op, value, kernel, stride, dilation)
    if isinstance(value, Padded):
        if value.value != 0:
            raise NotHere("behind a margin that is not 0")
        margin = tuple(a + b for a, b in zip(margin, value.margin, strict=True))  # type: ignore[assignment]
        value = value.base
    ours = (span // 2, span - span // 2)
    if margin == (0, 0, 0, 0):
        padding = "valid"
    elif margin == (*ours, *ours):
        padding = "same"
    else:
        value, padding = op.graph.settle(Padded(op.graph.settle(value), margin, 0.0)), "valid"
    bias = op.input(2)
    made = op.graph.draw(
        "conv2d",
        value,
        weights={"conv.weight": weight} | ({} if bias is None else {"conv.bias": op.constant(2)}),
        channels=int(weight.shape[0]),
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=int(op.setting("group", 1)),
        bias=bias is not None,
    )
    if bias is None:
        op.graph.lonely[made.node] = op.node.output[0]
    return made


def margin_of(op: Operator, value: Value, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int, int, int]:
    """Above, below, left, right."""
    auto = op.setting("auto_pad", "NOTSET")
    if auto in ("NOTSET", ""):
        top, left, bottom, right = numbers(op.setting("pads", [0, 0, 0, 0]))
        return (top, bottom, left, right)
    if auto == "VALID":
        return (0, 0, 0, 0)
    shape = op.graph.trace.shape(op.graph.settle(value))
    if shape is None or len(shape) != 3:
        raise NotHere("on something that is no picture")
    found: list[int] = []
    for length in shape[1:]:
        total = max(0, (-(-length // stride) - 1) * stride + dilation * (kernel - 1) + 1 - length)
        half = total // 2
        found += [half, total - half] if auto == "SAME_UPPER" else [total - half, half]
    return (found[0], found[1], found[2], found[3])


def one_of(values: Any) -> int:
    first, *others = numbers(values)
    if any(other != first for other in others):
        raise NotHere("with different settings for height and width")
    return first


def conv_transpose(op: Operator) -> Value:
    weight = op.constant(1)
    plain = (
        op.setting("group", 1) == 1 and not any(op.setting("output_padding", [0])) and not any(op.setting("pads", [0]))
    )
    plain = (
        plain and set(op.setting("dilations", [1])) == {1} and op.setting("auto_pad", "NOTSET") in ("NOTSET", "VALID")
    )
    if not plain or op.setting("output_shape") is not None or weight.ndim != 4 or weight.shape[2] != weight.shape[3]:
        raise NotHere("with margins, groups or dilation")
    bias = op.input(2)
    made = op.graph.draw(
        "conv_transpose2d",
        op.input(0),
        weights={"conv.weight": weight} | ({} if bias is None else {"conv.bias": op.constant(2)}),
        channels=int(weight.shape[1]),
        kernel=int(weight.shape[2]),
        stride=one_of(op.setting("strides", [1, 1])),
        bias=bias is not None,
    )
    if bias is None:
        op.graph.lonely[made.node] = op.node.output[0]
    return made


def batch_norm(op: Operator) -> Value:
    if op.setting("training_mode", 0):
        raise NotHere("that is still training")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: op.constant(place) for place, name in enumerate(names, start=1)}
    return op.graph.draw("batch_norm", op.input(0), weights=weights, epsilon=clean(op.setting("epsilon", 1e-5)))


def layer_norm(op: Operator) -> Value:
    value = op.graph.settle(op.input(0))
    rank = op.graph.rank(value)
    axis = op.setting("axis", -1)
    if axis % rank != (1 if rank == 4 else rank - 1):
        raise NotHere(f"over axis {axis} and what follows")
    weight, bias = op.constant(1), op.input(2)
    both = {"weight": weight, "bias": bias if bias is not None else weight * 0}
    return op.graph.draw("layer_norm", value, weights=both, epsilon=clean(op.setting("epsilon", 1e-5)))


def clean(number: float) -> float:
    """0.001 as it was written, not as float32 keeps it."""
    return float(f"{number:.6g}")


def prelu(op: Operator) -> Value:
    slope = op.constant(1).reshape(-1)
    return op.graph.draw("prelu", op.input(0), weights={"weight": slope}, per_channel=slope.size > 1)
