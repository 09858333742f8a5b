"""What each operator of ONNX is in a drawing; here those that look at one number at a time, and the list of all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from playground.imports.curves import Curve, erf, steepness
from playground.imports.onnx_graph import LARGEST_CONSTANT, NotHere, Operator, Rule, Value, known
from playground.imports.onnx_shapes import (
    concat,
    constant,
    flatten,
    gather,
    over_picture,
    pad,
    pool,
    reshape,
    resize,
    same,
    shape_of,
    slice_,
    squeeze,
    transpose,
    worked_out,
)
from playground.imports.onnx_weights import batch_norm, clean, conv, conv_transpose, gemm, layer_norm, matmul, prelu
from playground.imports.values import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


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
        "Gather": worked_out(gather),
        "Slice": worked_out(slice_),
        "Transpose": transpose,
        **dict.fromkeys(("Identity", "Dropout", "Cast", "CastLike"), same),
    }
