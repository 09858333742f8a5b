"""What the nodes show after every edit: shapes, costs, what is wrong and how to put it right. No torch, no data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from playground.core.diagnostics import Diagnostic, Fix
from playground.core.experiment import Data, Experiment
from playground.core.facts import Facts
from playground.core.network import Network
from playground.core.shapes import Checked, check, check_experiment
from playground.core.shares import PARTS, count

MISFIT = "output-width"
"""Code of the diagnostic that says answer and data do not fit: the moment to offer the way back."""


class Inside(NamedTuple):
    """The drawing of a block. `alike`: each of its repetitions draws the same."""

    network: Network
    alike: bool


class Understood(NamedTuple):
    """An experiment, checked. `ok`: it can be trained."""

    checked: Mapping[str, Checked]
    facts: Facts | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether it can be trained."""
        return not any(note.severity == "error" for note in self.diagnostics)

    @property
    def parameters(self) -> int:
        """How many weights all networks have together."""
        return sum(network.total.parameters for network in self.checked.values())

    @property
    def trouble(self) -> str | None:
        """The first thing that keeps it from being trained."""
        return next((note.message for note in self.diagnostics if note.severity == "error"), None)

    def inside(self, path: str) -> Inside | None:
        """What a block draws, by the ids of the blocks around it and its own, joined by dots; None: that is not known,
        or there is no such block."""
        for drawing in self.checked.values():
            repetitions: tuple[Checked, ...] = (drawing,)
            for id in path.split("."):
                repetitions = repetitions[0].inside.get(id, ()) if repetitions else ()
            if repetitions and repetitions[0].network.nodes:
                first = repetitions[0].network
                return Inside(first, all(one.network == first for one in repetitions))
        return None

    def message(self, revision: int) -> dict[str, Any]:
        """The `checked` message of the protocol."""
        nodes: dict[str, Any] = {}
        total = {"parameters": 0, "flops": 0, "memory": 0}
        for network in self.checked.values():
            part = network.dump()
            nodes |= part["nodes"]
            total = {name: total[name] + part["total"][name] for name in total}
        return {
            "type": "checked",
            "revision": revision,
            "nodes": nodes,
            "total": total,
            "diagnostics": [note.dump() for note in self.diagnostics],
            "facts": describe(self.facts) if self.facts is not None else None,
        }


def understand(experiment: Experiment, before: Experiment | None = None) -> Understood:
    """Check an experiment. `before` is the project with its previous data, the way back if the new ones do not fit."""
    data = experiment.data
    try:
        facts = data.facts().with_(samples=count(data.split, data.dataset.facts().samples))
        checked = check_experiment(experiment)
    except ValueError as error:
        # The original files are not there, or a preparation step does not fit: shapes are pending, and it is said why.
        shapes = {role: check(network, None) for role, network in experiment.networks.items()}
        return Understood(shapes, None, (Diagnostic(None, "data", str(error)),))
    notes = tuple(note for network in checked.values() for note in network.diagnostics)
    if before is not None:
        notes = tuple(_with_way_back(note, before) for note in notes)
    return Understood(checked, facts, notes)


def describe(facts: Facts) -> dict[str, Any]:
    """Facts as the browser gets them."""
    return {
        "task": facts.task,
        "input_shape": list(facts.input_shape),
        "output_width": facts.output_width,
        "feature_names": list(facts.feature_names),
        "classes": list(facts.classes),
        "target_names": list(facts.target_names),
        "target_unit": facts.target_unit,
        "view": facts.view,
        "domain": list(facts.domain),
        "samples": {name: facts.samples.get(name, 0) for name in PARTS[:3]},
    }


def way_back(before: Experiment) -> Fix:
    """A button that brings the previous data back, with the goal and the metrics that went with them."""
    values = before.model_dump(mode="json")
    ops = tuple({"op": "experiment", "path": path, "value": values[path]} for path in ("data", "objective", "metrics"))
    return Fix(f"Back to {before.data.dataset.title.lower()}", ops)


def same_cases(one: Data, other: Data) -> bool:
    """Whether both are about the same data set, whatever its settings."""
    return one.dataset.kind == other.dataset.kind


def _with_way_back(note: Diagnostic, before: Experiment) -> Diagnostic:
    return note._replace(fixes=(*note.fixes, way_back(before))) if note.code == MISFIT else note
