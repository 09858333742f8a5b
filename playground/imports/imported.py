"""What an import brings: a project, what is to be said about it, and weights where there were any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.core.experiment import Experiment
from playground.core.files import Layout, Place, Project
from playground.core.network import Id, Network
from playground.core.shapes import check

if TYPE_CHECKING:
    import torch

    Weights = Mapping[str, Mapping[str, Any]]

MOST_NOTES = 60
COLUMN, ROW = 210, 220
"""Distances of nodes on the canvas."""


class Remark(NamedTuple):
    """A sentence about one place of what was read: its line (from 1), and the node it became part of."""

    message: str
    line: int | None = None
    node: str | None = None

    @property
    def text(self) -> str:
        """The sentence with its line."""
        return self.message if self.line is None else f"Line {self.line}: {self.message}"

    def dump(self) -> dict[str, Any]:
        """The JSON form."""
        return {"message": self.text, "line": self.line, "node": self.node}


class Imported(NamedTuple):
    """A project that came from outside. `weights` are the first network's, by the names that building it gives."""

    project: Project
    source: str
    """`project`, `link`, `playground`, `onnx`, `keras`, `pytorch` or `module`."""
    remarks: tuple[Remark, ...] = ()
    weights: Mapping[str, torch.Tensor] | None = None

    @property
    def experiment(self) -> Experiment:
        """What would be trained."""
        return self.project.experiment


class Remarks:
    """Remarks as they are found: each once, and not endlessly many."""

    def __init__(self) -> None:
        self._found: dict[Remark, None] = {}
        self.left_out = 0

    def add(self, message: str, line: int | None = None, node: str | None = None) -> None:
        """One more, unless it was said already."""
        remark = Remark(message, line, node)
        if remark in self._found:
            return
        if len(self._found) < MOST_NOTES:
            self._found[remark] = None
        else:
            self.left_out += 1

    def all(self) -> tuple[Remark, ...]:
        """By lines; what belongs to no line comes last."""
        found = sorted(self._found, key=lambda remark: (remark.line is None, remark.line or 0))
        more = (Remark(f"{self.left_out} more remarks are left out."),) if self.left_out else ()
        return (*found, *more)


def laid_out(network: Network) -> Layout:
    """Places for a drawing that comes without: a column for each step from the input, branches below one another."""
    depth: dict[str, int] = {}
    for id in check(network, None).order:
        depth[id] = max((depth[edge.source] + 1 for edge in network.incoming(id)), default=0)
    rows: dict[int, int] = {}
    places: dict[Id, Place] = {}
    for node in network.nodes:
        column = depth.get(node.id, 0)
        row = rows[column] = rows.get(column, -1) + 1
        places[node.id] = Place(x=float(column * COLUMN), y=float(row * ROW))
    return Layout(nodes=places)


def state_of(experiment: Experiment, weights: Weights) -> dict[str, torch.Tensor]:
    """Weights by node path and name (`dense2` → `linear.weight` → array) as the state of the module that is built.

    What a module counts for itself (batch norm's batches) keeps its first value. Raises ValueError when a weight has
    another shape than the drawing needs, or is missing.
    """
    import numpy as np
    import torch

    from playground.training.build import build

    role, network = next(iter(experiment.networks.items()))
    built = build(check(network, experiment.data.facts()), seed=experiment.seed, role=role)
    state = dict(built.module.state_dict())
    given = {
        f"{built.names[path]}.{name}": (path, value) for path, named in weights.items() for name, value in named.items()
    }
    for name, tensor in state.items():
        if name not in given:
            if name.endswith("num_batches_tracked"):
                continue
            raise ValueError(f"The weights of {built.path_of(name)[0]!r} are missing.")
        path, value = given.pop(name)
        found = torch.from_numpy(np.array(value, dtype=np.float32))
        if found.shape != tensor.shape:
            raise ValueError(
                f"The weights of {path!r} have the shape {tuple(found.shape)}; the drawing needs {tuple(tensor.shape)}."
            )
        state[name] = found
    if given:
        raise ValueError(f"There are weights for {next(iter(given))!r}, which the drawing does not have.")
    return state


def with_remarks(project: Project, remarks: Sequence[Remark]) -> Project:
    """The project with the remarks in its notes, so that they are not lost when a window is closed."""
    lines = [project.notes] if project.notes else []
    lines += [f"- {remark.text}" for remark in remarks]
    return project.with_(notes="\n".join(lines)[:20_000])
