"""Weights move into a changed network: what a person taught it stays, wherever it still has a place.

The rule: the weights of a node with the same id are kept. Where its size changed, the numbers that both sizes have
(the first rows, the first columns) are kept, the rest are this seed's first weights. A node that went into a block or
out of one is found by its id, when no other node of the old network has it. What a network had that a later one has no
place for is remembered for the case that it comes back, by undo for instance: then those numbers are the old ones, not
first weights. Moments of the optimizer are kept
where the shape is the same, and start anew elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch

from playground.training.build import Built
from playground.training.steppers.stepper import OptimizerState


class Carried(NamedTuple):
    """Numbers kept and made, and the units that have a new row of weights, by node."""

    kept: int
    new: int
    units: dict[str, list[int]]


class Origin(NamedTuple):
    """What is carried: node → module name, and the tensors by their names in that module."""

    names: Mapping[str, str]
    tensors: Mapping[str, torch.Tensor]


def origin_of(built: Built) -> Origin:
    """A living network as the origin of weights."""
    return Origin(built.names, built.module.state_dict())


def places_of(before: Mapping[str, str], after: Iterable[str]) -> dict[str, str]:
    """For each path of the new network that was there before, perhaps in another block: the name of its old module."""
    by_path = {_only_one(path): name for path, name in before.items()}
    by_id: dict[str, list[str]] = {}
    for path in before:
        by_id.setdefault(path.rpartition(".")[2], []).append(path)
    wanted = {path: by_path.get(_only_one(path)) for path in after}
    taken = set(wanted.values())
    for path, name in wanted.items():
        moved = by_id.get(path.rpartition(".")[2], [])
        if name is None and len(moved) == 1 and before[moved[0]] not in taken:
            wanted[path] = before[moved[0]]
            taken.add(before[moved[0]])
    return {path: name for path, name in wanted.items() if name is not None}


def _only_one(path: str) -> str:
    """The path as if its blocks ran once: the first of several repetitions is what a single one was."""
    return path.replace("[0]", "")


NOTHING = Origin({}, {})


class Remembered(NamedTuple):
    """The weights that one experiment's networks had when others took their place, by role."""

    key: str
    """Fingerprint of the networks."""
    weights: dict[str, dict[str, torch.Tensor]]

    @property
    def bytes(self) -> int:
        """Size of its tensors."""
        return sum(t.numel() * t.element_size() for tensors in self.weights.values() for t in tensors.values())


MOST_REMEMBERED = 16
MEMORY = 8 * 2**20
"""Bytes of weights that a run remembers of networks it no longer has."""


def remember(memory: list[Remembered], new: Remembered) -> list[Remembered]:
    """The memory with these networks in it; what lies longest goes first."""
    kept = [one for one in memory if one.key != new.key]
    kept.append(new)
    while kept and (len(kept) > MOST_REMEMBERED or sum(one.bytes for one in kept) > MEMORY):
        kept.pop(0)
    return kept


def carry(origin: Origin, into: Built, remembered: Mapping[str, torch.Tensor] | None = None) -> Carried:
    """Copy what fits into a freshly built network, in place. `remembered`: what this very network once had."""
    kept = new = 0
    places = places_of(origin.names, into.names)
    units: dict[str, list[int]] = {}
    learned = dict(into.module.named_parameters())
    for name, tensor in into.module.state_dict().items():
        path, rest = into.path_of(name)
        source = origin.tensors.get(f"{places[path]}.{rest}") if path in places else None
        rows = common = 0
        once = (remembered or {}).get(name)
        if once is not None and once.shape == tensor.shape:
            with torch.no_grad():
                tensor.copy_(once)
            rows, common = tensor.shape[0] if tensor.dim() else 0, tensor.numel()
        if source is not None and source.dim() == tensor.dim():
            both = tuple(slice(0, min(a, b)) for a, b in zip(source.shape, tensor.shape, strict=True))
            with torch.no_grad():
                tensor[both] = source[both].to(tensor)
            common = max(common, tensor[both].numel())
            rows = max(rows, min(source.shape[0], tensor.shape[0]) if tensor.dim() else 0)
        if name in learned:
            kept += common
            new += tensor.numel() - common
            if common < tensor.numel() and tensor.dim() and rows < tensor.shape[0]:
                fresh = set(units.get(path, [])) | set(range(rows, tensor.shape[0]))
                units[path] = sorted(fresh)
    return Carried(kept, new, units)


def carry_moments(
    state: OptimizerState, before: Mapping[str, Mapping[str, str]], after: Mapping[str, Built]
) -> OptimizerState:
    """The optimizers' moments under the names of the new networks. `before`: role → node → module name."""
    places = {
        f"{role}/{name}.": f"{role}/{after[role].names[path]}."
        for role, names in before.items()
        if role in after
        for path, name in places_of(names, after[role].names).items()
    }
    shapes = {
        f"{role}/{name}": parameter.shape
        for role, built in after.items()
        for name, parameter in built.module.named_parameters()
    }
    carried: OptimizerState = {}
    for turn, parameters in state.items():
        for parameter, moments in parameters.items():
            head, dot, rest = parameter.partition(".")
            name = places.get(head + dot, "") + rest
            fits = all(value.dim() == 0 or value.shape == shapes.get(name) for value in moments.values())
            if name in shapes and fits:
                carried.setdefault(turn, {})[name] = {key: value.clone() for key, value in moments.items()}
    return carried
