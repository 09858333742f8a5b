"""What stands in the logs: one JSON object a line, nothing of a person, and not for ever."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.engine import logs
from playground.engine.logs import Lines, Sentences, open_log, shorten_log

SECRET = "the title somebody wrote"


def record(error: BaseException | None = None, *, name: str = "playground.runs", said: str = "refused") -> Any:
    """A record as `log.exception("refused", extra={"run": "abc"})` makes it."""
    caught = (type(error), error, error.__traceback__) if error is not None else None
    made = logging.LogRecord(name, logging.ERROR, __file__, 1, said, (), caught)
    made.run = "abc"
    return made


def raised(make: Callable[[], BaseException]) -> BaseException:
    try:
        raise make()
    except BaseException as error:
        return error


def test_a_line_says_when_where_and_what() -> None:
    line = json.loads(Lines().format(record()))
    assert line.pop("time")[:2] == "20"
    assert line.pop("process") > 0
    assert line == {"level": "error", "where": "runs", "what": "refused", "run": "abc"}


def test_a_line_break_in_a_word_makes_no_second_line() -> None:
    assert "\n" not in Lines().format(record(said="one\ntwo\r\nthree"))


def test_an_exception_tells_its_kind_and_the_lines_of_code_but_not_what_it_says() -> None:
    def fail() -> BaseException:
        inner = OSError(28, "No space left", f"/home/{SECRET}")
        outer = ValueError(f"{SECRET} is wrong")
        outer.__cause__ = inner
        return outer

    line = json.loads(Lines().format(record(raised(fail))))
    assert line["trace"].endswith("ValueError from OSError 28")
    assert "raise make()" in line["trace"]
    assert SECRET not in json.dumps(line)
    assert SECRET in Lines(whole=True).format(record(raised(fail)))
    assert SECRET not in Sentences().format(record(raised(fail)))


def test_of_what_a_library_says_only_the_first_line_is_kept() -> None:
    said = f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{SECRET}')>"
    assert SECRET not in Lines().format(record(name="asyncio", said=said))


def test_an_exception_nobody_caught_is_a_line_too(tmp_path: Path) -> None:
    code = f"from playground.engine.logs import start_logging; start_logging(); raise ValueError({SECRET!r})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    (line,) = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert (line["level"], line["what"]) == ("critical", "not_caught")
    assert line["trace"].endswith("ValueError")
    assert SECRET not in ended.stderr


def test_the_level_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
import logging
from playground.engine.logs import start_logging
start_logging()
for name in ("playground.a", "library"):
    for level in ("debug", "info", "warning"):
        getattr(logging.getLogger(name), level)(level)
"""

    def heard(level: str) -> list[tuple[str, str]]:
        monkeypatch.setenv("PLAYGROUND_LOG", level)
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        return [(line["where"], line["what"]) for line in map(json.loads, ended.stderr.splitlines())]

    assert heard("") == [("a", "info"), ("a", "warning"), ("library", "warning")]
    assert heard("warning") == [("a", "warning"), ("library", "warning")]
    assert heard("DEBUG")[0] == ("a", "debug")
    assert heard("loud") == heard("info")


def test_a_large_log_is_put_aside_while_others_write_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 100)
    writer = open_log(tmp_path)
    assert writer is not None
    with writer:
        writer.write(b"x" * 90 + b"\n")
        writer.flush()
        shorten_log(tmp_path)
        assert not (tmp_path / "logs" / "engine.1.log").exists()
        writer.write(b"y" * 90 + b"\n")
        writer.flush()
        shorten_log(tmp_path)
        writer.write(b"z\n")
    assert (tmp_path / "logs" / "engine.log").read_bytes() == b"z\n"
    assert (tmp_path / "logs" / "engine.1.log").read_bytes() == b"x" * 90 + b"\n" + b"y" * 90 + b"\n"


def test_the_logs_are_for_their_owner_alone(tmp_path: Path) -> None:
    writer = open_log(tmp_path)
    assert writer is not None
    writer.close()
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0
