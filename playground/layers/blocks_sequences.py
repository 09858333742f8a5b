"""Blocks that sequence networks are made of."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from playground.core import diagnostics as say
from playground.core.composite import Composite
from playground.core.facts import Shape
from playground.core.layer import Activation, Port
from playground.core.network import Network
from playground.layers import layers
from playground.layers.activation import ReLU
from playground.layers.stack import Stack


class Transformer(Composite):
    """What encoder and decoder share. Shapes: positions × features."""

    summary: ClassVar[str] = "{heads} heads × {head_width} · {hidden} · × {repeat}"

    heads: int = Field(4, ge=1, le=64, description="How many looks each attention takes side by side.")
    head_width: int = Field(
        16, ge=1, le=512, description="How many numbers each head compares; often the features divided by the heads."
    )
    hidden: int = Field(64, ge=1, le=16_384, description="Units of the dense layer between, at every position.")
    activation: Activation = Field(ReLU(), description="What bends the dense layer between.")
    dropout: float = Field(0.1, ge=0, le=0.95, description="Share that is dropped before each sum, while training.")
    norm: Literal["after", "before"] = Field(
        "after",
        description="Whether layer norm follows each sum, or comes before each part; before trains more calmly.",
    )

    def part(
        self, stack: Stack, name: str, *layers_: tuple[str, str, dict[str, Any]], memory: str | None = None
    ) -> None:
        """Some layers with a wire around them, and the norm where it belongs. `memory` feeds the first of them."""
        start = stack.end
        if self.norm == "before":
            stack.add(f"{name}_norm", "layer_norm")
        for id, kind, settings in layers_:
            stack.add(id, kind, **settings)
        if memory is not None:
            stack.feed(memory, layers_[0][0], "memory")
        if self.dropout > 0:
            stack.add(f"{name}_dropout", "dropout", rate=self.dropout)
        stack.join(f"{name}_sum", "add", start, stack.end)
        if self.norm == "after":
            stack.add(f"{name}_norm", "layer_norm")

    def attend(self, stack: Stack, id: str, kind: str, *, memory: str | None = None, **more: Any) -> None:
        """Attention with a wire around it."""
        self.part(stack, id, (id, kind, {"heads": self.heads, "head_width": self.head_width, **more}), memory=memory)

    def think(self, stack: Stack, features: int) -> None:
        """Two dense layers at every position, with a wire around them."""
        hidden = {"units": self.hidden, "activation": self.activation.dump()}
        self.part(stack, "feed", ("hidden", "dense", hidden), ("back", "dense", {"units": features}))


def features_of(shapes: tuple[Shape, ...], title: str) -> int:
    """How many numbers a position has, 1 while that is not known. Raises Problem for what is no sequence."""
    for shape in shapes:
        if len(shape) != 2:
            raise say.needs_sequence(shape, title)
    return shapes[0][1] if shapes else 1


@layers.register("transformer_encoder", title="Transformer encoder", group="Blocks", synonyms=("bert layer", "encoder"))
class TransformerEncoder(Transformer):
    """Positions look at each other, then each thinks by itself; wires around both keep what was known.

    Repeat it: each repetition looks at what the one before has found.
    """

    causal: bool = Field(False, description="Whether a position sees only what came before it, as in GPT.")

    def inside(self, *shapes: Shape) -> Network:
        features = features_of(shapes, self.title)
        stack = Stack()
        self.attend(stack, "attention", "self_attention", causal=self.causal)
        self.think(stack, features)
        return stack.done()


@layers.register("transformer_decoder", title="Transformer decoder", group="Blocks", synonyms=("decoder", "seq2seq"))
class TransformerDecoder(Transformer):
    """Writes one sequence while it looks at another: causal attention to itself, attention to the memory, dense layers.

    The memory is what an encoder answered; every repetition sees the same.
    """

    ports: ClassVar[tuple[Port, ...]] = (Port("in"), Port("memory"))

    def inside(self, *shapes: Shape) -> Network:
        features = features_of(shapes, self.title)
        stack = Stack("memory")
        self.attend(stack, "attention", "self_attention", causal=True)
        self.attend(stack, "looking", "cross_attention", memory="memory")
        self.think(stack, features)
        return stack.done()
