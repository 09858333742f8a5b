"""Reads Python code as a drawing. Nothing is run: names stand for what is known of them, and what is not known stays so.

Statements and expressions of Python's own are followed here, in plain arithmetic with limits; what a library's name does
is said by `playground.imports.vocabulary`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from playground.core.reading import Refused
from playground.imports import arithmetic, binding
from playground.imports.binding import Answered, Left
from playground.imports.imported import Remarks
from playground.imports.traced import Trace
from playground.imports.values import (
    Class,
    Function,
    Instance,
    Lengths,
    Library,
    Made,
    Method,
    Parent,
    Scope,
    Tensor,
    Unknown,
    Value,
    is_tensor,
)

if TYPE_CHECKING:
    from playground.imports.vocabulary import Vocabulary

MOST_STEPS = 200_000
"""Statements and expressions that are followed; a network of a thousand layers takes some ten thousand."""
MOST_CALLS = 40
"""Functions within functions."""


class Interpreter:
    """Follows a piece of code. `scope` is what its names stand for at the end."""

    def __init__(self, vocabulary: Vocabulary, trace: Trace, remarks: Remarks) -> None:
        self.vocabulary = vocabulary
        self.trace = trace
        self.remarks = remarks
        self.scope: Scope = {}
        self.loose: list[Value] = []
        """What expressions came to that nobody gave a name."""
        self._steps = 0
        self._depth = 0

    # ---- statements ------------------------------------------------------------------------------------------------

    def run(self, tree: ast.Module) -> None:
        """Everything, from top to bottom."""
        with suppress(Answered, Left):
            self._execute(tree.body, self.scope)

    def _execute(self, statements: list[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self._count()
            self._statement(statement, scope)

    def _statement(self, statement: ast.stmt, scope: Scope) -> None:
        match statement:
            case ast.Expr(value=value):
                found = self.evaluate(value, scope)
                if scope is self.scope:
                    self.loose.append(found)
            case ast.Assign(targets=targets, value=value):
                found = self.evaluate(value, scope)
                for target in targets:
                    self._assign(target, found, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self.evaluate(value, scope), scope)
            case ast.AugAssign(target=target, op=op, value=value):
                before = self.evaluate(binding.loaded(target), scope)
                after = self._operate(op, before, self.evaluate(value, scope), statement)
                self._assign(target, after, scope)
            case ast.Return(value=value):
                raise Answered(None if value is None else self.evaluate(value, scope))
            case ast.FunctionDef(name=name):
                scope[name] = Function(statement, scope)
            case ast.ClassDef():
                self._class(statement, scope)
            case ast.If():
                self._if(statement, scope)
            case ast.For():
                self._for(statement, scope)
            case ast.With(items=items, body=body):
                for item in items:
                    self.evaluate(item.context_expr, scope)
                self._execute(body, scope)
            case ast.Try(body=body, finalbody=final):
                self._execute([*body, *final], scope)
            case ast.Import(names=names):
                for one in names:
                    whole = one.name if one.asname else one.name.partition(".")[0]
                    scope[one.asname or whole] = Library(whole)
            case ast.ImportFrom(module=module, names=names):
                for one in names:
                    scope[one.asname or one.name] = Library(f"{module or ''}.{one.name}".strip("."))
            case ast.Break():
                raise Left(over=True)
            case ast.Continue():
                raise Left(over=False)
            case ast.While() | ast.AsyncFor() | ast.AsyncFunctionDef() | ast.AsyncWith() | ast.Match():
                if self._depth:
                    self.remarks.add("How this goes is only known when it runs; it is passed over.", statement.lineno)
            case _:
                pass  # assert, del, global, pass, raise: nothing to draw

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        members: Scope = {}
        bases = [self.evaluate(base, scope) for base in node.bases]
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                members[statement.name] = Function(statement, scope)
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                self._statement(statement, members)
        scope[node.name] = Class(node, bases, members)

    def _if(self, statement: ast.If, scope: Scope) -> None:
        said = arithmetic.truth(self.evaluate(statement.test, scope))
        if said is None:
            text = ast.unparse(statement.test)[:60]
            if self._depth and "train" not in text and "cuda" not in text:
                self.remarks.add(
                    f"Whether {text!r} holds is only known when it runs; it is read as if not.", statement.lineno
                )
            said = "__name__" in text
        self._execute(statement.body if said else statement.orelse, scope)

    def _for(self, statement: ast.For, scope: Scope) -> None:
        over = self.evaluate(statement.iter, scope)
        items = arithmetic.items_of(over)
        word = ast.unparse(statement.target).lower()
        if "epoch" in word:
            if items is not None:
                self.vocabulary.training.epochs = len(items)
            items = None
        if items is None and isinstance(over, Made | Tensor):
            items = []
        for item in [Unknown(word)] if items is None else items:
            self._assign(statement.target, item, scope)
            try:
                self._execute(statement.body, scope)
            except Left as left:
                if left.over:
                    break

    def _assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                scope[name] = value
            case ast.Attribute(value=owner, attr=name):
                holder = self.evaluate(owner, scope)
                if isinstance(holder, Instance):
                    holder.attributes[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                items = arithmetic.items_of(value) or []
                spread = [t for t in targets if isinstance(t, ast.Starred)]
                fits = len(items) == len(targets) and not spread
                for number, one in enumerate(targets):
                    inner = one.value if isinstance(one, ast.Starred) else one
                    self._assign(inner, items[number] if fits else Unknown(ast.unparse(inner)[:40]), scope)
            case ast.Subscript(value=owner, slice=index):
                holder, key = self.evaluate(owner, scope), self.evaluate(index, scope)
                with suppress(TypeError, IndexError, KeyError):
                    if isinstance(holder, dict) or (isinstance(holder, list) and type(key) is int):
                        holder[key] = value
            case _:
                pass

    # ---- expressions -----------------------------------------------------------------------------------------------

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression stands for."""
        self._count()
        match node:
            case ast.Constant(value=value):
                return (
                    value if isinstance(value, bool | int | float | str) or value is None else Unknown(repr(value)[:40])
                )
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute(value=owner, attr=name):
                return self._attribute(self.evaluate(owner, scope), name)
            case ast.Call():
                return self._call(node, scope)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operate(op, self.evaluate(left, scope), self.evaluate(right, scope), node)
            case ast.UnaryOp(op=op, operand=operand):
                return arithmetic.unary(op, self.evaluate(operand, scope))
            case ast.BoolOp(op=op, values=values):
                return self._either(op, values, scope)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return arithmetic.compare(
                    self.evaluate(left, scope), ops, [self.evaluate(other, scope) for other in others]
                )
            case ast.IfExp(test=test, body=body, orelse=other):
                said = arithmetic.truth(self.evaluate(test, scope))
                return self.evaluate(body if said else other, scope)
            case ast.List(elts=elts):
                return list(self._spread(elts, scope))
            case ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return tuple(self._spread(elts, scope))
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, scope)
            case ast.Subscript(value=owner, slice=index):
                return self._item(self.evaluate(owner, scope), index, scope)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
            case ast.Lambda():
                return Function(node, scope)
            case ast.JoinedStr():
                return Unknown("text")
            case ast.NamedExpr(target=target, value=value):
                found = self.evaluate(value, scope)
                self._assign(target, found, scope)
                return found
            case ast.Starred(value=value):
                return self.evaluate(value, scope)
            case _:
                return Unknown(type(node).__name__)

    def _name(self, name: str, scope: Scope) -> Value:
        if name in scope:
            return scope[name]
        if name in self.scope:
            return self.scope[name]
        if name in arithmetic.BUILT_IN:
            return Library(f"builtins.{name}")
        return self.vocabulary.guess(name)

    def _attribute(self, owner: Value, name: str) -> Value:
        if isinstance(owner, Library):
            return Library(f"{owner.path}.{name}")
        if isinstance(owner, Instance):
            if name in owner.attributes:
                return owner.attributes[name]
            found = owner.of.find(name)
            if isinstance(found, Function):
                return Method(owner, name)
            return Method(owner, name) if found is None else found
        if isinstance(owner, Unknown):
            return Unknown(f"{owner.what}.{name}"[:60])
        if isinstance(owner, Tensor) and name == "shape":
            return Lengths(owner)
        return Method(owner, name)

    def _operate(self, op: ast.operator, left: Value, right: Value, at: ast.AST) -> Value:
        if is_tensor(left) or is_tensor(right):
            return self.vocabulary.operate(op, left, right, getattr(at, "lineno", None))
        return arithmetic.binary(op, left, right)

    def _either(self, op: ast.boolop, values: list[ast.expr], scope: Scope) -> Value:
        found: Value = None
        for value in values:
            found = self.evaluate(value, scope)
            said = arithmetic.truth(found)
            if said is None or said == isinstance(op, ast.Or):
                return found
        return found

    def _spread(self, elements: list[ast.expr], scope: Scope) -> Iterator[Value]:
        for element in elements:
            found = self.evaluate(element, scope)
            if isinstance(element, ast.Starred):
                yield from arithmetic.items_of(found) or [Unknown("*")]
            else:
                yield found

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr], scope: Scope) -> Value:
        found: dict[str, Value] = {}
        for key, value in zip(keys, values, strict=True):
            said = self.evaluate(value, scope)
            name = self.evaluate(key, scope) if key is not None else None
            if isinstance(name, str | int):
                found[name] = said  # type: ignore[index]
        return found

    def _item(self, owner: Value, index: ast.expr, scope: Scope) -> Value:
        if isinstance(owner, Lengths):
            return self.vocabulary.length(owner, self.evaluate(index, scope))
        if isinstance(index, ast.Slice):
            ends = [
                None if end is None else self.evaluate(end, scope) for end in (index.lower, index.upper, index.step)
            ]
            if isinstance(owner, list | tuple | str) and all(end is None or type(end) is int for end in ends):
                with suppress(ValueError):
                    return owner[slice(*ends)]
            return self.vocabulary.cut(owner, index)
        if isinstance(owner, Tensor):
            return self.vocabulary.cut(owner, index)
        key = self.evaluate(index, scope)
        if isinstance(owner, list | tuple | dict | str):
            with suppress(TypeError, IndexError, KeyError):
                return owner[key]
        return Unknown(f"{type(owner).__name__}[…]")

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Value:
        found: list[Value] = []
        first, *others = node.generators
        items = arithmetic.items_of(self.evaluate(first.iter, scope))
        if items is None or others:
            return Unknown("a list")
        inner = dict(scope)
        for item in items:
            self._assign(first.target, item, inner)
            if all(arithmetic.truth(self.evaluate(test, inner)) for test in first.ifs):
                found.append(self.evaluate(node.elt, inner))
        return found

    # ---- calls -----------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        called = self.evaluate(node.func, scope)
        args = list(self._spread(node.args, scope))
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named |= {str(key): item for key, item in value.items()}
        if isinstance(called, Library) and called.path == "builtins.super":
            owner = scope.get("self")
            return Parent(owner) if isinstance(owner, Instance) else Unknown("super()")
        return self.call(called, args, named, node.lineno)

    def call(self, called: Value, args: list[Value], named: dict[str, Value], line: int) -> Value:
        """What a call comes to."""
        match called:
            case Function():
                return self._inline(called, args, named, line)
            case Class():
                return self._instance(called, args, named, line)
            case Instance(of=of):
                forward = of.forward
                if forward is None:
                    return Unknown(f"{of.node.name}(…)")
                if is_tensor(args):
                    called.calls += 1
                return self._inline(forward, [called, *args], named, line)
            case Method(owner=Instance() as owner, name=name):
                found = owner.of.find(name)
                if isinstance(found, Function):
                    return self._inline(found, [owner, *args], named, line)
                return self.vocabulary.method(owner, name, args, named, line)
            case Method(owner=Parent(of=instance), name=name):
                return self._of_parent(instance, name, args, named, line)
            case Method(owner=owner, name=name):
                return self.vocabulary.method(owner, name, args, named, line)
            case Library(path=path) if path.startswith("builtins."):
                return arithmetic.built_in(path.removeprefix("builtins."), args)
            case Unknown():
                return self.vocabulary.unknown(called, args, line)
            case _:
                return self.vocabulary.call(called, args, named, line)

    def _of_parent(self, instance: Instance, name: str, args: list[Value], named: dict[str, Value], line: int) -> Value:
        for base in instance.of.bases:
            found = base.find(name) if isinstance(base, Class) else None
            if isinstance(found, Function):
                return self._inline(found, [instance, *args], named, line)
        return None

    def _instance(self, of: Class, args: list[Value], named: dict[str, Value], line: int) -> Instance:
        made = Instance(of)
        begin = of.find("__init__")
        if isinstance(begin, Function):
            self._inline(begin, [made, *args], named, line)
        return made

    def _inline(self, function: Function, args: list[Value], named: dict[str, Value], line: int) -> Value:
        if self._depth >= MOST_CALLS:
            self.remarks.add("This calls itself without an end in sight; it is not followed further.", line)
            return Unknown("recursion")
        inner = dict(function.scope) if function.scope is not self.scope else {}
        inner |= binding.bound(function, args, named, self.evaluate)
        self._depth += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, inner)
            self._execute(function.node.body, inner)
        except Answered as answered:
            return answered.value
        finally:
            self._depth -= 1
        return None

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Refused(f"This code takes more than {MOST_STEPS:,} steps to read. Paste only the network.")
