"""What is true of every data set, whichever file it is in."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from playground.core.contracts import Dataset
from playground.core.diagnostics import DataMissing
from playground.core.part import Part
from playground.datasets import datasets

SHARED = Path(__file__).parents[3] / "shared" / "data"
KINDS = datasets.kinds()


def smaller(kind: str) -> Dataset:
    """The data set with its own settings; sets from original files are skipped when the files are not here."""
    dataset = datasets[kind]()
    if hasattr(dataset, "originals"):
        try:
            dataset.originals()
        except DataMissing as error:
            pytest.skip(str(error))
    return dataset


@pytest.mark.parametrize("kind", KINDS)
def test_declared_facts_hold_of_what_is_loaded(kind: str) -> None:
    dataset = smaller(kind)
    facts, loaded = dataset.facts(), dataset.load()
    count = sum(facts.samples.values())
    assert loaded.inputs.shape == (count, *facts.input_shape)
    assert loaded.inputs.dtype == (np.uint8 if facts.view == "image" else np.float32)
    if facts.task == "regression":
        assert loaded.targets.shape == (count, facts.output_width)
        assert loaded.targets.dtype == np.float32
        assert len(facts.target_names) == facts.output_width
        assert facts.classes == ()
    else:
        assert loaded.targets.shape == (count,)
        assert loaded.targets.dtype == np.int64
        assert set(loaded.targets.tolist()) == set(range(len(facts.classes)))
        assert facts.output_width == (1 if facts.task == "binary" else len(facts.classes))
        assert facts.noun
    if facts.view == "image":
        assert len(facts.input_shape) == 3
        assert loaded.inputs.max() == 255
    else:
        assert np.isfinite(loaded.inputs).all()
        assert len(facts.feature_names) == len(facts.roles) == facts.input_shape[0]
        assert len(set(facts.feature_names)) == len(facts.feature_names)
    if facts.view == "plane":
        assert loaded.inputs.min() >= facts.domain[0]
        assert loaded.inputs.max() <= facts.domain[1]
    if loaded.part is None:
        assert set(facts.samples) == {"all"}
    else:
        assert {"train": int((loaded.part == 0).sum()), "test": int((loaded.part == 2).sum())} == facts.samples


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_settings_give_the_same_bytes(kind: str) -> None:
    dataset = smaller(kind)
    once, again = dataset.load(), datasets.read(dataset.dump()).load()
    assert once.inputs.tobytes() == again.inputs.tobytes()
    assert once.targets.tobytes() == again.targets.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_it_survives_json_and_explains_itself(kind: str) -> None:
    dataset = datasets[kind]()
    assert datasets.read(json.loads(json.dumps(dataset.dump()))) == dataset
    assert len(dataset.help()) > 60
    assert dataset.title
    assert dataset.group in {"Plane", "Tables", "Pictures"}
    for field in datasets[kind].model_fields.values():
        assert field.description


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_changes_json_and_fingerprint(kind: str) -> None:
    dataset = datasets[kind]()
    for name, value in other_settings(dataset).items():
        changed = dataset.with_(**{name: value})
        assert changed.dump() != dataset.dump(), name
        assert changed.fingerprint() != dataset.fingerprint(), name


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "seed" in datasets[kind].model_fields])
def test_another_seed_gives_other_cases_of_the_same_shape(kind: str) -> None:
    dataset = datasets[kind]()
    one, other = dataset.load(), dataset.with_(seed=1).load()
    assert one.inputs.shape == other.inputs.shape
    moved = (one.inputs != other.inputs).any(axis=1).mean()
    # The spiral without noise has one shape only; its order differs.
    assert moved > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_settings_outside_their_limits_are_refused(kind: str) -> None:
    dataset = datasets[kind]()
    for name in dataset.dump():
        if name in ("samples", "noise", "balance", "seed"):
            with pytest.raises(ValidationError):
                dataset.with_(**{name: -1})
    with pytest.raises(ValidationError):
        dataset.with_(nonsense=1)


def test_the_kinds_people_rely_on_are_there() -> None:
    named = "circle xor gauss spiral moons regression-plane regression-gauss digits iris breast-cancer diabetes"
    assert {*named.split(), "mnist", "fashion-mnist"} <= set(KINDS)
    assert all(re.fullmatch(r"[a-z][a-z-]*", kind) for kind in KINDS)


def other_settings(part: Part) -> dict[str, object]:
    """Another allowed value for every field."""
    from playground.core.form import describe_fields

    others: dict[str, object] = {}
    for field in describe_fields(type(part)):
        now = getattr(part, field["name"])
        if field["type"] == "choice":
            others[field["name"]] = next(c["value"] for c in field["choices"] if c["value"] != now)
        elif field["type"] in ("integer", "number"):
            step = 1 if field["type"] == "integer" else (field["maximum"] - field["minimum"]) / 7
            others[field["name"]] = now + step if now + step <= field["maximum"] else now - step
    return others
