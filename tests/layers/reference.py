"""Every layer written out number by number, with each operation counted: the oracle for answers and for FLOPs.

Textbook loops, slow on purpose. An operation is what `playground.core.layer.Layer` says it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

from playground.core.layer import Layer

Array = np.ndarray[Any, Any]
Weights = dict[str, Array]


class Counted:
    """A number whose arithmetic is counted."""

    operations = 0
    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = value

    @classmethod
    def of(cls, value: float) -> Counted:
        """A number that cost one operation."""
        cls.operations += 1
        return cls(value)

    def __add__(self, other: Counted | float) -> Counted:
        return Counted.of(self.value + plain(other))

    def __sub__(self, other: Counted | float) -> Counted:
        return Counted.of(self.value - plain(other))

    def __mul__(self, other: Counted | float) -> Counted:
        return Counted.of(self.value * plain(other))

    def __truediv__(self, other: Counted | float) -> Counted:
        return Counted.of(self.value / plain(other))

    def __neg__(self) -> Counted:
        return Counted(-self.value)


def plain(number: Counted | float) -> float:
    return number.value if isinstance(number, Counted) else float(number)


def larger(a: Counted, b: Counted | float) -> Counted:
    return Counted.of(max(a.value, plain(b)))


def smaller(a: Counted, b: Counted | float) -> Counted:
    return Counted.of(min(a.value, plain(b)))


def called(function: Callable[[float], float], x: Counted) -> Counted:
    return Counted.of(function(x.value))


def exp(x: Counted) -> Counted:
    return called(lambda v: math.exp(min(v, 700)), x)


def add_all(numbers: Iterable[Counted]) -> Counted:
    """n numbers are n - 1 additions."""
    return reduce(lambda a, b: a + b, numbers)


def counted(values: Array) -> Array:
    return np.vectorize(Counted, otypes=[object])(values)


# ---- one number at a time -----------------------------------------------------------------------------------------

SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


def positive_or(x: Counted, below: Callable[[], Counted]) -> Counted:
    """One comparison; both sides are paid for, as on a machine that works on many numbers at once."""
    other = below()
    return Counted.of(x.value if x.value > 0 else other.value)


def gelu(x: Counted, formula: str) -> Counted:
    if formula == "exact":
        return x * (called(math.erf, x / math.sqrt(2)) + 1) * 0.5
    inner = (x * x * x * 0.044715 + x) * math.sqrt(2 / math.pi)
    return x * (called(math.tanh, inner) + 1) * 0.5


def one(x: float) -> Counted:
    return Counted(x)


def softplus(x: Counted) -> Counted:
    return called(math.log, exp(x) + 1)


ELEMENTWISE: dict[str, Callable[[Any, Counted, Weights], Counted]] = {
    "relu": lambda f, x, w: larger(x, 0),
    "leaky_relu": lambda f, x, w: positive_or(x, lambda: x * f.slope),
    "elu": lambda f, x, w: positive_or(x, lambda: (exp(x) - 1) * f.alpha),
    "selu": lambda f, x, w: positive_or(x, lambda: (exp(x) - 1) * ALPHA) * SCALE,
    "softplus": lambda f, x, w: softplus(x * f.beta) / f.beta,
    "gelu": lambda f, x, w: gelu(x, f.formula),
    "silu": lambda f, x, w: x * (one(1) / (exp(-x) + 1)),
    "mish": lambda f, x, w: x * called(math.tanh, softplus(x)),
    "hard_sigmoid": lambda f, x, w: smaller(larger(x / 6 + 0.5, 0), 1),
    "hard_swish": lambda f, x, w: x * smaller(larger(x / 6 + 0.5, 0), 1),
    "hard_tanh": lambda f, x, w: smaller(larger(x, -1), 1),
    "sigmoid": lambda f, x, w: one(1) / (exp(-x) + 1),
    "tanh": lambda f, x, w: called(math.tanh, x),
}

# ---- whole arrays -------------------------------------------------------------------------------------------------


def elementwise(layer: Any, weights: Weights, x: Array) -> Array:
    rule = ELEMENTWISE[layer.kind]
    return np.vectorize(lambda number: rule(layer, number, weights), otypes=[object])(x)


def prelu(layer: Any, weights: Weights, x: Array) -> Array:
    slopes = np.broadcast_to(weights["weight"].reshape(-1, *[1] * (x.ndim - 1)), x.shape)
    rule = np.vectorize(lambda number, slope: positive_or(number, lambda: number * slope), otypes=[object])
    return np.asarray(rule(x, slopes))


def softmax(layer: Any, weights: Weights, x: Array) -> Array:
    axis = 0 if x.ndim == 3 else -1

    def share(row: Array) -> Array:
        scaled = [number / layer.temperature if layer.temperature != 1 else number for number in row]
        powers = [exp(number) for number in scaled]
        total = add_all(powers)
        return np.array([power / total for power in powers], dtype=object)

    return np.apply_along_axis(share, axis, x)


def activated(layer: Any, weights: Weights, x: Array) -> Array:
    """What a layer's `activation` setting adds."""
    if layer.activation is None:
        return x
    inner = {name.removeprefix("activation."): w for name, w in weights.items() if name.startswith("activation.")}
    return REFERENCES[layer.activation.kind](layer.activation, inner, x)


