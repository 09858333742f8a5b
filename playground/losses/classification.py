"""Losses for yes-or-no answers and choices of classes. They take raw answers and do the squashing themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.contracts import Loss
from playground.core.diagnostics import Diagnostic, Draft
from playground.core.ends import activation_diagnostics
from playground.core.facts import Facts, Task
from playground.core.shapes import Checked
from playground.losses import losses

if TYPE_CHECKING:
    from torch import nn

BETTER: dict[Task, tuple[dict[str, object], str]] = {
    "binary": ({"kind": "binary_cross_entropy"}, "Binary cross-entropy"),
    "classes": ({"kind": "cross_entropy"}, "Cross-entropy"),
    "regression": ({"kind": "mean_squared_error"}, "Mean squared error"),
}
"""What fits a task for sure, and its title: a fix may name another part as plain JSON."""


class ClassLoss(Loss):
    """A loss over raw answers, which refuses data of another task and warns when the network squashes first."""

    squashing: ClassVar[str] = ""
    """The activation that this loss already contains."""
    spares: ClassVar[tuple[str, ...]] = ()
    """Activations that may stand before it all the same."""

    def check(self, checked: Checked, facts: Facts) -> list[Draft | Diagnostic]:
        """The wrong kind of data; an activation applied twice, or one that cuts raw answers off."""
        if facts.task not in self.tasks:
            better, title = BETTER[facts.task]
            return [say.loss_for_other_task(self.title, facts.task, better, title)]
        notes = activation_diagnostics(
            checked.network, checked, self.title, contains=self.squashing, spares=self.spares
        )
        return [*notes]


@losses.register(
    "binary_cross_entropy", title="Binary cross-entropy", group="Classes", synonyms=("log loss", "bce", "logistic")
)
class BinaryCrossEntropy(ClassLoss):
    """How surprised a yes-or-no answer is by the truth: −log of the probability it gave to what happened.

    A sure and wrong answer costs most. The raw answer goes through a sigmoid inside, so the network ends without one.
    """

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)
    answer: ClassVar[str] = "sigmoid"
    squashing: ClassVar[str] = "sigmoid"
    definitions: ClassVar[tuple[str, ...]] = ("playground.modules.losses:BinaryCrossEntropy",)

    def build(self) -> nn.Module:
        from playground.modules.losses import BinaryCrossEntropy as Module

        return Module()

    def source(self) -> str:
        return "BinaryCrossEntropy()"


@losses.register(
    "cross_entropy", title="Cross-entropy", group="Classes", synonyms=("softmax loss", "categorical", "sparse")
)
class CrossEntropy(ClassLoss):
    """How surprised a choice among classes is by the truth: −log of the probability it gave to the right class.

    The raw answers, one a class, go through softmax inside, so the network ends without one.
    """

    tasks: ClassVar[tuple[Task, ...]] = ("classes",)
    answer: ClassVar[str] = "softmax"
    squashing: ClassVar[str] = "softmax"
    summary: ClassVar[str] = "smoothing {label_smoothing}"

    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="Share of the truth that is spread over all classes, so that no answer has to be quite sure.",
        json_schema_extra={"slider": True, "advanced": True},
    )

    def build(self) -> nn.Module:
        from torch import nn

        return nn.CrossEntropyLoss(label_smoothing=self.label_smoothing)

    def source(self) -> str:
        return f"nn.CrossEntropyLoss({f'label_smoothing={self.label_smoothing}' if self.label_smoothing else ''})"


@losses.register("hinge", title="Hinge", group="Classes", synonyms=("margin", "support vector", "svm"))
class Hinge(ClassLoss):
    """Asks a yes-or-no answer to be on the right side of zero by at least 1: max(0, 1 − y × answer), y = −1 or 1.

    Cases that are right by that margin cost nothing and move nothing.
    """

    tasks: ClassVar[tuple[Task, ...]] = ("binary",)
    answer: ClassVar[str] = "sign"
    spares: ClassVar[tuple[str, ...]] = ("tanh", "hard_tanh")
    definitions: ClassVar[tuple[str, ...]] = ("playground.modules.losses:Hinge",)

    def build(self) -> nn.Module:
        from playground.modules.losses import Hinge as Module

        return Module()

    def source(self) -> str:
        return "Hinge()"
