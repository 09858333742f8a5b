"""Which tasks there are: functions in `playground/engine/tasks_*.py`, found without importing them, for most of them
import torch and the host does not."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Listed(NamedTuple):
    """One task: its module, its function, and what its module wants loaded before the fork."""

    module: str
    function: str
    preload: tuple[str, ...]


@cache
def tasks() -> dict[str, Listed]:
    """Every task by its name: the functions that `@task` decorates. A module's `PRELOAD` makes its tasks heavy."""
    found: dict[str, Listed] = {}
    for file in sorted(Path(__file__).parent.glob("tasks_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        preload: tuple[str, ...] = ()
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and _name(node) == "PRELOAD" and node.value is not None:
                preload = tuple(ast.literal_eval(node.value))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and any(_is_task(mark) for mark in node.decorator_list):
                found[node.name] = Listed(f"playground.engine.{file.stem}", node.name, preload)
    return found


def is_heavy(name: str) -> bool | None:
    """Whether a task needs more than torch; None: there is no such task."""
    listed = tasks().get(name)
    return None if listed is None else bool(listed.preload)


def preloads(*, heavy: bool) -> tuple[str, ...]:
    """What is loaded before tasks are forked."""
    names = [name for listed in tasks().values() if heavy for name in listed.preload]
    return tuple(dict.fromkeys(names))


def _name(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


def _is_task(mark: ast.expr) -> bool:
    return isinstance(mark, ast.Name) and mark.id == "task"
