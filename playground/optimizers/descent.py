"""Gradient descent, plain and with momentum: every weight moves at the same rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from playground.core.contracts import Optimizer
from playground.optimizers import optimizers

if TYPE_CHECKING:
    import torch


@optimizers.register("sgd", title="Gradient descent", group="Descent", synonyms=("sgd", "momentum", "nesterov"))
class SGD(Optimizer):
    """Moves every weight a little against its gradient: w ← w − learning rate × gradient.

    With momentum, steps in the same direction add up, like a ball rolling downhill.
    """

    summary: ClassVar[str] = "rate {learning_rate}"

    learning_rate: float = Field(
        0.03,
        gt=0,
        le=100,
        description="How far one step goes. Too small learns slowly, too large overshoots.",
        json_schema_extra={"logarithmic": True, "slider": True},
    )
    momentum: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="How much of the last step is kept. 0.9 adds up about ten steps.",
        json_schema_extra={"slider": True, "step": 0.05},
    )
    nesterov: bool = Field(
        False,
        description="Look ahead: take the gradient where momentum leads, not where we stand. Needs momentum.",
        json_schema_extra={"advanced": True},
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        description="How strongly weights are pulled towards zero (L2).",
        json_schema_extra={"logarithmic": True, "slider": True, "advanced": True},
    )

    @model_validator(mode="after")
    def _needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise ValueError("Looking ahead (nesterov) needs momentum above 0; got 0. Try 0.9.")
        return self

    def build(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.SGD(
            parameters,
            lr=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov,
            weight_decay=self.weight_decay,
            fused=True,  # one call for all weights
        )

    def source(self) -> str:
        more = f"momentum={self.momentum}, nesterov={self.nesterov}, weight_decay={self.weight_decay}"
        return f"torch.optim.SGD(network.parameters(), lr={self.learning_rate}, {more})"
