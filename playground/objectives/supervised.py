"""Learning from examples with known answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar

from playground.core.contracts import Loss, Objective, Turn
from playground.core.diagnostics import Diagnostic, Draft
from playground.core.ends import output_diagnostics
from playground.core.experiment import Experiment
from playground.core.facts import Facts
from playground.core.part import AnyPart
from playground.core.shapes import Checked
from playground.objectives import objectives

if TYPE_CHECKING:
    import torch


@objectives.register("supervised", title="Learn from examples", group="Examples", synonyms=("labels", "targets"))
class Supervised(Objective):
    """Shows the network cases whose answer is known, and moves its weights so that the loss gets smaller."""

    summary: ClassVar[str] = "{loss}"

    loss: Annotated[Loss, AnyPart("losses")]

    def turns(self, experiment: Experiment) -> tuple[Turn, ...]:
        role = next(iter(experiment.networks))
        return (Turn(role, (role,), experiment.training.optimizer),)

    def loss_of(
        self, turn: Turn, modules: Mapping[str, torch.nn.Module], batch: tuple[torch.Tensor, ...]
    ) -> torch.Tensor:
        inputs, targets = batch
        value: torch.Tensor = build_loss(self.loss)(modules[turn.roles[0]](inputs), targets)
        return value

    def readable(self, raw: torch.Tensor) -> torch.Tensor:
        import torch

        if self.loss.answer == "sigmoid":
            return torch.sigmoid(raw)
        if self.loss.answer == "softmax":
            return torch.softmax(raw, dim=1)
        if self.loss.answer == "sign":
            return (torch.clamp(raw, -1, 1) + 1) / 2
        return raw

    def check(self, experiment: Experiment, checked: Mapping[str, Checked], facts: Facts) -> list[Draft | Diagnostic]:
        network = next(iter(checked.values()))
        return [*output_diagnostics(network.network, network, facts), *self.loss.check(network, facts)]


@lru_cache(maxsize=64)
def build_loss(loss: Loss) -> torch.nn.Module:
    """The loss as a module. It has no state, so that equal losses share one."""
    return loss.build()
