"""Steps that give the network other columns than the data have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from playground.core.contracts import PreparationStep
from playground.core.diagnostics import Draft
from playground.core.facts import Facts
from playground.core.part import FromList
from playground.preparation import preparation

if TYPE_CHECKING:
    Values = Any

PlaneFeature = Literal["x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"]

SIGNS: dict[str, str] = {
    "x1": "x₁",
    "x2": "x₂",
    "x1_squared": "x₁²",
    "x2_squared": "x₂²",
    "x1_x2": "x₁x₂",
    "sin_x1": "sin x₁",
    "sin_x2": "sin x₂",
}
RULES: dict[str, Callable[[Values, Values], Values]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1_squared": lambda x1, x2: x1 * x1,
    "x2_squared": lambda x1, x2: x2 * x2,
    "x1_x2": lambda x1, x2: x1 * x2,
    "sin_x1": lambda x1, x2: _sine(x1),
    "sin_x2": lambda x1, x2: _sine(x2),
}


FORMULAS: dict[str, str] = {
    "x1": "x1",
    "x2": "x2",
    "x1_squared": "x1 * x1",
    "x2_squared": "x2 * x2",
    "x1_x2": "x1 * x2",
    "sin_x1": "x1.sin()",
    "sin_x2": "x2.sin()",
}
"""The same rules in an exported script."""


def _sine(values: Values) -> Values:
    """The sine of radians, by numpy or torch."""
    if hasattr(values, "sin"):
        return values.sin()
    import numpy as np

    return np.sin(values)


@preparation.register("plane_features", title="Plane features", group="Features", synonyms=("x squared", "inputs"))
class PlaneFeatures(PreparationStep):
    """Gives the network more to look at than the two coordinates: squares, their product, sines.

    With x₁² and x₂² a single unit can draw a circle: the right feature does the work of a layer. Angles are radians.
    """

    summary: ClassVar[str] = "{features}"

    features: Annotated[tuple[PlaneFeature, ...], FromList] = Field(
        ("x1", "x2"), min_length=1, max_length=len(RULES), description="What the network sees, in this order."
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        twice = [name for name in self.features if self.features.count(name) > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} is named twice; the network sees every feature once.")
        return self

    def facts(self, facts: Facts) -> Facts:
        """The chosen features in place of the coordinates; the plane that is drawn stays the same."""
        names = tuple(SIGNS[name] for name in self.features)
        return facts.with_(input_shape=(len(names),), feature_names=names, roles=("changeable",) * len(names))

    def check(self, facts: Facts) -> list[Draft]:
        if facts.view == "plane" and facts.feature_names == ("x₁", "x₂"):
            return []
        message = "Plane features are made from the two coordinates x₁ and x₂; these data have others. Remove the step."
        return [Draft("not-a-plane", message)]

    def apply(self, values: Values, fitted: Mapping[str, Any]) -> Values:
        """[n, 2] → [n, features], numpy or torch."""
        columns = [RULES[name](values[..., 0], values[..., 1]) for name in self.features]
        if hasattr(values, "sin"):
            import torch

            return torch.stack(columns, dim=-1)
        import numpy as np

        return np.stack(columns, axis=-1)

    def source(self, fitted: Mapping[str, Any]) -> str:
        columns = ", ".join(FORMULAS[name] for name in self.features)
        for name, column in (("x1", 0), ("x2", 1)):
            columns = re.sub(rf"\b{name}\b", f"values[..., {column}]", columns)
        return f"torch.stack([{columns}], dim=-1)"
