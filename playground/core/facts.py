"""What is known about data before a network sees them: shapes, names, classes, counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from playground.core.part import FromList, Value

Shape = tuple[int, ...]
"""Lengths of the axes without the batch: `(2,)` for a point, `(1, 28, 28)` for a grey picture."""

Task = Literal["binary", "classes", "regression"]
Role = Literal["input", "personal", "protected", "fixed", "changeable", "ignored"]


class Facts(Value):
    """What a network's two ends must fit. Small enough to travel to the browser after every change of data."""

    task: Task
    input_shape: Annotated[tuple[Annotated[int, Field(ge=1)], ...], FromList, Field(min_length=1, max_length=6)]
    output_width: int = Field(ge=1, description="How many numbers the answer has: 1, or one a class.")
    feature_names: Annotated[tuple[str, ...], FromList] = ()
    roles: Annotated[tuple[Role, ...], FromList] = ()
    classes: Annotated[tuple[str, ...], FromList] = ()
    target_names: Annotated[tuple[str, ...], FromList] = ()
    target_unit: str = ""
    noun: str = ""
    """What one case is called where there are kinds of it: "iris" in "3 kinds of iris"."""
    view: Literal["plane", "image", "table"] = "table"
    domain: Annotated[tuple[float, float], FromList] = (-6.0, 6.0)
    """The square of the plane that is drawn, in the units of the raw data."""
    samples: dict[str, int] = {}
    """Cases by part of the split: train, validation, test, sealed."""
