"""A few seconds of what `playground bench fuzz` does for ten minutes, the same inputs each time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks import fuzz
from tests.live.people import FakeEngine

MANY = settings(max_examples=120, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fuzz.Talk]:
    home = tmp_path_factory.mktemp("talk")
    talking = fuzz.Talk(FakeEngine(home), home)
    yield talking
    talking.end()


@MANY
@given(fuzz.files())
def test_a_bent_project_file_is_read_or_refused_with_a_sentence(content: bytes) -> None:
    fuzz.take_file(content)


@MANY
@given(fuzz.links())
def test_a_bent_link_is_read_or_refused_with_a_sentence(text: str) -> None:
    fuzz.take_link(text)


@MANY
@given(fuzz.said())
def test_a_bent_message_is_done_or_refused_with_a_sentence(talk: fuzz.Talk, text: str) -> None:
    talk.take(text)


@pytest.mark.parametrize("said", fuzz.SAID, ids=lambda said: f"{said['type']} {said.get('name', '')}".strip())
def test_what_is_bent_is_good_before(talk: fuzz.Talk, said: dict[str, object]) -> None:
    """Otherwise the fuzz would only ever see the first look refuse it."""
    document = fuzz.from_template("circle")
    message = {name: document if value == "$document" else value for name, value in said.items()}
    talk.say(json.dumps({"type": "open", "project": "$mine"}))
    answers = talk.say(json.dumps(message))
    refused = [answer["text"] for answer in answers if answer["type"] == "error"]
    assert not any(text.startswith("The message") or "no such message" in text for text in refused), refused


def test_a_good_part_of_what_is_bent_is_still_taken() -> None:
    taken = []

    @settings(MANY, max_examples=100)
    @given(fuzz.files())
    def look(content: bytes) -> None:
        taken.append(fuzz.take_file(content))

    look()
    assert 0.1 < sum(taken) / len(taken) < 0.9
