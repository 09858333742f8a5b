"""One call of a library's layer: its settings as the code gave them, and ways to draw it or to say why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from playground.core.catalogue import SHORT
from playground.core.facts import Shape
from playground.imports.imported import Remarks
from playground.imports.traced import Trace
from playground.imports.values import Tensor, Unknown, Value
from playground.layers import layers

ACTIVATIONS: Mapping[str, Mapping[str, Any]] = {
    "relu": {"kind": "relu"},
    "relu6": {"kind": "relu"},
    "leaky_relu": {"kind": "leaky_relu"},
    "leakyrelu": {"kind": "leaky_relu"},
    "prelu": {"kind": "prelu"},
    "elu": {"kind": "elu"},
    "selu": {"kind": "selu"},
    "softplus": {"kind": "softplus"},
    "gelu": {"kind": "gelu"},
    "silu": {"kind": "silu"},
    "swish": {"kind": "silu"},
    "mish": {"kind": "mish"},
    "hard_sigmoid": {"kind": "hard_sigmoid"},
    "hardsigmoid": {"kind": "hard_sigmoid"},
    "hard_swish": {"kind": "hard_swish"},
    "hard_silu": {"kind": "hard_swish"},
    "hardswish": {"kind": "hard_swish"},
    "hardtanh": {"kind": "hard_tanh"},
    "sigmoid": {"kind": "sigmoid"},
    "tanh": {"kind": "tanh"},
    "softmax": {"kind": "softmax"},
    "log_softmax": {"kind": "softmax"},
    "logsoftmax": {"kind": "softmax"},
}
"""What others call an activation, in small letters, and what it is here."""


class CannotDraw(Exception):
    """Why a call has no picture here; the rest of a sentence that begins with what was called."""


@dataclass
class Use:
    """A call: what, with which settings, on which tensors. `name` is how the code calls it: `Conv2D`."""

    name: str
    settings: Mapping[str, Value]
    inputs: Sequence[Tensor]
    trace: Trace
    remarks: Remarks
    line: int | None

    @property
    def tensor(self) -> Tensor:
        """What arrives, where one thing does."""
        return self.inputs[0]

    @property
    def shape(self) -> Shape | None:
        """Its shape, if that is known."""
        return self.trace.shape(self.tensor)

    @property
    def title(self) -> str | None:
        """What the code calls this layer."""
        name = self.settings.get("name")
        clean = " ".join(name.split())[:80] if isinstance(name, str) else ""
        return clean if clean.isprintable() and clean else None

    def say(self, sentence: str) -> None:
        """A remark at this line."""
        self.remarks.add(sentence, self.line)

    def get(self, name: str, default: Value = None) -> Value:
        """A setting; its default where the code does not say, or says something that is not known."""
        value = self.settings.get(name, default)
        if isinstance(value, Unknown):
            if default is None:
                raise CannotDraw(
                    f"needs {name}, and {value.what[:40]!r} has no value before the code runs. Write a number"
                )
            self.say(f"{name} of {self.name} is only known when it runs; {default!r} is drawn.")
            return default
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """A setting that is a whole number. Raises CannotDraw."""
        value = self.get(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int:
            raise CannotDraw(f"needs a whole number for {name}; got {_short(value)}")
        return value

    def declared(self, name: str) -> int | None:
        """How much the code says arrives, where it says a number."""
        value = self.settings.get(name)
        return value if type(value) is int and value > 0 else None

    def real(self, name: str, default: float) -> float:
        """A setting that is a number. Raises CannotDraw."""
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CannotDraw(f"needs a number for {name}; got {_short(value)}")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """A setting that is true or false."""
        value = self.get(name, default)
        return bool(value) if isinstance(value, bool | int) else default

    def side(self, name: str, default: Value) -> int:
        """A setting for height and width that must be the same for both. Raises CannotDraw."""
        value = self.get(name, default)
        if isinstance(value, list | tuple) and len(value) == 2 and value[0] == value[1]:
            value = value[0]
        if type(value) is not int:
            raise CannotDraw(f"has {name} = {_short(value)}; windows here are as high as wide")
        return value

    def activation(self, name: str = "activation") -> dict[str, Any] | None:
        """The JSON form of the activation in a setting; None for none. Raises CannotDraw."""
        value = self.settings.get(name)
        if value is None or value == "linear":
            return None
        word = value if isinstance(value, str) else getattr(value, "name", "")
        word = str(word).rpartition(".")[2].lower()
        if word == "linear":
            return None
        self.say_of_ceiling(word)
        if word not in ACTIVATIONS:
            raise CannotDraw(f"bends by {_short(word or value)}, which is not among the activations here")
        return dict(ACTIVATIONS[word])

    def say_of_ceiling(self, word: str) -> None:
        """ReLU6 is drawn as ReLU; that is said."""
        if word.lower() == "relu6":
            self.say("ReLU6 stops at 6; it is drawn as ReLU, which does not.")

    def draw(
        self,
        kind: str,
        *,
        after: Tensor | None = None,
        declared: int | None = None,
        inputs: Sequence[Tensor] | None = None,
        ports: Sequence[str] = (),
        **fields: Any,
    ) -> Tensor:
        """A node of this kind behind what arrives. Raises CannotDraw when its settings are beyond their limits."""
        try:
            layer = layers.read({"kind": kind, **fields})
        except ValueError as problem:
            raise CannotDraw(f"does not fit what is here. {str(problem).rstrip('.')}") from None
        sources = inputs if inputs is not None else [after or self.tensor]
        return self.trace.add(layer, *sources, line=self.line, declared=declared, title=self.title, ports=ports)

    def bent(self, tensor: Tensor, activation: Mapping[str, Any] | None) -> Tensor:
        """The tensor behind an activation, if there is one."""
        return tensor if activation is None else self.draw(after=tensor, **activation)

    def pass_over(self, why: str) -> Tensor:
        """Leave the call out, and say so."""
        self.say(
            f"{self.name}(…) cannot be drawn: {why.rstrip('.')}. It is left out, and its input goes on without it."
        )
        return self.tensor


def _short(value: Value) -> str:
    """A value in a sentence."""
    return SHORT.repr(value) if not isinstance(value, Unknown) else value.what[:40]


Rule: TypeAlias = Callable[[Use], Value]
"""How one of a library's layers is drawn."""


