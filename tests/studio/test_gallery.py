"""The gallery's cards say what was measured, of the templates as they are."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from playground._paths import PACKAGE
from playground.core.shapes import check
from playground.studio import gallery
from playground.studio.gallery import MEASURED, cards, is_current, make, read
from playground.templates import templates

RESULTS = PACKAGE.parent / "benchmarks" / "results" / "templates.json"
ANEW = "Run `python -m playground.studio.gallery` and commit assets/gallery.json."


def card(kind: str) -> dict[str, Any]:
    return next(card for card in cards() if card["kind"] == kind)


def test_shipped_scores_are_those_that_were_measured() -> None:
    measured = json.loads(RESULTS.read_text())["templates"]
    for kind, shipped in read().items():
        if "measured" in shipped:
            assert {name: shipped[name] for name in MEASURED} == {name: measured[kind][name] for name in MEASURED}, ANEW


def test_every_template_has_a_card_with_a_picture_and_a_score() -> None:
    assert sorted(card["kind"] for card in cards()) == sorted(templates.kinds())
    without = [card["kind"] for card in cards() if card["picture"] is None or card["score"] is None]
    assert without == [], ANEW


@pytest.mark.parametrize("kind", templates.kinds())
def test_a_card_draws_the_template(kind: str) -> None:
    experiment = templates[kind]().experiment()
    drawn, nodes = card(kind), experiment.network.nodes
    assert [node["silhouette"] for node in drawn["nodes"]] == [node.layer.silhouette for node in nodes]
    wires = {(nodes[a].id, nodes[b].id) for a, b in drawn["edges"]}
    assert wires == {(edge.source, edge.target) for edge in experiment.network.edges}
    assert drawn["parameters"] == check(experiment.network, experiment.data.facts()).total.parameters
    sentences = drawn["purpose"].count(". ") + drawn["purpose"].count(": ")
    assert sentences >= 1
    assert drawn["purpose"].endswith((".", "?"))


def test_a_score_of_another_experiment_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = read()
    shipped["circle"]["measured"]["training"]["epochs"] = 3
    monkeypatch.setattr(gallery, "read", lambda: shipped)
    cards.cache_clear()
    assert card("circle")["score"] is None
    assert card("iris")["score"] is not None
    monkeypatch.undo()
    cards.cache_clear()


def test_the_seed_does_not_make_a_score_old() -> None:
    experiment = templates["circle"]().experiment()
    assert is_current(read()["circle"], experiment.with_(seed=99))
    assert not is_current({}, experiment)


def test_what_is_made_anew_is_what_is_shipped() -> None:
    made, shipped = make(RESULTS), read()
    for kind in ("circle", "iris", "digits-mlp"):
        assert made[kind]["picture"] == shipped[kind]["picture"], ANEW
    output = base64.b64decode(shipped["circle"]["picture"]["output"])
    assert len(output) == gallery.GRID**2
    tiles = shipped["digits-mlp"]["picture"]["tiles"]
    assert [len(base64.b64decode(tile)) for tile in tiles] == [64] * gallery.TILES


def test_a_missing_file_leaves_cards_without_scores(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(gallery, "file", lambda: tmp_path / "gone.json")
    cards.cache_clear()
    assert all(card["score"] is None and card["picture"] is None and card["nodes"] for card in cards())
    monkeypatch.undo()
    cards.cache_clear()
