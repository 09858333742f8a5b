"""What every stepper does. One test holds them all equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import torch

from playground.training.feed import Block

OptimizerState: TypeAlias = dict[str, dict[str, dict[str, torch.Tensor]]]
"""Turn → `role/parameter` → torch's own name of the moment (`momentum_buffer`, `exp_avg`, `step` …) → its tensor."""


class Stepper(Protocol):
    """Updates weights in place. The modules always hold the present weights."""

    name: str

    def run(self, block: Block, factors: Sequence[float]) -> torch.Tensor:
        """One step a batch, the learning rate times its factor. Returns the losses, [steps, turns], on the device."""
        ...

    def optimizer_state(self) -> OptimizerState:
        """The optimizers' moments. Tensors may be the live ones: clone what must last."""
        ...
