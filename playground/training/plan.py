"""Which stepper a run gets."""

from __future__ import annotations

from collections.abc import Mapping

from playground.core.experiment import Experiment
from playground.core.shapes import Checked
from playground.training.build import Built
from playground.training.steppers.autograd import Autograd
from playground.training.steppers.stepper import OptimizerState, Stepper

STEPPERS = ("autograd",)


def plan(experiment: Experiment, checked: Mapping[str, Checked]) -> str:
    """Name of the fastest stepper that can train this."""
    return "autograd"


def make_stepper(name: str, experiment: Experiment, networks: Mapping[str, Built], state: OptimizerState) -> Stepper:
    """The stepper of that name, going on from these moments. Raises ValueError for a name or a run it is not made for."""
    objective, modules = experiment.objective, {role: built.module for role, built in networks.items()}
    if name == "autograd":
        return Autograd(objective, objective.turns(experiment), modules, state)
    raise ValueError(f"There is no stepper {name[:40]!r}; there are {', '.join(STEPPERS)}.")
