"""How values get to names, the arguments of a call, the target of `+=`; and how they get out of functions and loops."""

from __future__ import annotations

import ast
from collections.abc import Callable

from playground.imports.values import Function, Scope, Unknown, Value


class Answered(Exception):
    """A function's `return`."""

    def __init__(self, value: Value) -> None:
        self.value = value


class Left(Exception):
    """A loop's `break` or `continue`."""

    def __init__(self, *, over: bool) -> None:
        self.over = over


def bound(function: Function, args: list[Value], named: Scope, evaluate: Callable[[ast.expr, Scope], Value]) -> Scope:
    """What the function's names stand for when it is called so. What nobody gives is Unknown."""
    wanted = function.node.args
    inner: Scope = {}
    names = [one.arg for one in (*wanted.posonlyargs, *wanted.args)]
    defaults = dict(zip(reversed(names), reversed(wanted.defaults), strict=False))
    only = {one.arg: value for one, value in zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True)}
    for name, value in (*defaults.items(), *only.items()):
        if value is not None and name not in named:
            inner[name] = evaluate(value, function.scope)
    left = dict(named)
    inner |= dict(zip(names, args, strict=False))
    for name in (*names[len(args) :], *only):
        if name in left:
            inner[name] = left.pop(name)
        elif name not in inner:
            inner[name] = Unknown(name)
    if wanted.vararg is not None:
        inner[wanted.vararg.arg] = tuple(args[len(names) :])
    if wanted.kwarg is not None:
        inner[wanted.kwarg.arg] = left
    return inner


def loaded(target: ast.expr) -> ast.expr:
    """The target of `+=` as what it is before."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=value, attr=name):
            return ast.copy_location(ast.Attribute(value, name, ast.Load()), target)
        case ast.Subscript(value=value, slice=index):
            return ast.copy_location(ast.Subscript(value, index, ast.Load()), target)
        case _:
            return target
