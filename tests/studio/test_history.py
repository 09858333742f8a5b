"""What the list of runs says of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from playground.core.edits import Replace
from playground.runs.records import Edited, StoredRun
from playground.studio.history import data_of
from playground.templates import templates

RUN = StoredRun(
    **dict.fromkeys(StoredRun.__dataclass_fields__)  # type: ignore[arg-type]
)


def started_with(kind: str) -> StoredRun:
    experiment = templates[kind]().experiment().model_dump(mode="json")
    return replace(RUN, experiment=experiment, created=datetime.now(UTC))


def test_a_run_is_named_by_the_data_it_was_given_last() -> None:
    run = started_with("circle")
    other = Replace(experiment=templates["iris"]().experiment()).model_dump(mode="json")
    assert data_of(run) == "Circle"
    assert data_of(run, [Edited(10, {"type": "rewind", "step": 0}, None, None)]) == "Circle"
    assert data_of(run, [Edited(10, other, None, None)]) == "Iris"


def test_a_run_of_a_later_version_is_listed_without_its_data() -> None:
    assert data_of(replace(RUN, experiment={"data": {"dataset": {"kind": "from-the-future"}}})) == "unknown data"
