"""Any layer with settings drawn from its own fields, and shapes that it accepts."""

from __future__ import annotations

import math
from typing import Any

import annotated_types
from hypothesis import reject
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from playground.core.diagnostics import Problem
from playground.core.facts import Shape
from playground.core.form import describe_field
from playground.core.layer import Layer
from playground.layers import layers
from playground.layers.block import EMPTY

SMALL = 12
"""Settings are drawn near their lower limit, so that every drawn module can be built and run in milliseconds."""


def values(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of one field, from its description alone."""
    low = field.get("minimum")
    match field["type"]:
        case "boolean":
            found: st.SearchStrategy[Any] = st.booleans()
        case "integer" if field["name"] == "groups":
            found = st.sampled_from([1, 1, 2])  # most numbers of channels have few divisors
        case "integer":
            found = st.integers(low or 0, min(field.get("maximum", SMALL), (low or 0) + SMALL))
        case "number":
            high, open_ = field["maximum"], field.get("exclusive_minimum", False)
            found = st.floats(low, high).map(lambda x: float(f"{x:.3g}"))
            found = found.filter(lambda x: low <= x <= high and not (open_ and x < 1e-6))
        case "choice":
            found = st.sampled_from([choice["value"] for choice in field["choices"]])
        case "part":
            kinds = [part for part in layers if part.group == field["group"]]
            found = st.sampled_from(kinds).flatmap(settings_of).map(lambda layer: layer.dump())
        case "list" if field["name"] == "face":
            found = st.lists(st.just({"node": "output", "field": "units"}), max_size=1)
        case "list":
            found = st.lists(st.integers(1, 4), min_size=1, max_size=4)
        case "drawing":
            found = st.integers(1, 5).map(a_drawing)
        case other:
            raise NotImplementedError(f"No values are known for fields of type {other!r}: teach tests/layers/drawn.py.")
    return st.none() | found if field.get("nullable") else found


def a_drawing(units: int) -> dict[str, Any]:
    """A block's drawing of one dense layer."""
    dense = layers["dense"].model_validate({"units": units})
    return EMPTY.insert("input", "output", dense).model_dump(mode="json")


def settings_of(kind: type[Layer]) -> st.SearchStrategy[Layer]:
    """The layer with drawn settings; settings that its own rules refuse are drawn again."""
    fields = {name: values(describe_field(name, info)) for name, info in kind.model_fields.items()}
    return (
        st.fixed_dictionaries(fields).map(lambda drawn: _or_none(kind, drawn)).filter(lambda layer: layer is not None)
    )


def _or_none(kind: type[Layer], drawn: dict[str, Any]) -> Layer | None:
    try:
        return kind.model_validate(drawn)
    except ValidationError:
        return None


rows = st.tuples(st.integers(1, 9))
sequences = st.tuples(st.integers(1, 5), st.integers(1, 6))
pictures = st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9))
shapes = rows | pictures | sequences


@st.composite
def fitting_shapes(draw: st.DrawFn, layer: Layer) -> tuple[Shape, ...]:
    """Shapes that arrive at a layer and fit it, one for each wire."""
    wanted = tuple(getattr(layer, "shape", ()))
    groups = getattr(layer, "groups", 1)
    for _ in range(30):
        first = (math.prod(wanted),) if wanted else draw(shapes)
        if len(first) == 3:
            first = (first[0] * groups, *first[1:])
        number = draw(st.integers(1, 3)) if any(port.many for port in layer.ports) else len(layer.ports)
        arriving = (first,) * number
        try:
            layer.output_shape(*arriving)
        except Problem:
            continue
        return arriving
    reject()
    raise AssertionError("reject returns never")


@st.composite
def layers_with_shapes(draw: st.DrawFn, kind: type[Layer]) -> tuple[Layer, tuple[Shape, ...]]:
    """A drawn layer and shapes that fit it."""
    layer = draw(settings_of(kind))
    return layer, draw(fitting_shapes(layer))


def limits(info: FieldInfo) -> list[float]:
    """Values just outside a field's limits."""
    outside: list[float] = []
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            outside.append(rule.ge - 1)  # type: ignore[operator]
        elif isinstance(rule, annotated_types.Le):
            outside.append(rule.le + 1)  # type: ignore[operator]
        elif isinstance(rule, annotated_types.Gt):
            outside.append(rule.gt)  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.Lt):
            outside.append(rule.lt)  # type: ignore[arg-type]
    return outside
