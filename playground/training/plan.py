"""Which stepper a run gets."""

from __future__ import annotations

from collections.abc import Mapping

from playground.core.experiment import Experiment
from playground.objectives.supervised import Supervised
from playground.training.build import Built
from playground.training.steppers import lockstep
from playground.training.steppers.autograd import Autograd
from playground.training.steppers.lockstep import Lockstep
from playground.training.steppers.stepper import OptimizerState, Stepper

STEPPERS = ("autograd", "lockstep")


def plan(experiment: Experiment, networks: Mapping[str, Built], state: OptimizerState | None = None) -> str:
    """Name of the fastest stepper that can train these networks, going on from these moments."""
    objective = experiment.objective
    fits = lockstep.fits(objective, objective.turns(experiment), networks, state or {})
    return "lockstep" if fits else "autograd"


def make_stepper(
    experiment: Experiment, networks: Mapping[str, Built], state: OptimizerState, wish: str | None = None
) -> Stepper:
    """The stepper that was asked for, or the one `plan` chooses, going on from these moments.

    A stepper that cannot do what is asked now, because the network has changed, gives way to the general one. Raises
    ValueError for a name that there is not.
    """
    objective, turns = experiment.objective, experiment.objective.turns(experiment)
    if wish is not None and wish not in STEPPERS:
        raise ValueError(f"There is no stepper {wish[:40]!r}; there are {', '.join(STEPPERS)}.")
    if wish != "autograd" and plan(experiment, networks, state) == "lockstep":
        assert isinstance(objective, Supervised)
        return Lockstep(objective, turns[0], networks[turns[0].roles[0]], state)
    return Autograd(objective, turns, {role: built.module for role, built in networks.items()}, state)
