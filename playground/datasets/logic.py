"""Truth tables: the four cases every neuron was first tried on."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from playground.core.contracts import Dataset, Loaded
from playground.core.facts import Facts
from playground.datasets import datasets

ANSWERS = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "xor": (0, 1, 1, 0), "nand": (1, 1, 1, 0)}
"""For the inputs 00, 01, 10, 11."""


@datasets.register("logic", title="Truth table", group="Plane", synonyms=("and", "or", "xor", "gate", "boolean"))
class Logic(Dataset):
    """Two switches and what a logic gate answers: four cases, no more. Blue is true.

    One unit learns AND and OR; XOR takes a hidden layer, because no line parts its cases.
    """

    summary: ClassVar[str] = "{gate}"

    gate: Literal["and", "or", "xor", "nand"] = Field("xor", description="Which gate.")
    inputs: Literal["zero_one", "minus_one_one"] = Field(
        "zero_one", description="What false and true are written as: 0 and 1, or −1 and 1, which is easier to learn."
    )

    def facts(self) -> Facts:
        low = 0.0 if self.inputs == "zero_one" else -1.0
        return Facts(
            task="binary",
            input_shape=(2,),
            output_width=1,
            feature_names=("x₁", "x₂"),
            roles=("changeable", "changeable"),
            classes=("false", "true"),
            noun="case",
            view="plane",
            domain=(low - 0.5, 1.5),
            samples={"all": 4},
        )

    def load(self) -> Loaded:
        """Inputs float32 [4, 2]; targets int64 [4]."""
        import numpy as np

        cases = np.array([(0, 0), (0, 1), (1, 0), (1, 1)], np.float32)
        inputs = cases if self.inputs == "zero_one" else cases * 2 - 1
        return Loaded(inputs, np.array(ANSWERS[self.gate], np.int64))
