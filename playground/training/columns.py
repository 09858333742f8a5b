"""What a network of few dense units answers at many places at once, one place a column.

So the products of small layers are fastest, and each unit's answers lie in one row, ready to be drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from playground.modules.wiring import Add
from playground.training.build import Built

MOST_UNITS = 256
"""Units of all layers together: every one of their answers is held at once."""
EACH_ALONE = (
    nn.Dropout,
    nn.ELU,
    nn.GELU,
    nn.Hardsigmoid,
    nn.Hardtanh,
    nn.Identity,
    nn.LeakyReLU,
    nn.ReLU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Softplus,
    nn.Softsign,
    nn.Tanh,
    Add,
)
"""Modules that treat every number like every other: rows and columns are the same to them."""


class _Move(NamedTuple):
    """One node of the graph: what it calls on which earlier answers."""

    name: str
    call: Callable[..., torch.Tensor]
    arguments: tuple[str, ...]


class Columns:
    """The network again, on inputs [features, n]. The same weights; answers may differ in the last digit."""

    def __init__(self, source: str, moves: list[_Move]) -> None:
        self._source, self._moves = source, moves

    def __call__(self, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every node's answer [units, n] by the name of its fx node."""
        answers = {self._source: inputs}
        for name, call, arguments in self._moves:
            answers[name] = call(*[answers[argument] for argument in arguments])
        return answers


def find_columns(built: Built) -> Columns | None:
    """The network in this form, or None when it has other layers or many units."""
    moves: list[_Move] = []
    source, units = "", 0
    for node in built.module.graph.nodes:
        if node.op == "placeholder":
            source = node.name
        elif node.op == "call_module":
            module = built.module.get_submodule(str(node.target))
            if type(module) is nn.Linear:
                units += module.out_features
                call = _dense(module)
            elif type(module) in EACH_ALONE:
                call = module
            else:
                return None
            moves.append(_Move(node.name, call, tuple(argument.name for argument in node.args)))
        elif node.op != "output":
            return None
    return Columns(source, moves) if source and units <= MOST_UNITS else None


def _dense(linear: nn.Linear) -> Callable[[torch.Tensor], torch.Tensor]:
    def call(inputs: torch.Tensor) -> torch.Tensor:
        if linear.bias is None:
            return torch.mm(linear.weight, inputs)
        return torch.addmm(linear.bias[:, None], linear.weight, inputs)

    return call