def linear(weights: Weights, name: str, x: Array) -> Array:
    """Of a sequence, each position by itself."""
    if x.ndim == 2:
        return np.array([linear(weights, name, position) for position in x], dtype=object)
    sums = [add_all(a * b for a, b in zip(x, row, strict=True)) for row in weights[f"{name}.weight"]]
    if f"{name}.bias" in weights:
        sums = [total + b for total, b in zip(sums, weights[f"{name}.bias"], strict=True)]
    return np.array(sums, dtype=object)


def dense(layer: Any, weights: Weights, x: Array) -> Array:
    return activated(layer, weights, linear(weights, "linear", x))


def attention(layer: Any, weights: Weights, x: Array, memory: Array | None = None) -> Array:
    seen = x if memory is None else memory
    queries, keys, values = linear(weights, "query", x), linear(weights, "key", seen), linear(weights, "value", seen)
    looked = np.empty(queries.shape, dtype=object)
    for head in range(layer.heads):
        part = slice(head * layer.head_width, (head + 1) * layer.head_width)
        for i, query in enumerate(queries[:, part]):
            scores = [
                add_all(a * b for a, b in zip(query, key, strict=True)) / math.sqrt(layer.head_width)
                for key in keys[:, part]
            ]
            if getattr(layer, "causal", False):
                scores = [score if j <= i else Counted(-math.inf) for j, score in enumerate(scores)]
            powers = [exp(score) for score in scores]
            total = add_all(powers)
            shares = [power / total for power in powers]
            for at, column in enumerate(values[:, part].T):
                looked[i, part.start + at] = add_all(s * v for s, v in zip(shares, column, strict=True))
    return linear(weights, "combine", looked)


def multiply(layer: Any, weights: Weights, *inputs: Array) -> Array:
    axes = max(x.ndim for x in inputs)
    largest_shape = max((x.shape for x in inputs), key=len)
    spread = [np.broadcast_to(x.reshape(*x.shape, *[1] * (axes - x.ndim)), largest_shape) for x in inputs]
    return np.asarray(reduce(lambda a, b: a * b, spread))


def nearest(layer: Any, x: Array) -> Array:
    return x.repeat(layer.factor, axis=1).repeat(layer.factor, axis=2)


def bilinear(layer: Any, x: Array) -> Array:
    def between(length: int, place: int) -> tuple[int, int, float]:
        at = max(0.0, (place + 0.5) / layer.factor - 0.5)
        low = min(int(at), length - 1)
        return low, min(low + 1, length - 1), at - low

    channels, height, width = x.shape
    answer = np.empty((channels, height * layer.factor, width * layer.factor), dtype=object)
    for channel, i, j in np.ndindex(answer.shape):
        top, bottom, down = between(height, i)
        left, right, across = between(width, j)
        four = [(top, left, (1 - down) * (1 - across)), (top, right, (1 - down) * across)]
        four += [(bottom, left, down * (1 - across)), (bottom, right, down * across)]
        answer[channel, i, j] = add_all(x[channel, y, z] * share for y, z, share in four)
    return answer


def upsample(layer: Any, weights: Weights, x: Array) -> Array:
    return nearest(layer, x) if layer.mode == "nearest" else bilinear(layer, x)


def conv_transpose2d(layer: Any, weights: Weights, x: Array) -> Array:
    kernel = weights["conv.weight"]
    sides = [(n - 1) * layer.stride + layer.kernel for n in x.shape[1:]]
    painted: dict[tuple[int, int, int], list[Counted]] = {
        place: [Counted(float(weights["conv.bias"][place[0]]))] if layer.bias else []
        for place in np.ndindex(layer.channels, *sides)
    }
    for source, i, j in np.ndindex(x.shape):
        for channel, a, b in np.ndindex(kernel.shape[1:]):
            place = (channel, i * layer.stride + a, j * layer.stride + b)
            painted[place].append(x[source, i, j] * float(kernel[source, channel, a, b]))
    # Where a stride leaves gaps, nothing was painted and there is nothing to add.
    sums = {place: add_all(numbers) if numbers else Counted(0.0) for place, numbers in painted.items()}
    return activated(layer, weights, as_picture(sums))


