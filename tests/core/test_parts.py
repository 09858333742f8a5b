"""Parts and catalogues: frozen values that are found by their kind and known by their fingerprint."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field, ValidationError

from playground.core.catalogue import Catalogue, UnknownPart, describe, explain
from playground.core.network import Node
from playground.core.part import MAX_NESTING, AnyPart, Part, Value
from playground.layers import layers
from playground.layers.activation import Tanh
from playground.layers.dense import Dense
from playground.losses import losses
from playground.templates import templates


class Shape(Part):
    """Something that is drawn."""


def fresh() -> Catalogue[Shape]:
    """A catalogue that looks for its parts nowhere."""
    catalogue: Catalogue[Shape] = Catalogue("shapes", Shape)
    catalogue._discovered = True
    return catalogue


def test_a_part_is_frozen_and_a_changed_copy_is_checked() -> None:
    dense = Dense(units=3)
    with pytest.raises(ValidationError, match="frozen"):
        dense.units = 4  # type: ignore[misc]
    assert dense.with_(units=4) == Dense(units=4)
    with pytest.raises(ValidationError):
        dense.with_(units=0)
    with pytest.raises(ValidationError):
        dense.with_(widths=3)


@pytest.mark.parametrize("units", ["3", 3.5, True, None, math.nan])
def test_nothing_is_turned_into_another_type_on_the_way(units: Any) -> None:
    with pytest.raises(ValidationError):
        Dense.model_validate({"units": units})


def test_a_field_that_holds_a_part_keeps_all_of_it() -> None:
    node = Node.model_validate(
        {"id": "a", "layer": {"kind": "dense", "units": 5, "activation": {"kind": "elu", "alpha": 2}}}
    )
    assert node.model_dump(mode="json")["layer"] == {
        "kind": "dense",
        "units": 5,
        "activation": {"kind": "elu", "alpha": 2.0},
        "bias": True,
    }
    assert Node.model_validate_json(json.dumps(node.model_dump(mode="json"))) == node


def test_a_field_for_one_group_takes_no_other() -> None:
    with pytest.raises(ValidationError, match="'dropout' belongs to 'Regularisation'; expected one of 'Activations'"):
        Dense.model_validate({"activation": {"kind": "dropout"}})


def test_parts_in_parts_without_end_are_refused_before_anything_recurses() -> None:
    deep: dict[str, Any] = {"kind": "dense"}
    for _ in range(5_000):
        deep = {"kind": "dense", "activation": deep}
    with pytest.raises(ValueError, match=f"nested more than {MAX_NESTING} deep"):
        layers.read(deep)


def test_the_fingerprint_covers_what_changes_numbers_and_nothing_else() -> None:
    dense = Dense(units=3, activation=Tanh())
    assert dense.fingerprint() == layers.read(json.loads(json.dumps(dense.dump()))).fingerprint()
    assert dense.fingerprint() != dense.with_(units=4).fingerprint()
    assert dense.fingerprint() != dense.with_(activation=None).fingerprint()
    one = layers.read({"kind": "leaky_relu", "slope": 1})
    assert one.fingerprint() == layers.read({"kind": "leaky_relu", "slope": 1.0}).fingerprint()


def test_a_new_version_of_a_part_is_another_fingerprint_wherever_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = templates["circle"]().experiment()
    before = experiment.fingerprint()
    monkeypatch.setattr(Tanh, "version", 2)
    assert experiment.fingerprint() != before


def test_a_part_needs_a_kind_of_its_own_and_a_docstring() -> None:
    catalogue = fresh()

    @catalogue.register("circle", title="Circle", group="Round")
    class Circle(Shape):
        """All points at one distance."""

    with pytest.raises(ValueError, match="already has 'circle'"):

        @catalogue.register("circle", title="Other", group="Round")
        class Other(Shape):
            """Another."""

    with pytest.raises(ValueError, match="Silent has no docstring"):

        @catalogue.register("silent", title="Silent", group="Round")
        class Silent(Shape):
            pass

    assert catalogue.kinds() == ["circle"]
    assert catalogue.read({"kind": "circle"}) == Circle()


def test_groups_come_in_the_order_of_the_catalogue_and_others_after_them() -> None:
    groups = list(dict.fromkeys(part.group for part in layers))
    assert groups[: len(layers.groups)] == list(layers.groups)
    assert [layers[kind] for kind in layers.kinds()] == list(layers)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"kind": "dens"}, "There is no 'dens' among the layers. Did you mean 'dense' or"),
        ({"kind": "xyzzy"}, "There is no 'xyzzy' among the layers."),
        ({"units": 3}, "A part of layers needs a 'kind', for example"),
        ({"kind": 7}, "needs a 'kind'"),
        ("dense", "Expected one of the layers as an object with a 'kind', got str."),
        (losses["huber"](), "Expected one of the layers"),
        ({"kind": "dense", "units": 0}, "Dense, units: got 0, expected greater than or equal to 1."),
        ({"kind": "dense", "unit": 0}, "Dense has no setting 'unit'."),
        ({"kind": "a" * 1_000}, "There is no 'aaa"),
    ],
)
def test_what_is_no_part_is_refused_with_a_sentence(value: object, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  # the sentence is the test
        layers.read(value)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 200


def test_an_unknown_kind_is_its_own_error() -> None:
    with pytest.raises(UnknownPart):
        layers["dens"]
    assert "dense" in layers
    assert ["not", "hashable"] not in list(layers)


class Held(Value):
    """A value with one of everything that a form knows."""

    count: int = Field(
        3, ge=1, lt=9, title="How many", description="Number of things.", json_schema_extra={"slider": True}
    )
    share: float = Field(0.5, gt=0, le=1)
    layer: Annotated[Part, AnyPart("layers", group="Activations")] | None = None
    name: str = Field("x", max_length=5)
    hidden: ClassVar[int] = 1


def test_a_form_is_described_from_the_fields_alone() -> None:
    from playground.core.form import describe_fields

    count, share, layer, name = describe_fields(Held)
    assert count == {
        "name": "count",
        "title": "How many",
        "help": "Number of things.",
        "default": 3,
        "type": "integer",
        "minimum": 1,
        "maximum": 9,
        "exclusive_maximum": True,
        "slider": True,
    }
    assert (share["minimum"], share["exclusive_minimum"], share["maximum"]) == (0, True, 1)
    assert (layer["type"], layer["catalogue"], layer["group"], layer["nullable"]) == (
        "part",
        "layers",
        "Activations",
        True,
    )
    assert (name["type"], name["maximum_length"]) == ("text", 5)


@pytest.mark.parametrize("part", list(layers), ids=lambda part: part.kind)
def test_every_card_is_plain_json_with_its_defaults(part: type[Part]) -> None:
    entry = json.loads(json.dumps(describe(part), allow_nan=False))
    assert entry["defaults"] == {field["name"]: field["default"] for field in entry["fields"]}
    assert {"kind", "title", "group", "help", "synonyms", "summary", "silhouette", "ports"} <= set(entry)
    assert layers.read({"kind": part.kind, **entry["defaults"]}) == part()


def test_sentences_stay_short_whatever_was_sent() -> None:
    hostile = {"units": {"a\n" * 9_000: ["x" * 9_000] * 90}, "y" * 9_000: 1, "line\nbreak": 2}
    with pytest.raises(ValidationError) as refused:
        Dense.model_validate(hostile)
    text = explain(refused.value, "Dense")
    assert len(text) < 400
    assert text.isprintable()
