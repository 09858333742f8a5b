"""What names in pasted code stand for while it is read: never the things themselves, only what is known of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""A number, text, list … as in Python, or one of the classes below."""
Scope: TypeAlias = dict[str, Value]


@dataclass(frozen=True)
class Unknown:
    """Something that only running the code could tell. `what` is how it was written."""

    what: str = ""


@dataclass(frozen=True)
class Library:
    """A name of Keras, PyTorch or another library, spelled out: `torch.nn.Linear`."""

    path: str

    @property
    def name(self) -> str:
        """The last word of it."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Tensor:
    """What a node of the drawing answers."""

    node: int


@dataclass(frozen=True)
class Lengths:
    """The lengths of a tensor's axes, the batch included."""

    tensor: Tensor


@dataclass(frozen=True)
class Batch:
    """How many cases a batch has: -1 for those who reshape."""


@dataclass(eq=False)
class Made:
    """A layer that was made and may be called: its library's name and what it was made with."""

    name: str
    settings: dict[str, Value]
    line: int
    calls: int = 0
    shape: tuple[int, ...] | None = None
    """What Keras was told about its input."""


@dataclass(eq=False)
class Chain:
    """A sequence of layers: `Sequential`, of either library. `keras` counts channels last."""

    layers: list[Value]
    line: int
    keras: bool
    shape: tuple[int, ...] | None = None


@dataclass(eq=False)
class Wired:
    """A functional model of Keras: from these tensors to those."""

    inputs: list[Tensor]
    outputs: list[Tensor]
    line: int


@dataclass(eq=False)
class Function:
    """A function of the code itself."""

    node: ast.FunctionDef | ast.Lambda
    scope: Scope


@dataclass(eq=False)
class Class:
    """A class of the code itself."""

    node: ast.ClassDef
    bases: list[Value]
    members: Scope

    def find(self, name: str, *, generations: int = 3) -> Value | None:
        """A member of it or of a class it was made from, three generations back."""
        if name in self.members:
            return self.members[name]
        if generations == 0:
            return None
        found = (base.find(name, generations=generations - 1) for base in self.bases if isinstance(base, Class))
        return next((one for one in found if one is not None), None)

    @property
    def forward(self) -> Function | None:
        """What runs when an instance is called."""
        found = self.find("forward") or self.find("call")
        return found if isinstance(found, Function) else None


@dataclass(eq=False)
class Instance:
    """An object of such a class."""

    of: Class
    attributes: Scope = field(default_factory=dict)
    calls: int = 0


@dataclass(frozen=True)
class Method:
    """A function that belongs to something: `x.view`, `model.add`, `self.block`."""

    owner: Value
    name: str


@dataclass(frozen=True)
class Parent:
    """`super()`."""

    of: Instance


MOST_ITEMS = 2_000
"""Items of a list within lists that are looked at: three lists of three lists … can be more than the universe holds."""


def flattened(value: Value) -> list[Value] | None:
    """Everything in lists within lists, in order; None when that is too much."""
    found: list[Value] = []
    open_: list[Value] = [value]
    for _ in range(4 * MOST_ITEMS):
        if not open_:
            return found
        item = open_.pop()
        if isinstance(item, dict):
            open_ += reversed(item.values())
        elif isinstance(item, list | tuple) and type(item) in (list, tuple):
            open_ += item[::-1]
        else:
            found.append(item)
        if len(open_) > MOST_ITEMS * 10:
            return None
    return None


def is_known(value: Value) -> bool:
    """Whether it is a plain value of Python, all through."""
    items = flattened(value)
    return items is not None and all(item is None or isinstance(item, bool | int | float | str) for item in items)


def tensors_in(value: Value) -> list[Tensor]:
    """The tensors in it, in order."""
    return [item for item in flattened(value) or [] if isinstance(item, Tensor)]


def is_tensor(value: Value) -> bool:
    """Whether it is, or holds, something of the drawing."""
    return bool(tensors_in(value))


def tame(value: Value) -> Value:
    """The value, or Unknown in place of lists that nobody would write by hand."""
    if not isinstance(value, list | tuple | dict):
        return value
    items = flattened(value)
    return value if items is not None and len(items) <= 200 else Unknown("a long list")
