"""What comes from outside is looked at before it is believed: size, kind, depth, doubled names, odd numbers."""

from __future__ import annotations

import json
import os
import socket
import tracemalloc
from pathlib import Path

import pytest

from playground.core.files import MAX_FILE, Refused, open_project, read_project, write_project
from playground.core.reading import is_file, open_file, read_bytes, read_json, visible
from playground.templates import templates
from tests.core.test_files import circle

unix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")


@unix
@pytest.mark.timeout(30)  # a pipe that is waited for never ends
def test_what_is_no_file_is_refused_at_once_and_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to a pipe").symlink_to("pipe")
    (tmp_path / "without end").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)  # a socket's path is short
        listening.bind("socket")
        for name, words in {
            "pipe": "a pipe",
            "to a pipe": "a pipe",
            "without end": "a device",
            "loop": "symbolic links",
            ".": "a folder",
            "socket": "",
            "a\0b": "no file can have this name",
            "\ud800": "no file can have this name",
            "x" * 5_000: "too long",
        }.items():
            for read in (open_file, open_project):
                with pytest.raises(OSError, match=f"(?i){words}"):
                    read(tmp_path / name)
            assert is_file(str(tmp_path / name)) is (name in ("pipe", "to a pipe", "without end", ".", "socket"))


def test_a_hundred_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    text = " " * 100_000_000
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match=r"This file has 100\.0 MB; at most 2\.0 MB are read\."):
            open_project(path)
        with pytest.raises(Refused, match=r"This file has 100\.0 MB; a project has at most 2\.0 MB"):
            read_project(text)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_file_that_grows_while_it_is_read_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(b"x" * 11)
    assert read_bytes(path, most=11) == b"x" * 11
    with pytest.raises(Refused):
        read_bytes(path, most=10)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty. Try another."),
        (" \n", "The file is empty. Try another."),
        (b"\xef\xbb\xbf", "The file is empty. Try another."),
        ("{", "The file is not JSON: line 1, column 2 is wrong. Try another."),
        (b"\xff\x00\x01", "The file is not text. Try another."),
        ('{"a": 1}'.encode("utf-16"), "The file is text in UTF-16. Save it as UTF-8 and try again."),
        ("[" * 100_000, "The file is nested too deep to be read."),
        ('{"a":' * 100_000, "The file is nested too deep to be read."),
        ('{"a": 1, "b": 2, "a": 1}', "The file says 'a' twice in one place. Each setting may stand there once."),
        ('[{"\\u001b[2J": 1, "\\u001b[2J": 1}]', "The file says ' [2J' twice in one place."),
        ("[NaN]", "The file holds NaN where a number is expected. Settings are ordinary numbers."),
        ("-Infinity", "The file holds -Infinity where a number is expected."),
        ("1e400", "The file holds 1e400 where a number is expected."),
        ("-1e400", "The file holds -1e400 where a number is expected."),
        ("9" * 5_000, "The file holds 999999999999… where a number is expected."),
        ("-" + "9" * 31, "The file holds -99999999999… where a number is expected."),
        ('"\\ud800"', "The file holds half of a character (\\ud8…). Write the whole character."),
        ('{"\\uDFFF": 1}', "The file holds half of a character"),
    ],
)
def test_text_that_is_no_json_of_ours_gets_its_sentence(content: str | bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_json(content, what="The file", hint="Try another.")
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).isprintable()


def test_json_is_read_as_it_stands() -> None:
    value = {"a": [1, -2.5, -0.0, 10**29, None, True, "\N{GRINNING FACE}"], "b": {"a": {"a": 5e-324}}}
    text = json.dumps(value)
    assert read_json(text) == value
    assert read_json(text.encode("utf-8-sig")) == value
    assert read_json("\ufeff" + text) == value


def test_an_experiment_alone_is_read_from_a_file_too(tmp_path: Path) -> None:
    experiment = templates["circle"]().experiment()
    path = tmp_path / "experiment.json"
    path.write_text(json.dumps(experiment.model_dump(mode="json")))
    assert open_project(path).experiment == experiment
    path.write_text(write_project(circle()))
    assert open_project(path) == circle()
    assert len(path.read_bytes()) < MAX_FILE


def test_what_is_shown_obeys_nobody() -> None:
    assert visible("a\nb\x1b[2Jc\u202ed\u200be\x00\ud800") == "a b [2Jc d e  "
    assert visible("日本語 “x” é") == "日本語 “x” é"
