"""Whatever a browser says: it is done, or refused with a sentence. Nothing else happens."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.live import messages
from playground.live.conversation import Conversation
from playground.live.explaining import Explaining
from playground.live.hub import Hub, Viewer
from playground.runs.store import Store
from playground.studio.desk import Desk
from playground.studio.documents import from_template
from tests.live.people import FakeEngine

HOSTILE = [
    "forward",
    "__class__",
    "import",
    "../../etc/passwd",
    "'; DROP TABLE runs; --",
    '"><script>alert(1)</script>',
    "=HYPERLINK(1)",
    "a\nb\x00c",
    "{units.__class__}",
    "x" * 5_000,
    "",
    "\ud800",
]
leaves = st.one_of(
    st.sampled_from(HOSTILE),
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just([]),
    st.just({}),
    st.just({"kind": "dense"}),
    st.just([[[[]]]]),
)
DOCUMENT = from_template("circle")
MESSAGES: list[dict[str, Any]] = [
    {"type": "open", "project": "p"},
    {"type": "edit", "seq": 1, "base": 1, "label": "x", "document": DOCUMENT},
    {"type": "command", "name": "play", "value": None},
    {"type": "command", "name": "speed", "value": 3.0},
    {"type": "command", "name": "start_over"},
    {"type": "weight", "node": "hidden", "name": "weight", "index": [0, 0], "value": 1.0},
    {"type": "watch", "visible": True, "focus": {"node": "hidden", "unit": 0}, "sample": None},
    {"type": "template", "kind": "spiral"},
    {"type": "dataset", "kind": "iris"},
    {"type": "new", "kind": "xor"},
    {"type": "copy"},
    {"type": "projects"},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A message with up to three of its places replaced by something nobody expects."""
    message: Any = copy.deepcopy(draw(st.sampled_from(MESSAGES)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([place for place in places(message) if place]))
        target = message
        for key in path[:-1]:
            target = target[key]
        if draw(st.booleans()) and isinstance(target, dict):
            target[draw(st.sampled_from(HOSTILE))] = target.pop(path[-1])
        else:
            target[path[-1]] = copy.deepcopy(draw(leaves))
    return json.dumps(message)


class Story:
    """A conversation that lasts through many examples."""

    def __init__(self, home: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.engine = FakeEngine(home)
        self.viewer = Viewer("ada")
        self.conversation = self.loop.run_until_complete(self._begin(home))

    async def _begin(self, home: Path) -> Conversation:
        store = Store(home)
        hub = Hub(self.engine.send, lambda event: None)
        desk = Desk(self.engine, store, is_watched=hub.is_watched)
        conversation = Conversation(self.viewer, hub, desk, Explaining(self.engine, store))
        project = await desk.create("ada", "circle")
        await conversation.answer(messages.read(json.dumps({"type": "open", "project": project})))
        return conversation

    def say(self, text: str) -> list[dict[str, Any]]:
        """What is answered; each of it travels as JSON."""
        try:
            self.loop.run_until_complete(self.conversation.answer(messages.read(text)))
        except messages.Unreadable as problem:
            return [{"type": "error", "text": str(problem)}]
        self.viewer.tell({"type": "end"})
        return [json.loads(text) for text in self.loop.run_until_complete(self.viewer.take())[0]][:-1]

    def end(self) -> None:
        self.engine.close()
        self.loop.close()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = Story(tmp_path_factory.mktemp("hostile"))
    yield told
    told.end()


@given(text=spoiled())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_spoiled_message_is_done_or_refused_with_a_sentence(story: Story, text: str) -> None:
    for answer in story.say(text):
        if answer["type"] in ("error", "toast"):
            assert 5 < len(answer["text"]) < 600
            assert "Traceback" not in answer["text"]


@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda b: b.decode("latin-1"))))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_refused(text: str) -> None:
    with pytest.raises(messages.Unreadable):
        messages.read(text)


def test_half_a_character_is_refused_and_whole_ones_are_not() -> None:
    with pytest.raises(messages.Unreadable):
        messages.read('{"type": "template", "kind": "\\ud83d"}')
    read = messages.read('{"type": "template", "kind": "\\ud83d\\ude00"}')
    assert read == messages.WantTemplate(type="template", kind="\N{GRINNING FACE}")
