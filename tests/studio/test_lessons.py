"""Lessons are read as they are written, and every one that is there can be gone through."""

from __future__ import annotations

import pytest

from playground.core.reading import Refused
from playground.studio.lessons import BadLesson, Condition, lesson, lessons, parse
from playground.templates import templates

HEAD = "---\ntitle: One\nstart: circle\n---\n\n"


@pytest.mark.parametrize("name", lessons())
def test_every_lesson_starts_from_a_template_and_each_card_can_be_done(name: str) -> None:
    found = lesson(name)
    assert found.start in templates.kinds()
    assert found.dump()["cards"][0]["title"] == found.cards[0].title
    for card in found.cards:
        assert card.text or card.question
        assert card.done or card.question


def test_the_first_lesson_asks_before_it_shows_in_the_words_of_the_course() -> None:
    asked = lesson("first").cards[1]
    assert len(lesson("first").cards) == 5
    assert asked.question == "Without the middle layer, what shape can the boundary have?"
    assert asked.choices == ("A circle", "A straight line", "Anything")
    assert asked.answer == "A straight line."


def test_a_condition_is_facts_comparisons_and_numbers() -> None:
    card = parse("one", HEAD + "# Do it\nWords.\ndone: edited and value.test_accuracy > 0.95 and run.step>=10\n").cards[
        0
    ]
    assert card.text == ("Words.",)
    assert card.done == (
        Condition("edited", "==", 1),
        Condition("value.test_accuracy", ">", 0.95),
        Condition("run.step", ">=", 10),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# No head\ndone: edited", "begins with 'title:'"),
        (HEAD + "Words alone.", "has no card"),
        (HEAD + "# Idle\nWords.", "neither 'done:' nor asks"),
        (HEAD + "# Half\n? What is it?\n- A\n- B\n", "two choices or more, and an answer"),
        (HEAD + "# Odd\ndone: run.step > many", "is no condition"),
        (HEAD + "# Odd\ndone: window.close", "is no condition"),
    ],
)
def test_what_is_no_lesson_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(BadLesson, match=words):
        parse("one", text)


@pytest.mark.parametrize("name", ["nowhere", "../opening/circle", ""])
def test_a_lesson_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="There is no lesson"):
        lesson(name)
