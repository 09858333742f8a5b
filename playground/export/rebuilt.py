"""The network that is taken away: drawn without errors, with its trained weights or with fresh ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from playground.core.experiment import Experiment
from playground.core.shapes import Checked, check

if TYPE_CHECKING:
    import torch

    from playground.training.build import Built


class CannotExport(ValueError):
    """Why something cannot be taken away. The message is the sentence a person reads."""


def drawn(experiment: Experiment, role: str | None = None) -> tuple[str, Checked]:
    """The role and the checked drawing of one network, the first if none is named. Raises CannotExport."""
    role = role or next(iter(experiment.networks))
    if role not in experiment.networks:
        raise CannotExport(f"There is no network {role[:40]!r}. There are: {', '.join(experiment.networks)}.")
    checked = check(experiment.networks[role], experiment.data.facts())
    if not checked.ok:
        first = next(note.message for note in checked.diagnostics if note.severity == "error")
        raise CannotExport(f"The drawing has an error, put it right first. {first}")
    return role, checked


def rebuilt(experiment: Experiment, state: Mapping[str, torch.Tensor] | None, role: str | None = None) -> Built:
    """The module in eval mode with these weights; None gives the first weights of the experiment's seed.

    Raises CannotExport when the drawing has an error or the weights belong to another one.
    """
    from playground.training.build import build

    role, checked = drawn(experiment, role)
    built = build(checked, seed=experiment.seed, role=role)
    if state is not None:
        expected = {name: tuple(tensor.shape) for name, tensor in built.module.state_dict().items()}
        given = {name: tuple(tensor.shape) for name, tensor in state.items()}
        for name in sorted(expected.keys() | given.keys()):
            if expected.get(name) != given.get(name):
                raise CannotExport(
                    f"These weights belong to another drawing: {name[:60]!r} is {given.get(name, 'missing')}, "
                    f"the drawing needs {expected.get(name, 'nothing of that name')}."
                )
        built.module.load_state_dict(dict(state))
    built.module.eval()
    return built
