"""What holds for every loss, optimizer, schedule, metric and objective, because it is a part."""

import json
from typing import Any

import pytest

from playground.core.catalogue import find_catalogue
from playground.core.part import Part

NAMES = ("losses", "optimizers", "schedules", "metrics", "objectives")
PARTS = [(name, entry["kind"]) for name in NAMES for entry in find_catalogue(name).describe()]
NEEDED: dict[str, dict[str, Any]] = {"supervised": {"loss": {"kind": "huber"}}}


def part_of(name: str, kind: str) -> Part:
    part = find_catalogue(name).read({"kind": kind, **NEEDED.get(kind, {})})
    assert isinstance(part, Part)
    return part


def another(value: Any, field: dict[str, Any]) -> Any:
    """A value of the field that is not this one."""
    if isinstance(value, bool):
        return not value
    if field["type"] == "integer":
        return value + 1
    if field["type"] == "number":
        low, high = field.get("minimum", 0.0), field.get("maximum", 1.0)
        return value / 2 if value else (low + min(high, 1.0)) / 2
    return {"kind": "mean_squared_error"}


@pytest.mark.parametrize(("name", "kind"), PARTS)
def test_a_part_survives_json(name: str, kind: str) -> None:
    part = part_of(name, kind)
    assert find_catalogue(name).read(json.loads(json.dumps(part.dump()))) == part


@pytest.mark.parametrize(("name", "kind"), PARTS)
def test_every_setting_changes_json_and_fingerprint(name: str, kind: str) -> None:
    part = part_of(name, kind)
    given = {"momentum": 0.5} if kind == "sgd" else {}  # looking ahead needs it
    part = part.with_(**given)
    for field in find_catalogue(name).describe()[find_catalogue(name).kinds().index(kind)]["fields"]:
        changed = part.with_(**{field["name"]: another(getattr(part, field["name"]), field)})
        assert changed.dump() != part.dump()
        assert changed.fingerprint() != part.fingerprint()


@pytest.mark.parametrize(("name", "kind"), PARTS)
def test_every_setting_and_every_part_explains_itself(name: str, kind: str) -> None:
    entry = find_catalogue(name).describe()[find_catalogue(name).kinds().index(kind)]
    assert entry["help"].endswith((".", ")"))
    assert entry["title"]
    assert entry["group"]
    for field in entry["fields"]:
        assert field["help"] or field["type"] == "part"


@pytest.mark.parametrize(("name", "kind"), PARTS)
def test_what_is_out_of_range_is_refused_in_a_sentence(name: str, kind: str) -> None:
    for field in find_catalogue(name).describe()[find_catalogue(name).kinds().index(kind)]["fields"]:
        if field["type"] not in ("number", "integer"):
            continue
        with pytest.raises(ValueError, match=field["name"]):
            find_catalogue(name).read({"kind": kind, **NEEDED.get(kind, {}), field["name"]: -1e9})