@dataclass(frozen=True)
class Word:
    """A name of a library: the settings it takes without naming them, in order, and how it is drawn."""

    settings: tuple[str, ...]
    rule: Rule


def conv(
    use: Use,
    *,
    channels: int,
    margin: int | str | tuple[int, int, int, int],
    stride_name: str = "stride",
    dilation_name: str = "dilation",
    groups: int = 1,
    bias: bool = True,
    declared: int | None = None,
) -> Tensor:
    """A convolution with a margin: "same", "valid", zeros on each side, or (top, bottom, left, right)."""
    kernel, stride = use.side("kernel_size", None), use.side(stride_name, 1)
    dilation = use.side(dilation_name, 1)
    span = dilation * (kernel - 1)
    tensor = use.tensor
    if isinstance(margin, int):
        margin = (margin,) * 4
    if isinstance(margin, tuple):
        if set(margin) == {0}:
            margin = "valid"
        elif span and set(margin) == {span // 2} and span % 2 == 0:
            margin = "same"
        else:
            tensor = pad(use, margin)
            margin = "valid"
    return use.draw(
        "conv2d",
        after=tensor,
        declared=declared,
        channels=channels,
        kernel=kernel,
        stride=stride,
        padding=margin,
        dilation=dilation,
        groups=groups,
        bias=bias,
    )


def pad(use: Use, margin: tuple[int, int, int, int]) -> Tensor:
    """Zeros around: above, below, left, right."""
    top, bottom, left, right = margin
    return use.draw("zero_pad", top=top, bottom=bottom, left=left, right=right)


def flatten(use: Use, declared: int | None = None) -> Tensor:
    """Flatten, unless a row arrives already. Grey pictures that came without their channel get it."""
    shape = use.shape
    if use.trace.kind(use.tensor) == "input" and shape is not None and len(shape) == 2:
        as_grey_picture(use)
    elif (shape is not None and len(shape) == 1) or use.trace.kind(use.tensor) in ("global_pool", "flatten"):
        return use.tensor
    return use.draw("flatten", declared=declared)


def as_grey_picture(use: Use) -> None:
    """Height × width at the input becomes one channel × height × width."""
    step = use.trace.steps[use.tensor.node]
    assert step.shape is not None
    step.shape = (1, *step.shape)
