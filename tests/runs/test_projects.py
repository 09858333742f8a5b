"""Autosave: every revision counts up, edits of two tabs merge, old states thin out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from playground.runs.merge import merge
from playground.runs.projects import KEPT_WHOLE, too_many
from playground.runs.recorder import Recorder
from playground.runs.store import Store


@pytest.fixture
def recorder(home: Path) -> Iterator[Recorder]:
    pen = Recorder(home, every=0.05)
    pen.start()
    yield pen
    pen.close()


def drawing(*nodes: tuple[str, int], edges: tuple[tuple[str, str], ...] = (), title: str = "T") -> dict[str, Any]:
    return {
        "title": title,
        "experiment": {
            "networks": {
                "model": {
                    "nodes": [{"id": id, "layer": {"kind": "dense", "units": units}} for id, units in nodes],
                    "edges": [{"source": a, "target": b} for a, b in edges],
                }
            },
            "training": {"optimizer": {"kind": "adam", "learning_rate": 0.03}, "batch_size": 10},
        },
    }


def units(document: dict[str, Any]) -> dict[str, int]:
    return {n["id"]: n["layer"]["units"] for n in document["experiment"]["networks"]["model"]["nodes"]}


def test_edits_on_other_nodes_merge() -> None:
    base = drawing(("a", 1), ("b", 1))
    merged, conflicts = merge(base, drawing(("a", 2), ("b", 1)), drawing(("a", 1), ("b", 3)))
    assert units(merged) == {"a": 2, "b": 3}
    assert conflicts == []


def test_on_the_same_node_the_later_wins_and_is_named() -> None:
    merged, conflicts = merge(drawing(("a", 1)), drawing(("a", 2)), drawing(("a", 3)))
    assert units(merged) == {"a": 3}
    assert conflicts == ["a"]


def test_places_of_nodes_are_no_conflict_and_unfolded_nodes_add_up() -> None:
    base, theirs, mine = (drawing(("a", 1)) for _ in range(3))
    base["layout"] = {"nodes": {"a": {"x": 0, "y": 0}}, "unfolded": []}
    theirs["layout"] = {"nodes": {"a": {"x": 1, "y": 0}}, "unfolded": ["a"]}
    mine["layout"] = {"nodes": {"a": {"x": 2, "y": 0}}, "unfolded": ["b"]}
    merged, conflicts = merge(base, theirs, mine)
    assert merged["layout"] == {"nodes": {"a": {"x": 2, "y": 0}}, "unfolded": ["a", "b"]}
    assert conflicts == []


def test_a_node_that_both_changed_stands_whole_as_the_later_left_it() -> None:
    base, theirs, mine = (drawing(("a", 1)) for _ in range(3))
    theirs["experiment"]["networks"]["model"]["nodes"][0]["title"] = "Theirs"
    mine["experiment"]["networks"]["model"]["nodes"][0]["layer"]["units"] = 7
    merged, conflicts = merge(base, theirs, mine)
    assert merged["experiment"]["networks"] == mine["experiment"]["networks"]
    assert conflicts == ["a"]


def test_a_part_of_another_kind_is_never_mixed_with_the_settings_of_this_one() -> None:
    base, theirs, mine = drawing(("a", 1)), drawing(("a", 1)), drawing(("a", 1))
    theirs["experiment"]["training"]["optimizer"] = {"kind": "sgd", "learning_rate": 0.03, "momentum": 0.9}
    mine["experiment"]["training"]["optimizer"] = {"kind": "adam", "learning_rate": 0.1}
    merged, _ = merge(base, theirs, mine)
    assert merged["experiment"]["training"]["optimizer"] == {"kind": "adam", "learning_rate": 0.1}


def test_settings_beside_each_other_merge() -> None:
    base, theirs, mine = drawing(("a", 1)), drawing(("a", 1)), drawing(("a", 1), title="New")
    theirs["experiment"]["training"]["batch_size"] = 64
    merged, conflicts = merge(base, theirs, mine)
    assert (merged["title"], merged["experiment"]["training"]["batch_size"], conflicts) == ("New", 64, [])


def test_added_and_removed_nodes_and_wires_merge_into_a_whole_drawing() -> None:
    base = drawing(("a", 1), ("b", 1), edges=(("a", "b"),))
    theirs = drawing(("a", 1), edges=())  # removed b
    mine = drawing(("a", 1), ("b", 1), ("c", 1), edges=(("a", "b"), ("b", "c")))
    merged, _ = merge(base, theirs, mine)
    assert units(merged) == {"a": 1, "c": 1}
    assert merged["experiment"]["networks"]["model"]["edges"] == []


def test_two_tabs_save_and_the_history_keeps_both(home: Path, recorder: Recorder) -> None:
    def save(base: int, document: dict[str, Any]) -> Any:
        return recorder.save_project("p1", "ann", base=base, document=document, label="edit").result(60)

    assert save(0, drawing(("a", 1), ("b", 1))).revision == 1
    assert (
        save(1, drawing(("a", 2), ("b", 1))) == (saved := save(1, drawing(("a", 2), ("b", 1)))) or saved.revision == 3
    )
    late = save(1, drawing(("a", 5), ("b", 7)))
    assert late.conflicts == ("a",)
    assert late.revision == 4
    store = Store(home)
    project = store.project("p1")
    assert project is not None
    assert units(project.document) == {"a": 5, "b": 7}
    assert [r.revision for r in store.revisions("ann", "p1")] == [4, 3, 2, 1]
    assert units(store.revision("ann", "p1", 3)) == {"a": 2, "b": 1}


def test_old_states_thin_out_to_ten_minutes_and_to_days() -> None:
    at = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
    revisions = [(n, at - timedelta(minutes=1000 - n)) for n in range(1000, 0, -1)]
    gone = set(too_many(revisions, at=at))
    kept = [n for n, _ in revisions if n not in gone]
    assert kept[:KEPT_WHOLE] == list(range(1000, 1000 - KEPT_WHOLE, -1))
    assert len(kept) - KEPT_WHOLE == 96  # 950 minutes in slots of ten, the first and last not whole
    days = [(n, at - timedelta(hours=30 + (200 - n))) for n in range(200, 0, -1)]
    assert len(days) - len(too_many(days, at=at)) <= KEPT_WHOLE + 9
