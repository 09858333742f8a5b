"""What every explainer answers: whether it is right for this network, and its attribution of one answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from playground.core.facts import Facts
from playground.core.part import Part
from playground.core.shapes import Checked

if TYPE_CHECKING:
    import numpy as np
    import torch

    from playground.explainers.frozen import Frozen

    Array = np.ndarray[Any, np.dtype[Any]]

Exactness = Literal["exact", "approximate", "not offered"]


class Offer(NamedTuple):
    """Whether a method is offered for a network, decided from the drawing alone, and why."""

    exactness: Exactness
    reason: str


@dataclass(frozen=True)
class Attribution:
    """One explanation of one answer, before any check.

    `values` has the shape of the network's input; its unit is that of `value` (logits, or the target's unit).
    `native` is the map at the method's own resolution where that is coarser. `gap` is |Σ values − (value −
    baseline_value)| ÷ |value − baseline_value|, None where the method makes no such promise.
    """

    values: Array
    target: int
    value: float
    baseline_name: str
    baseline_value: float | None = None
    gap: float | None = None
    native: Array | None = None
    layer: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Explainer(Part):
    """A method. It gets a frozen rebuild of the network and must leave it, and the random state, as they were."""

    views: ClassVar[tuple[str, ...]] = ("plane", "image", "table")
    """Kinds of data it explains."""
    signed: ClassVar[bool] = True
    """Whether negative values mean "away from the target"."""
    needs_layer: ClassVar[bool] = False
    question: ClassVar[str] = ""
    """The one question it answers, for the card under the map."""
    cannot_say: ClassVar[str] = ""
    """What must not be read into it."""

    def offer(self, checked: Checked, facts: Facts) -> Offer:
        """Whether it is right for this network. Torch-free: it is asked while drawing."""
        raise NotImplementedError

    def attribute(self, frozen: Frozen, case: torch.Tensor, target: int) -> Attribution:
        """The attribution of the answer to one prepared case `[*input_shape]` towards class `target` (0 for a number).

        Raises `playground.explainers.frozen.CannotExplain` with one sentence.
        """
        raise NotImplementedError

    @classmethod
    def card(cls) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {"views": list(cls.views), "question": cls.question, "cannot_say": cls.cannot_say}
