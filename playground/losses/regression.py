"""Losses for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.contracts import Loss
from playground.core.diagnostics import Draft
from playground.core.facts import Facts, Task
from playground.core.shapes import Checked
from playground.losses import losses

if TYPE_CHECKING:
    from torch import nn


class NumberLoss(Loss):
    """A loss between numbers."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)
    answer: ClassVar[str] = "identity"

    def check(self, checked: Checked, facts: Facts) -> list[Draft]:
        """Data with classes instead of numbers."""
        if facts.task == "binary":
            better = {"kind": "binary_cross_entropy"}
            return [say.loss_for_other_task(self.title, "binary", better, "Binary cross-entropy")]
        if facts.task == "classes":
            return [say.loss_for_other_task(self.title, "classes", {"kind": "cross_entropy"}, "Cross-entropy")]
        return []


@losses.register(
    "mean_squared_error", title="Mean squared error", group="Numbers", synonyms=("mse", "l2", "least squares")
)
class MeanSquaredError(NumberLoss):
    """The mean of the squared differences between answer and truth. Being off by 2 costs four times as much as by 1."""

    def build(self) -> nn.Module:
        from torch import nn

        return nn.MSELoss()

    def source(self) -> str:
        return "nn.MSELoss()"


@losses.register("mean_absolute_error", title="Mean absolute error", group="Numbers", synonyms=("mae", "l1"))
class MeanAbsoluteError(NumberLoss):
    """The mean distance between answer and truth. A few cases that are far off count less than with squares."""

    def build(self) -> nn.Module:
        from torch import nn

        return nn.L1Loss()

    def source(self) -> str:
        return "nn.L1Loss()"


@losses.register("huber", title="Huber", group="Numbers", synonyms=("smooth l1", "robust"))
class Huber(NumberLoss):
    """Squares small differences and grows evenly for large ones: smooth at zero, calm about outliers."""

    summary: ClassVar[str] = "from {delta}"

    delta: float = Field(
        1.0,
        gt=0,
        le=100,
        description="Where the square ends and the straight line begins, in the unit of the target.",
        json_schema_extra={"logarithmic": True, "slider": True},
    )

    def build(self) -> nn.Module:
        from torch import nn

        return nn.HuberLoss(delta=self.delta)

    def source(self) -> str:
        return f"nn.HuberLoss(delta={self.delta})"
