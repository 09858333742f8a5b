"""What is said after every edit."""

from __future__ import annotations

import numpy as np
import pytest

from playground.core.experiment import Split
from playground.core.shares import count
from playground.datasets import datasets
from playground.datasets.plane import Circle
from playground.studio.checking import understand, way_back
from playground.studio.documents import find_template
from playground.templates import templates
from playground.templates.suited import suited
from playground.training.split import divide

SHARES = Split(train=0.7, validation=0.1, test=0.1, sealed=0.1, stratify=False)
SPLITS = [
    SHARES,
    Split(train=0.5, validation=0.0, test=0.5, sealed=0.0, stratify=False),
    Split(train=0.8, validation=0.0, test=0.2, sealed=0.0, stratify=False),
    Split(train=0.33, validation=0.33, test=0.0, sealed=0.2, stratify=False),
    Split(train=1.0, validation=0.0, test=0.0, sealed=0.0, stratify=False),
]


@pytest.mark.parametrize("split", SPLITS, ids=str)
@pytest.mark.parametrize("cases", [10, 149, 150, 500, 1797])
def test_counts_are_those_of_the_division_itself(split: Split, cases: int) -> None:
    divided = divide(split, np.zeros(cases))
    assert count(split, {"all": cases}) == {name: len(rows) for name, rows in divided.items()}


@pytest.mark.parametrize("split", SPLITS[:4], ids=str)
def test_the_publishers_test_cases_stay_what_they_are(split: Split) -> None:
    published = np.repeat([0, 2], [600, 100]).astype(np.uint8)
    divided = divide(split, np.zeros(700), published)
    assert count(split, {"train": 600, "test": 100}) == {name: len(rows) for name, rows in divided.items()}


@pytest.mark.parametrize("template", list(templates), ids=lambda template: template.kind)
def test_every_template_can_be_trained_as_it_is(template) -> None:  # type: ignore[no-untyped-def]
    understood = understand(template().experiment())
    assert understood.ok, understood.trouble
    message = understood.message(3)
    assert message["revision"] == 3
    assert message["facts"]["samples"]["train"] > 0
    assert message["total"]["parameters"] > 0


@pytest.mark.parametrize("dataset", list(datasets), ids=lambda dataset: dataset.kind)
def test_any_data_can_be_proposed_for_any_network(dataset) -> None:  # type: ignore[no-untyped-def]
    experiment = find_template("circle").experiment()
    other = suited(experiment, dataset())
    assert other.data.dataset.kind == dataset.kind
    assert other.networks == experiment.networks
    assert other.training == experiment.training
    codes = {note.code for note in understand(other).diagnostics if note.severity == "error"}
    # The network may not fit; loss, metrics and preparation must.
    assert "loss-for-other-task" not in codes


def test_the_way_back_brings_data_goal_and_metrics() -> None:
    experiment = find_template("circle").experiment()
    fix = way_back(experiment)
    assert fix.label == "Back to circle"
    assert [op["path"] for op in fix.ops] == ["data", "objective", "metrics"]
    assert fix.ops[0]["value"]["dataset"] == Circle().dump()


def test_data_that_are_not_there_are_told_and_nothing_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_DATA", "")

    def missing(self: object) -> None:
        raise ValueError("The files are not there.")

    monkeypatch.setattr(Circle, "facts", missing)
    understood = understand(find_template("circle").experiment())
    assert not understood.ok
    assert understood.trouble == "The files are not there."
    assert understood.message(1)["facts"] is None
