"""Schedules that stay or fall: they start at the optimizer's own rate."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from playground.core.contracts import Schedule
from playground.schedules import schedules


@schedules.register("constant", title="Constant", group="Plain", synonyms=("none", "fixed"))
class Constant(Schedule):
    """The learning rate stays as it is."""

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        return 1.0

    def source(self) -> str:
        return "return 1.0"


@schedules.register("step", title="In steps", group="Falling", synonyms=("staircase", "decay"))
class Step(Schedule):
    """Every few epochs the learning rate is cut to a share of what it was."""

    summary: ClassVar[str] = "× {factor_each} every {epochs_each} epochs"

    epochs_each: int = Field(10, ge=1, le=100_000, description="After how many epochs it is cut.")
    factor_each: float = Field(
        0.5, gt=0, le=1, description="What it is multiplied with.", json_schema_extra={"slider": True}
    )

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        return self.factor_each ** (step // steps_per_epoch // self.epochs_each)

    def source(self) -> str:
        return f"return {self.factor_each} ** (step // steps_per_epoch // {self.epochs_each})"


@schedules.register("exponential", title="Exponential", group="Falling", synonyms=("decay",))
class Exponential(Schedule):
    """Holds the learning rate for some epochs, then multiplies it with e^−decay each epoch."""

    summary: ClassVar[str] = "after {hold_epochs} epochs, decay {decay}"

    hold_epochs: int = Field(10, ge=0, le=100_000, description="How many epochs it stays as it is.")
    decay: float = Field(0.1, ge=0, le=10, description="How fast it falls after that; 0.1 is about 10 % an epoch.")

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        return math.exp(-self.decay * max(0, step // steps_per_epoch - self.hold_epochs))

    def source(self) -> str:
        return f"return math.exp(-{self.decay} * max(0, step // steps_per_epoch - {self.hold_epochs}))"


@schedules.register("cosine", title="Cosine", group="Falling", synonyms=("annealing", "half wave"))
class Cosine(Schedule):
    """Falls along half a cosine wave: slow at first, fast in the middle, slow at the end. (Loshchilov and Hutter, 2017)"""

    summary: ClassVar[str] = "down to {floor}"

    floor: float = Field(0.0, ge=0, le=1, description="Share of the learning rate that is left at the end.")

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        return self.floor + (1 - self.floor) * half_wave(step / max(1, steps))

    def source(self) -> str:
        return f"{WAVE}\nreturn {self.floor} + (1 - {self.floor}) * wave(step / max(1, steps))"


WAVE = "wave = lambda share: (1 + math.cos(math.pi * min(1.0, share))) / 2"
"""`half_wave` in an exported script."""


def half_wave(share: float) -> float:
    """1 at the beginning, 0 at the end, half a cosine wave between."""
    return (1 + math.cos(math.pi * min(1.0, share))) / 2
