"""Two tabs, one project."""

from __future__ import annotations

import copy
import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.studio.merge import Document, merge


def drawing(units: dict[str, int]) -> Document:
    ids = ["input", *units, "output"]
    nodes: list[dict[str, Any]] = [{"id": "input", "layer": {"kind": "input"}, "title": None}]
    nodes += [{"id": id, "layer": {"kind": "dense", "units": n}, "title": None} for id, n in units.items()]
    nodes.append({"id": "output", "layer": {"kind": "output"}, "title": None})
    return {
        "schema": 1,
        "title": "Circle",
        "notes": "",
        "experiment": {
            "networks": {"model": {"nodes": nodes, "edges": [wire(a, b) for a, b in itertools.pairwise(ids)]}},
            "data": {"dataset": {"kind": "circle", "noise": 0.0, "samples": 500}, "preparation": []},
            "training": {"optimizer": {"kind": "adam", "learning_rate": 0.03}, "batch_size": 10},
            "seed": 0,
        },
        "layout": {"nodes": {id: {"x": 0, "y": 0} for id in ids}, "unfolded": [], "viewport": None},
    }


def wire(source: str, target: str) -> dict[str, str]:
    return {"source": source, "target": target, "source_port": "out", "target_port": "in"}


def network(document: Document) -> Any:
    return document["experiment"]["networks"]["model"]


def node(document: Document, id: str) -> Any:
    return next(node for node in network(document)["nodes"] if node["id"] == id)


BASE = drawing({"a": 3, "b": 4, "c": 5})


def changed() -> Document:
    return copy.deepcopy(BASE)


def test_an_edit_of_the_newest_revision_is_taken_as_it_is() -> None:
    mine = changed()
    node(mine, "a")["layer"]["units"] = 9
    assert merge(BASE, BASE, mine).document is mine


def test_edits_of_two_nodes_are_both_kept() -> None:
    theirs, mine = changed(), changed()
    node(theirs, "a")["layer"]["units"] = 9
    node(mine, "b")["layer"]["units"] = 7
    merged = merge(BASE, theirs, mine)
    assert node(merged.document, "a")["layer"]["units"] == 9
    assert node(merged.document, "b")["layer"]["units"] == 7
    assert merged.conflicts == []


def test_on_the_same_node_the_later_edit_wins_and_the_node_is_named() -> None:
    theirs, mine = changed(), changed()
    node(theirs, "a")["layer"]["units"] = 9
    node(mine, "a")["layer"]["units"] = 7
    merged = merge(BASE, theirs, mine)
    assert node(merged.document, "a")["layer"]["units"] == 7
    assert merged.conflicts == ["a"]


def test_a_node_removed_in_one_tab_takes_the_wires_of_the_other_with_it() -> None:
    theirs, mine = changed(), changed()
    network(theirs)["nodes"] = [n for n in network(theirs)["nodes"] if n["id"] != "b"]
    network(theirs)["edges"] = [wire("input", "a"), wire("a", "c"), wire("c", "output")]
    network(mine)["edges"].append(wire("b", "output"))
    merged = merge(BASE, theirs, mine).document
    assert [n["id"] for n in network(merged)["nodes"]] == ["input", "a", "c", "output"]
    assert network(merged)["edges"] == network(theirs)["edges"]


def test_a_node_removed_in_one_tab_and_changed_in_the_later_stays() -> None:
    theirs, mine = changed(), changed()
    network(theirs)["nodes"] = [n for n in network(theirs)["nodes"] if n["id"] != "b"]
    node(mine, "b")["layer"]["units"] = 7
    merged = merge(BASE, theirs, mine)
    assert node(merged.document, "b")["layer"]["units"] == 7
    assert merged.conflicts == ["b"]


def test_settings_merge_field_by_field() -> None:
    theirs, mine = changed(), changed()
    theirs["experiment"]["training"]["optimizer"]["learning_rate"] = 0.1
    mine["experiment"]["training"]["batch_size"] = 32
    mine["experiment"]["data"]["dataset"]["noise"] = 0.2
    merged = merge(BASE, theirs, mine)
    assert merged.document["experiment"]["training"] == {
        "optimizer": {"kind": "adam", "learning_rate": 0.1},
        "batch_size": 32,
    }
    assert merged.document["experiment"]["data"]["dataset"]["noise"] == 0.2
    assert merged.settings == []


