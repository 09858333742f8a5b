"""Metrics of yes-or-no answers and choices of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from playground.core.contracts import Metric
from playground.core.facts import Facts, Task
from playground.metrics import metrics

if TYPE_CHECKING:
    import torchmetrics


@metrics.register("accuracy", title="Accuracy", group="Classes", synonyms=("right", "correct", "hit rate"))
class Accuracy(Metric):
    """The share of cases whose answer is right. 1 is perfect; guessing gives the share of the largest class at best."""

    tasks: ClassVar[tuple[Task, ...]] = ("binary", "classes")

    def build(self, facts: Facts) -> torchmetrics.Metric:
        from torchmetrics.classification import BinaryAccuracy, MulticlassAccuracy

        if facts.task == "binary":
            return BinaryAccuracy(validate_args=False)
        return MulticlassAccuracy(num_classes=len(facts.classes), average="micro", validate_args=False)
