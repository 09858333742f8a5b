"""Numbers from which nothing can be learned, in any shape: for drawings whose own data are not here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from playground.core.contracts import Dataset, Loaded
from playground.core.facts import Facts
from playground.core.part import FromList
from playground.core.reading import megabytes
from playground.datasets import datasets

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST = 160_000_000
"""Bytes of the whole set: a thousand classes of pictures of 224 × 224 in colour still fit."""


@datasets.register("noise", title="Noise", group="Tables", synonyms=("random", "any shape", "placeholder"))
class Noise(Dataset):
    """Random numbers of any shape, with answers drawn by lot. Nothing can be learned, only learned by heart.

    A drawing whose own data are missing can be checked, counted and timed on it. And a network that scores well here
    on cases it has learned from shows how little that says.
    """

    summary: ClassVar[str] = "{shape} → {answers}"

    shape: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65_536)], ...],
        FromList,
        Field(min_length=1, max_length=4, description="Lengths of one case: channels, height and width of a picture."),
    ] = (8,)
    task: Literal["binary", "classes", "regression"] = Field(
        "classes", description="Yes or no, one of several classes, or numbers."
    )
    answers: int = Field(2, ge=1, le=1_000, description="How many classes, or numbers. Yes or no is one answer.")
    samples: int = Field(200, ge=10, le=2_000, description="How many cases; at least one a class.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Which numbers.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.task == "classes" and self.answers < 2:
            raise ValueError("One class leaves nothing to tell apart. Give 2 answers or more, or another task.")
        if (size := self.count * self.bytes_of_one) > LARGEST:
            raise ValueError(
                f"That is {megabytes(size)}; {megabytes(LARGEST)} are made. Take fewer samples or a smaller shape."
            )
        return self

    @property
    def count(self) -> int:
        """How many cases there are."""
        return max(self.samples, self.answers) if self.task == "classes" else self.samples

    @property
    def bytes_of_one(self) -> int:
        """What one case takes: a byte a point of a picture, else four a number."""
        return math.prod(self.shape) * (1 if self.picture else 4)

    @property
    def picture(self) -> bool:
        """Whether a case can be shown as one: grey or red, green and blue."""
        return len(self.shape) == 3 and self.shape[0] in (1, 3)

    def facts(self) -> Facts:
        """Names are numbers; pictures are bytes."""
        names = () if self.picture else tuple(f"x{number}" for number in range(1, self.shape[0] + 1))
        classes: tuple[str, ...] = ()
        if self.task != "regression":
            classes = tuple(f"class {n}" for n in range(2 if self.task == "binary" else self.answers))
        targets = tuple(f"y{n}" for n in range(1, self.answers + 1)) if self.task == "regression" else ()
        return Facts(
            task=self.task,
            input_shape=self.shape,
            output_width=1 if self.task == "binary" else self.answers,
            feature_names=names,
            roles=tuple("changeable" for _ in names),
            classes=classes,
            target_names=targets,
            noun="case",
            view="image" if self.picture else "table",
            samples={"all": self.count},
        )

    def load(self) -> Loaded:
        """Inputs uint8 0 … 255 for pictures, else float32 of mean 0 and deviation 1."""
        import numpy as np

        draw = np.random.default_rng(self.seed)
        size = (self.count, *self.shape)
        if self.picture:
            inputs: Array = draw.integers(0, 256, size, dtype=np.uint8)
            inputs.flat[0] = 255
        else:
            inputs = draw.standard_normal(size, dtype=np.float32)
        if self.task == "regression":
            return Loaded(inputs, draw.standard_normal((self.count, self.answers), dtype=np.float32))
        kinds = 2 if self.task == "binary" else self.answers
        return Loaded(inputs, draw.permutation(np.arange(self.count) % kinds).astype(np.int64))
