"""The words of the first lesson."""

from __future__ import annotations

import pytest

from playground.core.layer import Layer
from playground.core.network import Network
from playground.layers.dense import Dense
from playground.studio import sentences
from playground.studio.checking import understand
from playground.studio.documents import find_template
from playground.studio.glossary import glossary


def facts_of(kind: str):  # type: ignore[no-untyped-def]
    return understand(find_template(kind).experiment()).facts


def network(**units: int) -> Network:
    made = Network()
    for id, count in units.items():
        made = made.add(Dense(units=count), id=id)
    return made


def test_the_first_page_says_what_it_shows() -> None:
    facts = facts_of("circle")
    assert sentences.opening(facts) == (
        "This is a neural network. Orange points and blue points are its data.\n"
        "It was trained before you came. Press ▶ to watch it learn again from nothing."
    )


@pytest.mark.parametrize(
    ("step", "values", "words"),
    [
        (12, {"test_loss": 0.48, "test_accuracy": 0.55}, "Step 12 · loss 0.48 · it is guessing"),
        (300, {"test_loss": 0.021, "test_accuracy": 0.99}, "Step 300 · loss 0.02 · 99 of 100 test points right"),
        (5, {"train_loss": 1234.5}, "Step 5 · loss 1,234"),
        (5, {"train_loss": 0.0004}, "Step 5 · loss 0.0004"),
        (5, {}, "Step 5"),
        (5, {"train_loss": float("nan")}, "Step 5 · loss not a number"),
    ],
)
def test_a_step_is_told_in_counts(step: int, values: dict[str, float], words: str) -> None:
    assert sentences.at_step(step, values, facts_of("circle")) == words


def test_a_number_is_judged_by_what_it_explains() -> None:
    facts = facts_of("diabetes")
    assert sentences.judge({"test_r2": 0.45}, facts) == "it explains 45 % of the differences"
    assert sentences.judge({"test_r2": -0.2}, facts) == "no better than always answering the mean"


def test_a_pause_says_how_to_go_on() -> None:
    assert sentences.paused(840) == "Paused at step 840. Space goes on."
    assert sentences.paused(12_345) == "Paused at step 12,345. Space goes on."


@pytest.mark.parametrize(
    ("after", "kept", "new", "words"),
    [
        (network(a=3, b=1, c=3), 13, 12, "Dense added. 13 of 25 weights were kept; the 12 new ones are outlined."),
        (network(a=3), 9, 0, "Dense removed. All 9 weights were kept."),
        (network(a=4, b=1), 9, 4, "Dense changed. 9 of 13 weights were kept; the 4 new ones are outlined."),
        (network(a=4, b=1), 12, 1, "Dense changed. 12 of 13 weights were kept; the new one is outlined."),
        (network(a=3, b=1, c=1, d=1), 0, 4, "2 layers added. Its 4 weights are new; they are outlined."),
        (network(a=3, b=1), 13, 0, None),
    ],
)
def test_a_changed_drawing_says_what_became_of_the_weights(after: Network, kept: int, new: int, words: str) -> None:
    assert sentences.carried(network(a=3, b=1), after, kept, new) == words


def test_a_renamed_node_is_called_by_its_name() -> None:
    before = network(a=3)
    assert sentences.changed_nodes(before, before.add(Dense(units=2), id="b").rename("b", "Adders")) == "Adders added"
    assert sentences.changed_nodes(before, before.rename("a", "Adders")) is None
    moved = network(a=3, b=1)
    assert sentences.changed_nodes(moved, moved.connect("a", "b")) == "Wires changed"


def test_every_word_is_explained_in_at_most_thirty_words() -> None:
    words = glossary()
    assert set(words) == {"loss", "epoch", "batch", "learning rate", "unit", "weight", "boundary"}
    for word, text in words.items():
        assert 5 < len(text.split()) <= 30, word
        assert text.endswith(".")


def test_layers_have_titles_for_sentences() -> None:
    assert issubclass(Dense, Layer)
    assert Dense.title == "Dense"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (0, "Queued: it is next."),
        (1, "Queued: 1 run is before it."),
        (2, "Queued: 2 runs are before it."),
    ],
)
def test_a_queued_run_says_how_many_are_before_it(ahead: int, words: str) -> None:
    assert sentences.queued(ahead) == words
