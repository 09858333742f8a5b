"""Layers in which positions of a sequence look at each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.facts import Shape
from playground.core.layer import Layer, Port, Silhouette
from playground.layers import layers

if TYPE_CHECKING:
    from torch import nn


class Attention(Layer):
    """Queries, keys, values and the heads that look. Shapes: positions × features."""

    silhouette: ClassVar[Silhouette] = "attention"
    summary: ClassVar[str] = "{heads} heads × {head_width}"
    trainable: ClassVar[bool] = True
    definitions: ClassVar[tuple[str, ...]] = (
        "playground.modules.attention:Scores",
        "playground.modules.attention:Heads",
        "playground.modules.attention:MultiHeadAttention",
    )

    heads: int = Field(4, ge=1, le=64, description="How many looks are taken side by side.")
    head_width: int = Field(
        16, ge=1, le=512, description="How many numbers each head compares; often the features divided by the heads."
    )
    bias: bool = Field(True, description="Whether queries, keys, values and the answer are shifted by constants.")

    def output_shape(self, *shapes: Shape) -> Shape:
        for shape in shapes:
            if len(shape) != 2:
                raise say.needs_sequence(shape, self.title)
        return shapes[0]

    def parameters(self, *shapes: Shape) -> int:
        features, memory, inner = shapes[0][1], shapes[-1][1], self.heads * self.head_width
        return (features + 2 * memory) * inner + inner * features + self.bias * (3 * inner + features)

    def flops(self, *shapes: Shape) -> int:
        (queries, features), (keys, memory) = shapes[0], shapes[-1]
        inner = self.heads * self.head_width
        projections = queries * inner * (2 * features - 1 + self.bias)
        projections += 2 * keys * inner * (2 * memory - 1 + self.bias)
        pairs = self.heads * queries * keys
        scores = pairs * (2 * self.head_width - 1) + pairs  # the products, and √width
        softmax = 3 * pairs - self.heads * queries
        looked = queries * inner * (2 * keys - 1)
        return projections + scores + softmax + looked + queries * features * (2 * inner - 1 + self.bias)

    @property
    def blind_to_later(self) -> bool:
        """Whether a position sees only itself and what came before."""
        return False

    def build(self, *shapes: Shape) -> nn.Module:
        from playground.modules.attention import MultiHeadAttention

        return MultiHeadAttention(
            shapes[0][1],
            shapes[-1][1],
            heads=self.heads,
            head_width=self.head_width,
            bias=self.bias,
            causal=self.blind_to_later,
        )

    def source(self, *shapes: Shape) -> str:
        said = f"heads={self.heads}, head_width={self.head_width}, bias={self.bias}, causal={self.blind_to_later}"
        return f"MultiHeadAttention({shapes[0][1]}, {shapes[-1][1]}, {said})"


@layers.register("self_attention", title="Self-attention", group="Sequences", synonyms=("multi-head attention", "mha"))
class SelfAttention(Attention):
    """Every position asks all positions what they hold, and takes from each as much as its key fits the query.

    Who looks at whom is learned: softmax(q kᵀ / √width) v, once for each head. Causal attention sees nothing that
    comes later.
    """

    causal: bool = Field(False, description="Whether a position sees only itself and what came before it.")

    @property
    def blind_to_later(self) -> bool:
        return self.causal


@layers.register("cross_attention", title="Cross-attention", group="Sequences", synonyms=("encoder-decoder attention",))
class CrossAttention(Attention):
    """Positions of one sequence ask those of another, the memory: a translation looks at its source.

    The answer has as many positions as the first input.
    """

    ports: ClassVar[tuple[Port, ...]] = (Port("in"), Port("memory"))
