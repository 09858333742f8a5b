"""All weights of a network in one tensor, and optimizers that move them in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import nn

from playground.core.contracts import Optimizer
from playground.optimizers.adaptive import Adam, AdamW
from playground.optimizers.descent import SGD


class Slot:
    """Where one parameter lies in the one tensor of all."""

    def __init__(self, start: int, shape: torch.Size) -> None:
        self.start, self.stop, self.shape = start, start + shape.numel(), shape

    def of(self, flat: torch.Tensor) -> torch.Tensor:
        """The parameter's part of such a tensor."""
        return flat[self.start : self.stop].view(self.shape)


def in_one_tensor(module: nn.Module) -> tuple[torch.Tensor, dict[str, Slot]]:
    """Move the module's parameters into one tensor. They stay its parameters, now as views of it."""
    parameters = dict(module.named_parameters())
    slots, start = dict[str, Slot](), 0
    for name, parameter in parameters.items():
        slots[name] = Slot(start, parameter.shape)
        start = slots[name].stop
    flat = torch.cat([parameter.detach().flatten() for parameter in parameters.values()])
    for name, parameter in parameters.items():
        parameter.data = slots[name].of(flat)
    return flat, slots


class Update(Protocol):
    """Moves all weights along their gradient."""

    def __call__(self, rate: float) -> None: ...

    def moments(self, slot: Slot) -> dict[str, torch.Tensor]:
        """What torch's optimizer would remember for this parameter."""
        ...

    def load(self, slot: Slot, kept: Mapping[str, torch.Tensor]) -> None:
        """Go on from what was remembered."""
        ...


class Descent:
    """Gradient descent with or without momentum, as `torch.optim.SGD` does it."""

    def __init__(self, optimizer: SGD, weights: torch.Tensor, gradient: torch.Tensor) -> None:
        self._weights, self._gradient = weights, gradient
        self._momentum, self._decay, self._nesterov = optimizer.momentum, optimizer.weight_decay, optimizer.nesterov
        self._kept = torch.zeros_like(weights) if self._momentum else None

    def __call__(self, rate: float) -> None:
        direction = self._gradient
        if self._decay:
            direction.add_(self._weights, alpha=self._decay)
        if self._kept is not None:
            self._kept.mul_(self._momentum).add_(direction)
            direction = direction.add_(self._kept, alpha=self._momentum) if self._nesterov else self._kept
        self._weights.sub_(direction, alpha=rate)

    def moments(self, slot: Slot) -> dict[str, torch.Tensor]:
        return {} if self._kept is None else {"momentum_buffer": slot.of(self._kept)}

    def load(self, slot: Slot, kept: Mapping[str, torch.Tensor]) -> None:
        if self._kept is not None and "momentum_buffer" in kept:
            slot.of(self._kept).copy_(kept["momentum_buffer"])


class AdaptiveMoments:
    """Adam and AdamW, by the operation that `torch.optim` calls with `fused=True`."""

    def __init__(self, optimizer: Adam | AdamW, weights: torch.Tensor, gradient: torch.Tensor) -> None:
        self._optimizer = optimizer
        self._first, self._second = torch.zeros_like(weights), torch.zeros_like(weights)
        self._step = torch.zeros((), dtype=torch.float32, device=weights.device)
        self._one = torch.ones_like(self._step)  # adding a number makes it a tensor first, each time
        self._call = torch._fused_adamw_ if isinstance(optimizer, AdamW) else torch._fused_adam_
        lists = [[weights], [gradient], [self._first], [self._second], [], [self._step]]
        self._tensors: list[list[torch.Tensor]] = lists

    def __call__(self, rate: float) -> None:
        self._step.add_(self._one)
        self._call(
            *self._tensors,
            lr=rate,
            beta1=self._optimizer.beta1,
            beta2=self._optimizer.beta2,
            weight_decay=self._optimizer.weight_decay,
            eps=self._optimizer.epsilon,
            amsgrad=False,
            maximize=False,
        )

    def moments(self, slot: Slot) -> dict[str, torch.Tensor]:
        if not self._step:
            return {}
        return {"step": self._step, "exp_avg": slot.of(self._first), "exp_avg_sq": slot.of(self._second)}

    def load(self, slot: Slot, kept: Mapping[str, torch.Tensor]) -> None:
        if "exp_avg" in kept:
            self._step.copy_(kept["step"])
            slot.of(self._first).copy_(kept["exp_avg"])
            slot.of(self._second).copy_(kept["exp_avg_sq"])


def make_update(optimizer: Optimizer, weights: torch.Tensor, gradient: torch.Tensor) -> Update:
    """The update of this optimizer. Raises TypeError for one that has none here."""
    if isinstance(optimizer, SGD):
        return Descent(optimizer, weights, gradient)
    if isinstance(optimizer, Adam | AdamW):
        return AdaptiveMoments(optimizer, weights, gradient)
    raise TypeError(f"{type(optimizer).__name__} has no update in one tensor.")
