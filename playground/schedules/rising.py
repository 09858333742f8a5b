"""Schedules that rise before they fall: they start below the optimizer's own rate."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, JsonValue

from playground.core.contracts import Schedule
from playground.schedules import schedules
from playground.schedules.falling import WAVE, half_wave

SHARE: dict[str, JsonValue] = {"slider": True}


@schedules.register("warmup_cosine", title="Warm-up and cosine", group="Rising", synonyms=("warm up", "transformer"))
class WarmupCosine(Schedule):
    """Rises evenly from near zero, so that nothing breaks while the network is still noise, then falls along a cosine."""

    summary: ClassVar[str] = "{warmup} of the run, then down to {floor}"

    warmup: float = Field(
        0.1, ge=0, lt=1, description="Share of the run in which it rises.", json_schema_extra=dict(SHARE)
    )
    floor: float = Field(0.0, ge=0, le=1, description="Share of the learning rate that is left at the end.")

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        rising = round(self.warmup * steps)
        if step < rising:
            return (step + 1) / (rising + 1)
        return self.floor + (1 - self.floor) * half_wave((step - rising) / max(1, steps - rising))

    def source(self) -> str:
        lines = (
            WAVE,
            f"rising = round({self.warmup} * steps)",
            "if step < rising:",
            "    return (step + 1) / (rising + 1)",
            f"return {self.floor} + (1 - {self.floor}) * wave((step - rising) / max(1, steps - rising))",
        )
        return "\n".join(lines)


@schedules.register("one_cycle", title="One cycle", group="Rising", synonyms=("super-convergence",))
class OneCycle(Schedule):
    """One wave up to the full learning rate and one down to almost nothing. (Smith and Topin, 2018)"""

    summary: ClassVar[str] = "up for {rise}"

    rise: float = Field(
        0.3, gt=0, lt=1, description="Share of the run in which it rises.", json_schema_extra=dict(SHARE)
    )
    start: float = Field(0.04, gt=0, le=1, description="Share of the learning rate at the beginning.")
    end: float = Field(0.0001, ge=0, le=1, description="Share of the learning rate at the end.")

    def factor(self, step: int, *, steps: int, steps_per_epoch: int) -> float:
        top = self.rise * steps - 1  # as torch's OneCycleLR counts: the last step of the rise has the full rate
        if step <= top:
            return self.start + (1 - self.start) * (1 - half_wave(step / top if top > 0 else 1.0))
        return self.end + (1 - self.end) * half_wave((step - top) / max(1.0, steps - 1 - top))

    def source(self) -> str:
        lines = (
            WAVE,
            f"top = {self.rise} * steps - 1",
            "if step <= top:",
            f"    return {self.start} + (1 - {self.start}) * (1 - wave(step / top if top > 0 else 1.0))",
            f"return {self.end} + (1 - {self.end}) * wave((step - top) / max(1.0, steps - 1 - top))",
        )
        return "\n".join(lines)
