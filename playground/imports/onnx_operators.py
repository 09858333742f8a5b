"""What each operator of ONNX is in a drawing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from playground.imports.curves import Curve, erf, steepness
from playground.imports.onnx_graph import LARGEST_CONSTANT, NotHere, Operator, Padded, Value, numbers
from playground.imports.values import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Rule = Callable[[Operator], Value]


def known(value: Value) -> bool:
    """Whether it is a constant."""
    import numpy as np

    return isinstance(value, np.ndarray)


# ---- layers with weights ---------------------------------------------------------------------------------------------


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


# ---- windows and shapes ----------------------------------------------------------------------------------------------


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


# ---- number by number ------------------------------------------------------------------------------------------------


def softmax(op: Operator) -> Value:
    value, temperature = op.input(0), 1.0
    if isinstance(value, Curve) and (slope := steepness(value.values)) is not None and slope > 0:
        value, temperature = value.base, clean(1 / slope)
    tensor = op.graph.settle(value)
    rank = op.graph.rank(tensor)
    if op.setting("axis", -1) % rank != (1 if rank == 4 else rank - 1):
        raise NotHere("over another axis than the features")
    return op.graph.draw("softmax", tensor, temperature=temperature)


def bent(rule: Callable[..., Any], *settings: tuple[str, float]) -> Rule:
    """An operator that looks at one number at a time."""

    def draw(op: Operator) -> Value:
        given = [op.setting(name, default) for name, default in settings]
        return op.graph.curve(op.input(0), op.node.op_type, lambda x: rule(x, *given))

    return draw


def clip(op: Operator) -> Value:
    import numpy as np

    low = op.scalar(op.input(1)) if op.input(1) is not None else op.setting("min", -np.inf)
    high = op.scalar(op.input(2)) if op.input(2) is not None else op.setting("max", np.inf)
    if low is None or high is None:
        raise NotHere("with limits that are not constant")
    return op.graph.curve(op.input(0), "Clip", lambda x: np.clip(x, low, high))


def gelu(op: Operator) -> Value:
    formula = "tanh" if op.setting("approximate", "none") == "tanh" else "exact"
    return op.graph.draw("gelu", op.input(0), formula=formula)


def arithmetic(symbol: str) -> Rule:
    """Sums and products: of constants, of a formula, of a bias, or of two answers of the network."""
    import numpy as np

    functions: dict[str, Callable[..., Any]] = {
        "Add": np.add,
        "Sub": np.subtract,
        "Mul": np.multiply,
        "Div": np.divide,
        "Pow": np.power,
        "Min": np.minimum,
        "Max": np.maximum,
        "Greater": np.greater,
        "Less": np.less,
    }
    function = functions[symbol]

    def rule(op: Operator) -> Value:
        left, right = op.input(0), op.input(1)
        if known(left) and known(right):
            if max(left.size, right.size) > LARGEST_CONSTANT:
                raise NotHere("of large constants")
            with np.errstate(all="ignore"):
                return np.asarray(function(left, right), dtype=np.result_type(left, right))
        for one, other, swapped in ((left, right, False), (right, left, True)):
            if not known(other):
                continue
            number = op.scalar(other)
            if number is None:
                return add_bias(op, one, other) if symbol == "Add" else refuse(symbol)
            return op.graph.curve(
                one, symbol, partial(function, number) if swapped else partial(_swapped, function, number)
            )
        first, second = op.graph.as_curve(left), op.graph.as_curve(right)
        if first.base == second.base and (isinstance(left, Curve) or isinstance(right, Curve)):
            with np.errstate(all="ignore"):
                both = function(first.values, second.values)
            return Curve(first.base, both, (*first.made_of, *second.made_of, symbol))
        if symbol not in ("Add", "Mul"):
            refuse(symbol)
        return op.graph.draw("add" if symbol == "Add" else "multiply", left, right)

    return rule


def where(op: Operator) -> Value:
    """One of two formulas of the same numbers, by a third."""
    import numpy as np

    if known(op.input(0)):
        return worked_out(lambda op: np.where(op.constant(0), op.constant(1), op.constant(2)))(op)
    chosen = op.graph.as_curve(op.input(0))
    parts: list[Any] = []
    for place in (1, 2):
        value = op.input(place)
        number = op.scalar(value)
        curve = op.graph.as_curve(value) if number is None and not known(value) else None
        if curve is not None and curve.base != chosen.base:
            raise NotHere("of answers of different layers")
        if curve is None and number is None:
            raise NotHere("with many constants")
        parts.append(number if curve is None else curve.values)
    values: Any = np.where(chosen.values > 0, parts[0], parts[1])
    return Curve(chosen.base, values, (*chosen.made_of, "Where"))


def _swapped(function: Callable[..., Any], number: float, x: Array) -> Any:
    return function(x, number)


def refuse(symbol: str) -> Value:
    raise NotHere("with many constants" if symbol != "Add" else "of this form")


def add_bias(op: Operator, value: Value, bias: Array) -> Value:
    """A bias that is added behind a layer without one."""
    graph = op.graph
    if isinstance(value, Tensor) and (made := graph.lonely.get(value.node)) is not None and graph.uses[made] == 1:
        step = graph.trace.steps[value.node]
        assert step.layer is not None
        width = int(getattr(step.layer, step.layer.width_field))
        picture = step.layer.kind != "dense"
        lengths = bias.shape[-3:] if picture else bias.shape[-1:]
        if bias.size == width and lengths == ((width, 1, 1) if picture else (width,)):
            step.layer = step.layer.with_(bias=True)
            step.weights["conv.bias" if picture else "linear.bias"] = bias.reshape(-1)
            del graph.lonely[value.node]
            return value
    raise NotHere("of a constant that is no bias")


# ---- constants -------------------------------------------------------------------------------------------------------


def constant(op: Operator) -> Value:
    import numpy as np

    for name in ("value_float", "value_int", "value_floats", "value_ints"):
        if (value := op.setting(name)) is not None:
            return np.array(value)
    return op.graph._array(op.setting("value"))  # noqa: SLF001  # the graph's own way to read one


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


def _slice(op: Operator) -> Value:
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


def _gather(op: Operator) -> Value:
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


def operators() -> dict[str, Rule]:
    """Every operator by its name."""
    import numpy as np

    return {
        "Gemm": gemm,
        "MatMul": matmul,
        "Conv": conv,
        "ConvTranspose": conv_transpose,
        "BatchNormalization": batch_norm,
        "LayerNormalization": layer_norm,
        "PRelu": prelu,
        "MaxPool": pool("max_pool"),
        "AveragePool": pool("average_pool"),
        "GlobalAveragePool": over_picture("average"),
        "GlobalMaxPool": over_picture("max"),
        "ReduceMean": over_picture("average"),
        "ReduceMax": over_picture("max"),
        "Pad": pad,
        "Flatten": flatten,
        "Reshape": reshape,
        "Squeeze": squeeze,
        "Unsqueeze": squeeze,
        "Concat": concat,
        "Resize": resize,
        "Upsample": resize,
        "Softmax": softmax,
        "Gelu": gelu,
        "Clip": clip,
        "Relu": bent(lambda x: np.maximum(x, 0)),
        "LeakyRelu": bent(lambda x, a: np.where(x > 0, x, a * x), ("alpha", 0.01)),
        "Elu": bent(lambda x, a: np.where(x > 0, x, a * (np.exp(x) - 1)), ("alpha", 1.0)),
        "Selu": bent(
            lambda x, a, g: g * np.where(x > 0, x, a * (np.exp(x) - 1)),
            ("alpha", 1.6732632423543772),
            ("gamma", 1.0507009873554805),
        ),
        "Sigmoid": bent(lambda x: 1 / (1 + np.exp(-x))),
        "Tanh": bent(np.tanh),
        "Softplus": bent(lambda x: np.logaddexp(0, x)),
        "HardSigmoid": bent(lambda x, a, b: np.clip(a * x + b, 0, 1), ("alpha", 0.2), ("beta", 0.5)),
        "HardSwish": bent(lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
        "Mish": bent(lambda x: x * np.tanh(np.logaddexp(0, x))),
        "Erf": bent(erf),
        "Exp": bent(np.exp),
        "Log": bent(np.log),
        "Neg": bent(np.negative),
        "Sqrt": bent(np.sqrt),
        **{name: arithmetic(name) for name in ("Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Greater", "Less")},
        "Where": where,
        "Sum": lambda op: op.graph.draw("add", *op.inputs) if len(op.inputs) > 1 else op.input(0),
        "Constant": constant,
        "Shape": shape_of,
        "Gather": worked_out(_gather),
        "Slice": worked_out(_slice),
        "Transpose": transpose,
        **dict.fromkeys(("Identity", "Dropout", "Cast", "CastLike"), same),
    }