def test_parts_of_two_kinds_are_never_mixed() -> None:
    theirs, mine = changed(), changed()
    theirs["experiment"]["training"]["optimizer"] = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    mine["experiment"]["training"]["optimizer"]["learning_rate"] = 0.2
    merged = merge(BASE, theirs, mine)
    assert merged.document["experiment"]["training"]["optimizer"] == {"kind": "adam", "learning_rate": 0.2}
    assert merged.settings == ["training.optimizer"]


def test_the_order_of_wires_of_whoever_changed_it_is_kept() -> None:
    theirs, mine = changed(), changed()
    network(theirs)["edges"] = list(reversed(network(theirs)["edges"]))
    node(mine, "a")["layer"]["units"] = 7
    assert network(merge(BASE, theirs, mine).document)["edges"] == network(theirs)["edges"]


def test_title_and_places_of_two_tabs_are_both_kept() -> None:
    theirs, mine = changed(), changed()
    theirs["title"] = "Ring"
    theirs["layout"]["nodes"]["a"] = {"x": 10, "y": 0}
    mine["layout"]["nodes"]["b"] = {"x": 0, "y": 10}
    mine["layout"]["unfolded"] = ["a"]
    merged = merge(BASE, theirs, mine).document
    assert merged["title"] == "Ring"
    assert merged["layout"]["nodes"]["a"] == {"x": 10, "y": 0}
    assert merged["layout"]["nodes"]["b"] == {"x": 0, "y": 10}
    assert merged["layout"]["unfolded"] == ["a"]


# ---- drawn edits --------------------------------------------------------------------------------------------------

IDS = ["a", "b", "c", "d", "e", "f"]
WIDE = drawing(dict.fromkeys(IDS, 4))
touch = st.tuples(st.sampled_from(["units", "title", "remove", "move"]), st.integers(5, 99))


def apply(document: Document, edits: dict[str, tuple[str, int]], prefix: str) -> Document:
    document = copy.deepcopy(document)
    for id, (what, number) in edits.items():
        if what == "units":
            node(document, id)["layer"]["units"] = number
        elif what == "title":
            node(document, id)["title"] = f"{prefix}{number}"
        elif what == "move":
            document["layout"]["nodes"][id] = {"x": number, "y": number}
        else:
            network(document)["nodes"] = [n for n in network(document)["nodes"] if n["id"] != id]
            network(document)["edges"] = [e for e in network(document)["edges"] if id not in (e["source"], e["target"])]
    return document


@st.composite
def two_tabs(draw: st.DrawFn) -> tuple[dict[str, tuple[str, int]], dict[str, tuple[str, int]]]:
    """Edits of two tabs on different nodes."""
    sides = draw(st.lists(st.sampled_from(["theirs", "mine", ""]), min_size=len(IDS), max_size=len(IDS)))
    edits: dict[str, dict[str, tuple[str, int]]] = {"theirs": {}, "mine": {}}
    for id, side in zip(IDS, sides, strict=True):
        if side:
            edits[side][id] = draw(touch)
    return edits["theirs"], edits["mine"]


@given(two_tabs())
@settings(max_examples=150, deadline=None)
def test_edits_on_different_nodes_are_both_kept_in_either_order(
    tabs: tuple[dict[str, tuple[str, int]], dict[str, tuple[str, int]]],
) -> None:
    theirs, mine = tabs
    expected = apply(apply(WIDE, theirs, "t"), mine, "m")
    merged = merge(WIDE, apply(WIDE, theirs, "t"), apply(WIDE, mine, "m"))
    assert merged.conflicts == []
    assert merged.document == expected
    other_way = merge(WIDE, apply(WIDE, mine, "m"), apply(WIDE, theirs, "t"))
    assert other_way.document == expected


@given(two_tabs())
@settings(max_examples=50, deadline=None)
def test_a_tab_that_changed_nothing_changes_nothing(
    tabs: tuple[dict[str, tuple[str, int]], dict[str, tuple[str, int]]],
) -> None:
    theirs = apply(WIDE, tabs[0], "t")
    assert merge(WIDE, theirs, copy.deepcopy(WIDE)).document == theirs
