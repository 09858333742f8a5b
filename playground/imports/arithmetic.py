"""Python's own arithmetic on what is known, within limits: code that is read may not fill the memory."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from playground.imports.values import Batch, Class, Instance, Unknown, Value, flattened, is_known

LARGEST = 10**12
LONGEST = 2_000
BUILT_IN = frozenset(
    "range len int float str bool list tuple dict zip enumerate reversed sum min max abs round print super isinstance "
    "sorted map getattr setattr hasattr callable type any all iter next set open input exec eval compile __import__ "
    "globals locals vars dir id hash repr format".split()
)

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}


def binary(op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`, or Unknown."""
    try:
        if isinstance(op, ast.Pow):
            small = _number(left) and _number(right) and abs(left) <= 1e6 and abs(right) <= 64
            return _tame(left**right) if small else Unknown("a power")
        rule = BINARY.get(type(op))
        if rule is None:
            return Unknown("an operation")
        if isinstance(op, ast.Add) and isinstance(left, list | tuple) and isinstance(right, list | tuple):
            fits = type(left) is type(right) and len(left) + len(right) <= LONGEST
            return operator.add(left, right) if fits else Unknown("a list")
        if isinstance(op, ast.Mult) and isinstance(left, int) and isinstance(right, list | tuple | str):
            left, right = right, left
        if isinstance(op, ast.Mult) and isinstance(left, list | tuple | str):
            fits = type(right) is int and len(left) * max(right, 0) <= LONGEST
            return left * right if fits else Unknown("a list")
        if isinstance(left, str) and isinstance(right, str) and isinstance(op, ast.Add):
            return left + right if len(left) + len(right) <= LONGEST else Unknown("text")
        if _number(left) and _number(right):
            return _tame(rule(left, right))
    except (ArithmeticError, ValueError, TypeError):
        pass
    return Unknown("a result")


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and abs(value) <= LARGEST


def _tame(value: Value) -> Value:
    if isinstance(value, complex) or not math.isfinite(value) or abs(value) > LARGEST:
        return Unknown("a number beyond all layers")
    return value


def unary(op: ast.unaryop, value: Value) -> Value:
    """`-value`, `not value`."""
    if isinstance(op, ast.Not):
        said = truth(value)
        return Unknown("not …") if said is None else not said
    if isinstance(value, int | float):
        if isinstance(op, ast.USub):
            return -value
        if isinstance(op, ast.UAdd):
            return value
    return Unknown("a result")


def truth(value: Value) -> bool | None:
    """Whether it counts as true, if that is known."""
    if isinstance(value, Unknown):
        return None
    if is_known(value) or isinstance(value, list | tuple | dict):
        return bool(value)
    return True


def compare(left: Value, ops: list[ast.cmpop], others: list[Value]) -> Value:
    """`left < a < b`, if all of it is known."""
    said = True
    for op, right in zip(ops, others, strict=True):
        one = _compare(left, op, right)
        if isinstance(one, Unknown):
            return one
        said, left = said and one, right
    return said


def _compare(left: Value, op: ast.cmpop, right: Value) -> Value:
    if isinstance(left, Unknown | Batch) or isinstance(right, Unknown | Batch):
        return Unknown("a comparison")
    if isinstance(op, ast.Is | ast.IsNot):
        same = left is right or (is_known(left) and is_known(right) and type(left) is type(right) and left == right)
        return same == isinstance(op, ast.Is)
    if flattened(left) is None or flattened(right) is None:
        return Unknown("a comparison")
    try:
        return bool(COMPARED[type(op)](left, right))
    except (TypeError, KeyError):
        return Unknown("a comparison")


def items_of(value: Value) -> list[Value] | None:
    """What a loop over it would give; None if that is not known."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, str):
        return list(value[:LONGEST])
    return None


def built_in(name: str, args: list[Value]) -> Value:
    """A function of Python's own. Those that reach outside, or run text, are not followed."""
    if name == "print":
        return None
    lists = [items_of(arg) for arg in args]
    known = all(is_known(arg) for arg in args)  # bounded, so that comparing what is in them is, too
    try:
        if name == "range" and args and all(type(arg) is int for arg in args):
            numbers = range(*args)
            return list(numbers) if len(numbers) <= LONGEST else Unknown("a long range")
        if name == "len" and lists[0] is not None:
            return len(lists[0])
        if name in ("list", "tuple", "reversed", "iter") and args and lists[0] is not None:
            found = lists[0][::-1] if name == "reversed" else lists[0]
            return tuple(found) if name == "tuple" else found
        if name in ("list", "tuple", "dict") and not args:
            return {"list": [], "tuple": (), "dict": {}}[name]
        if name == "zip" and all(one is not None for one in lists):
            return [tuple(pair) for pair in zip(*(one or [] for one in lists), strict=False)]
        if name == "enumerate" and lists and lists[0] is not None:
            return list(enumerate(lists[0]))
        if name in ("int", "float", "abs", "round", "bool") and known and all(_number(arg) for arg in args):
            rule: Any = {"int": int, "float": float, "abs": abs, "round": round, "bool": bool}[name]
            return rule(*args)
        if name in ("min", "max", "sum", "sorted") and known:
            rule = {"min": min, "max": max, "sum": sum, "sorted": sorted}[name]
            found = rule(*args)
            return found if isinstance(found, list) else _tame(found)
        if name == "getattr" and len(args) > 1 and isinstance(args[0], Instance) and isinstance(args[1], str):
            return args[0].attributes.get(args[1], Unknown(args[1][:40]))
        if name == "setattr" and len(args) == 3 and isinstance(args[0], Instance) and isinstance(args[1], str):
            args[0].attributes[args[1]] = args[2]
            return None
        if name == "isinstance" and len(args) == 2 and isinstance(args[0], Instance) and isinstance(args[1], Class):
            return args[0].of is args[1]
    except (TypeError, ValueError, ArithmeticError, IndexError, AttributeError):
        pass
    return Unknown(f"{name}(…)")