def padded(x: Array, size: int, distance: int, wanted: str, fill: float) -> Array:
    total = distance * (size - 1) if wanted == "same" else 0
    sides = (total // 2, total - total // 2)
    return np.pad(x, ((0, 0), sides, sides), constant_values=Counted(fill))


def windows(x: Array, size: int, stride: int, distance: int = 1) -> Iterable[tuple[int, int, Array]]:
    """Row, column and window of each place."""
    span = distance * (size - 1) + 1
    for i, top in enumerate(range(0, x.shape[1] - span + 1, stride)):
        for j, left in enumerate(range(0, x.shape[2] - span + 1, stride)):
            yield i, j, x[:, top : top + span : distance, left : left + span : distance]


def conv2d(layer: Any, weights: Weights, x: Array) -> Array:
    x = padded(x, layer.kernel, layer.dilation, layer.padding, 0.0)
    kernels = weights["conv.weight"]
    each_in, each_out = x.shape[0] // layer.groups, layer.channels // layer.groups
    answers: dict[tuple[int, int, int], Counted] = {}
    for i, j, window in windows(x, layer.kernel, layer.stride, layer.dilation):
        for channel in range(layer.channels):
            group = channel // each_out
            seen = window[group * each_in : (group + 1) * each_in]
            total = add_all(a * b for a, b in zip(seen.ravel(), kernels[channel].ravel(), strict=True))
            answers[channel, i, j] = total + weights["conv.bias"][channel] if layer.bias else total
    return activated(layer, weights, as_picture(answers))


def as_picture(answers: dict[tuple[int, int, int], Counted]) -> Array:
    shape = tuple(max(place[axis] for place in answers) + 1 for axis in range(3))
    picture = np.empty(shape, dtype=object)
    for place, number in answers.items():
        picture[place] = number
    return picture


def pool(x: Array, size: int, stride: int, keep: Callable[[list[Counted]], Counted]) -> Array:
    answers = {}
    for i, j, window in windows(x, size, stride):
        for channel, seen in enumerate(window):
            answers[channel, i, j] = keep(list(seen.ravel()))
    return as_picture(answers)


def largest(numbers: list[Counted]) -> Counted:
    return reduce(larger, numbers)


def average(numbers: list[Counted]) -> Counted:
    return add_all(numbers) / len(numbers)


def max_pool(layer: Any, weights: Weights, x: Array) -> Array:
    return pool(padded(x, layer.size, 1, layer.padding, -math.inf), layer.size, layer.stride or layer.size, largest)


def average_pool(layer: Any, weights: Weights, x: Array) -> Array:
    return pool(x, layer.size, layer.stride or layer.size, average)


def global_pool(layer: Any, weights: Weights, x: Array) -> Array:
    keep = average if layer.how == "average" else largest
    return np.array([keep(list(channel.ravel())) for channel in x], dtype=object)


def batch_norm(layer: Any, weights: Weights, x: Array) -> Array:
    answer = np.empty(x.shape, dtype=object)
    for c in range(x.shape[0]):
        spread = called(math.sqrt, Counted(float(weights["running_var"][c])) + layer.epsilon)
        for place in np.ndindex(x.shape[1:]):
            number = (x[(c, *place)] - float(weights["running_mean"][c])) / spread
            if layer.scale_and_shift:
                number = number * weights["weight"][c] + weights["bias"][c]
            answer[(c, *place)] = number
    return answer


def layer_norm(layer: Any, weights: Weights, x: Array) -> Array:
    def normalised(numbers: list[Counted]) -> list[Counted]:
        mean = average(numbers)
        apart = [number - mean for number in numbers]
        spread = called(math.sqrt, average([d * d for d in apart]) + layer.epsilon)
        found = [d / spread for d in apart]
        if layer.scale_and_shift:
            scales, shifts = weights["weight"].ravel(), weights["bias"].ravel()
            found = [n * scale + shift for n, scale, shift in zip(found, scales, shifts, strict=True)]
        return found

    if x.ndim == 3:
        return np.array(normalised(list(x.ravel())), dtype=object).reshape(x.shape)
    return np.apply_along_axis(lambda row: np.array(normalised(list(row)), dtype=object), -1, x)


def add(layer: Any, weights: Weights, *inputs: Array) -> Array:
    return np.asarray(reduce(lambda a, b: a + b, inputs))


def zero_pad(layer: Any, weights: Weights, x: Array) -> Array:
    channels, height, width = x.shape
    answer = np.full((channels, height + layer.top + layer.bottom, width + layer.left + layer.right), Counted(0.0))
    answer[:, layer.top : layer.top + height, layer.left : layer.left + width] = x
    return answer


REFERENCES: dict[str, Callable[..., Array]] = {
    **dict.fromkeys(ELEMENTWISE, elementwise),
    "prelu": prelu,
    "softmax": softmax,
    "dense": dense,
    "conv2d": conv2d,
    "max_pool": max_pool,
    "average_pool": average_pool,
    "global_pool": global_pool,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "dropout": lambda layer, weights, x: x,
    "output": lambda layer, weights, x: x,
    "flatten": lambda layer, weights, x: x.ravel(),
    "reshape": lambda layer, weights, x: x.reshape(layer.shape),
    "add": add,
    "multiply": multiply,
    "self_attention": attention,
    "cross_attention": attention,
    "upsample": upsample,
    "conv_transpose2d": conv_transpose2d,
    "zero_pad": zero_pad,
    "concatenate": lambda layer, weights, *inputs: np.concatenate(inputs),
}


def run(layer: Layer, weights: Weights, inputs: Iterable[Array]) -> tuple[Array, int]:
    """The answer to one case, and how many operations it took."""
    numbers = [counted(values) for values in inputs]
    Counted.operations = 0
    answer = REFERENCES[layer.kind](layer, weights, *numbers)
    operations = Counted.operations
    return np.vectorize(plain, otypes=[float])(answer), operations
