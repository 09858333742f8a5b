"""The general stepper: any network, any objective, gradients by autograd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from playground.core.contracts import Objective, Turn
from playground.training.feed import Batch, Block
from playground.training.steppers.stepper import OptimizerState


class Autograd:
    """Forward, loss, backward, update: for every turn of the objective, in its order."""

    name = "autograd"

    def __init__(
        self, objective: Objective, turns: Sequence[Turn], modules: Mapping[str, nn.Module], state: OptimizerState
    ) -> None:
        self.objective, self.modules = objective, dict(modules)
        self._turns: list[tuple[Turn, torch.optim.Optimizer, float]] = []
        self._names: dict[str, dict[str, nn.Parameter]] = {}
        for turn in turns:
            named = {
                f"{role}/{name}": parameter
                for role in turn.roles
                for name, parameter in modules[role].named_parameters()
            }
            optimizer = turn.optimizer.build(list(named.values()))
            for name, moments in state.get(turn.name, {}).items():
                if name in named:
                    optimizer.state[named[name]] = {key: value.clone() for key, value in moments.items()}
            self._turns.append((turn, optimizer, turn.optimizer.learning_rate))
            self._names[turn.name] = named

    def run(self, block: Block, factors: Sequence[float]) -> torch.Tensor:
        losses = [self._step(batch, factor) for batch, factor in zip(block.batches(), factors, strict=True)]
        return torch.stack(losses).reshape(len(losses), len(self._turns))

    def _step(self, batch: Batch, factor: float) -> torch.Tensor:
        losses = []
        for turn, optimizer, rate in self._turns:
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            for _ in range(turn.repeats):
                optimizer.zero_grad()
                loss = self.objective.loss_of(turn, self.modules, batch)
                torch.autograd.backward(loss)
                optimizer.step()
            losses.append(loss.detach())
        return losses[0] if len(losses) == 1 else torch.stack(losses)

    def optimizer_state(self) -> OptimizerState:
        return {
            turn.name: {
                name: {key: value for key, value in optimizer.state[parameter].items() if torch.is_tensor(value)}
                for name, parameter in self._names[turn.name].items()
                if parameter in optimizer.state
            }
            for turn, optimizer, _ in self._turns
        }
