"""Which networks are plain chains of dense layers, and how such a chain goes forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from playground.training.build import Built

Forward = Callable[[torch.Tensor], object]
Backward = Callable[[torch.Tensor, torch.Tensor], object]


class Bend(NamedTuple):
    """An activation in place: `forward(sums)` turns sums into answers, `backward(delta, answers)` multiplies its slope."""

    forward: Forward
    backward: Backward


_aten = torch.ops.aten


def _tanh(module: nn.Module) -> Bend:
    backward = _aten.tanh_backward.grad_input
    return Bend(torch.tanh_, lambda delta, answers: backward(delta, answers, grad_input=delta))


def _sigmoid(module: nn.Module) -> Bend:
    backward = _aten.sigmoid_backward.grad_input
    return Bend(torch.sigmoid_, lambda delta, answers: backward(delta, answers, grad_input=delta))


def _relu(module: nn.Module) -> Bend:
    backward = _aten.threshold_backward.grad_input
    return Bend(torch.relu_, lambda delta, answers: backward(delta, answers, 0, grad_input=delta))


BENDS: dict[type[nn.Module], Callable[[nn.Module], Bend]] = {nn.Tanh: _tanh, nn.Sigmoid: _sigmoid, nn.ReLU: _relu}
"""Activations whose slope can be told from their answer."""


class Link(NamedTuple):
    """One dense layer of a chain: the name of its module, and what bends its sums."""

    name: str
    linear: nn.Linear
    bend: Bend | None


class Chain(NamedTuple):
    """A network that is one row of dense layers. `flatten`: pictures are laid out as rows first."""

    links: tuple[Link, ...]
    flatten: bool


def find_chain(built: Built) -> Chain | None:
    """The network as a chain, or None when it is anything else."""
    links: list[Link] = []
    flatten, before = False, None
    for node in built.module.graph.nodes:
        if node.op == "placeholder":
            before = node
        elif node.op == "output":
            return Chain(tuple(links), flatten) if links and node.args[0] is before else None
        elif node.op != "call_module" or node.args != (before,):
            return None
        else:
            module, before = built.module.get_submodule(str(node.target)), node
            if type(module) is nn.Linear:
                links.append(Link(str(node.target), module, None))
            elif type(module) is nn.Flatten and not links and (module.start_dim, module.end_dim) == (1, -1):
                flatten = True
            elif type(module) in BENDS and links and links[-1].bend is None:
                links[-1] = links[-1]._replace(bend=BENDS[type(module)](module))
            else:
                return None
    return None
