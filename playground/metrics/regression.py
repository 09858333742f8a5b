"""Metrics of numbers. They are in the unit of the data, whatever preparation did to the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from playground.core.contracts import Metric
from playground.core.facts import Facts, Task
from playground.metrics import metrics

if TYPE_CHECKING:
    import torchmetrics


@metrics.register("r2", title="R²", group="Numbers", synonyms=("explained variance", "r squared", "determination"))
class R2(Metric):
    """The share of the target's spread that the answers explain. 1 is perfect, 0 is as good as always saying the mean."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    def build(self, facts: Facts) -> torchmetrics.Metric:
        from torchmetrics.regression import R2Score

        return R2Score()


@metrics.register("mean_absolute_error", title="Mean absolute error", group="Numbers", synonyms=("mae",))
class MeanAbsoluteError(Metric):
    """How far off an answer is in the mean, in the unit of the data."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)
    higher_is_better: ClassVar[bool] = False

    def build(self, facts: Facts) -> torchmetrics.Metric:
        from torchmetrics.regression import MeanAbsoluteError as Module

        return Module()


@metrics.register("mean_squared_error", title="Mean squared error", group="Numbers", synonyms=("mse",))
class MeanSquaredError(Metric):
    """The mean of the squared differences, in the unit of the data, squared."""

    tasks: ClassVar[tuple[Task, ...]] = ("regression",)
    higher_is_better: ClassVar[bool] = False

    def build(self, facts: Facts) -> torchmetrics.Metric:
        from torchmetrics.regression import MeanSquaredError as Module

        return Module()
