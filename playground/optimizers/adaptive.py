"""Optimizers that give every weight a rate of its own, from the gradients it has seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, JsonValue

from playground.core.contracts import Optimizer
from playground.optimizers import optimizers

if TYPE_CHECKING:
    import torch

SLIDER: dict[str, JsonValue] = {"logarithmic": True, "slider": True}
ADVANCED: dict[str, JsonValue] = {"advanced": True}
RATE = "How far one step goes. Too small learns slowly, too large overshoots."
DECAY = "How strongly weights are pulled towards zero."
EPSILON = "Added to the divisor, against division by 0."


@optimizers.register("adam", title="Adam", group="Adaptive", synonyms=("adaptive moments",))
class Adam(Optimizer):
    """Momentum, divided by how large each weight's gradients have been: every weight moves at about the same pace.

    A good first choice. Its weight decay is added to the gradient (L2); AdamW's is not. (Kingma and Ba, 2015)
    """

    summary: ClassVar[str] = "rate {learning_rate}"

    learning_rate: float = Field(0.001, gt=0, le=100, description=RATE, json_schema_extra={**SLIDER})
    beta1: float = Field(
        0.9, ge=0, lt=1, description="How much of the mean gradient is kept each step.", json_schema_extra={**ADVANCED}
    )
    beta2: float = Field(
        0.999, ge=0, lt=1, description="How much of the mean squared gradient is kept.", json_schema_extra={**ADVANCED}
    )
    epsilon: float = Field(1e-8, gt=0, le=1, description=EPSILON, json_schema_extra={**ADVANCED})
    weight_decay: float = Field(0.0, ge=0, le=1, description=DECAY, json_schema_extra={**SLIDER, **ADVANCED})

    def build(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.Adam(
            parameters,
            lr=self.learning_rate,
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            weight_decay=self.weight_decay,
            fused=True,
        )

    def source(self) -> str:
        betas = f"betas=({self.beta1}, {self.beta2}), eps={self.epsilon}"
        return f"torch.optim.Adam(network.parameters(), lr={self.learning_rate}, {betas}, weight_decay={self.weight_decay})"


@optimizers.register("adamw", title="AdamW", group="Adaptive", synonyms=("decoupled weight decay",))
class AdamW(Optimizer):
    """Adam whose weight decay shrinks the weights themselves, not the gradient. (Loshchilov and Hutter, 2019)"""

    summary: ClassVar[str] = "rate {learning_rate} · decay {weight_decay}"

    learning_rate: float = Field(0.001, gt=0, le=100, description=RATE, json_schema_extra={**SLIDER})
    beta1: float = Field(
        0.9, ge=0, lt=1, description="How much of the mean gradient is kept each step.", json_schema_extra={**ADVANCED}
    )
    beta2: float = Field(
        0.999, ge=0, lt=1, description="How much of the mean squared gradient is kept.", json_schema_extra={**ADVANCED}
    )
    epsilon: float = Field(1e-8, gt=0, le=1, description=EPSILON, json_schema_extra={**ADVANCED})
    weight_decay: float = Field(0.01, ge=0, le=1, description=DECAY, json_schema_extra={**SLIDER})

    def build(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.AdamW(
            parameters,
            lr=self.learning_rate,
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            weight_decay=self.weight_decay,
            fused=True,
        )

    def source(self) -> str:
        betas = f"betas=({self.beta1}, {self.beta2}), eps={self.epsilon}"
        return f"torch.optim.AdamW(network.parameters(), lr={self.learning_rate}, {betas}, weight_decay={self.weight_decay})"


@optimizers.register("rmsprop", title="RMSprop", group="Adaptive", synonyms=("root mean square",))
class RMSprop(Optimizer):
    """Divides each step by the recent size of the weight's gradients: steep directions are walked with care.

    (Hinton, lecture 6e of his course, 2012)
    """

    summary: ClassVar[str] = "rate {learning_rate}"

    learning_rate: float = Field(0.001, gt=0, le=100, description=RATE, json_schema_extra={**SLIDER})
    smoothing: float = Field(
        0.99, ge=0, lt=1, description="How much of the mean squared gradient is kept.", json_schema_extra={**ADVANCED}
    )
    momentum: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="How much of the last step is kept.",
        json_schema_extra={"slider": True, **ADVANCED},
    )
    epsilon: float = Field(1e-8, gt=0, le=1, description=EPSILON, json_schema_extra={**ADVANCED})
    weight_decay: float = Field(0.0, ge=0, le=1, description=DECAY, json_schema_extra={**SLIDER, **ADVANCED})

    def build(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.RMSprop(
            parameters,
            lr=self.learning_rate,
            alpha=self.smoothing,
            eps=self.epsilon,
            weight_decay=self.weight_decay,
            momentum=self.momentum,
        )

    def source(self) -> str:
        decay = f"weight_decay={self.weight_decay}, momentum={self.momentum}"
        rate = f"lr={self.learning_rate}, alpha={self.smoothing}, eps={self.epsilon}"
        return f"torch.optim.RMSprop(network.parameters(), {rate}, {decay})"


@optimizers.register("adagrad", title="AdaGrad", group="Adaptive", synonyms=("adaptive gradient",))
class Adagrad(Optimizer):
    """Divides each step by the size of all gradients so far: weights that are seldom needed keep large steps.

    The steps only ever get shorter. (Duchi, Hazan and Singer, 2011)
    """

    summary: ClassVar[str] = "rate {learning_rate}"

    learning_rate: float = Field(0.01, gt=0, le=100, description=RATE, json_schema_extra={**SLIDER})
    epsilon: float = Field(1e-10, gt=0, le=1, description=EPSILON, json_schema_extra={**ADVANCED})
    weight_decay: float = Field(0.0, ge=0, le=1, description=DECAY, json_schema_extra={**SLIDER, **ADVANCED})

    def build(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.Adagrad(parameters, lr=self.learning_rate, eps=self.epsilon, weight_decay=self.weight_decay)

    def source(self) -> str:
        more = f"eps={self.epsilon}, weight_decay={self.weight_decay}"
        return f"torch.optim.Adagrad(network.parameters(), lr={self.learning_rate}, {more})"
