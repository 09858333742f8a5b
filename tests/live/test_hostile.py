"""What is no message is refused. What is one and was bent stands in tests/fuzz."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.live import messages


@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda b: b.decode("latin-1"))))
@settings(max_examples=200)
def test_noise_is_refused(text: str) -> None:
    with pytest.raises(messages.Unreadable):
        messages.read(text)


def test_half_a_character_is_refused_and_whole_ones_are_not() -> None:
    with pytest.raises(messages.Unreadable):
        messages.read('{"type": "template", "kind": "\\ud83d"}')
    read = messages.read('{"type": "template", "kind": "\\ud83d\\ude00"}')
    assert read == messages.WantTemplate(type="template", kind="\N{GRINNING FACE}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The message is empty."),
        ("[" * 100_000, "The message is nested too deep to be read."),
        ('{"type": "copy", "type": "new"}', "The message says 'type' twice in one place."),
        ('{"type": "command", "name": "speed", "value": 1e400}', "The message holds 1e400 where a number is expected."),
        ('{"type": "weight", "index": [%s]}' % ("9" * 5_000), "The message holds 999999999999… where a number"),
        ('{"type": "template", "kind": "\\ud83d"}', "The message holds half of a character"),
        ("[]", "The message, value: got [], expected"),
        ('{"type": "shout"}', "The server knows no such message. Reload the page."),
        ('{"type": "copy", "to": "me"}', "The message has no setting 'copy.to'."),
    ],
)
def test_what_is_no_message_gets_its_sentence(text: str, sentence: str) -> None:
    with pytest.raises(messages.Unreadable) as refused:
        messages.read(text)
    assert str(refused.value).startswith(sentence)
