"""Words of others on their way out: to a page, a terminal, a log, a script. They stay words.

Where they go: the components draw with React, which escapes; pages show only our own sentences as markdown, and what
repeats a person's words as plain text; the script of an export has them in comments (`tests/export`), the command line
shows its sentences through `UserError`, the engine's log writes JSON. There is no CSV and no notebook yet.
"""

from __future__ import annotations

import ast
import io
import json
import logging
import re
from pathlib import Path

import pytest

from playground._paths import PACKAGE, pages_dir
from playground.commands.bringing import read_file
from playground.commands.live_line import LiveLine
from playground.commands.outcome import LONGEST, UserError
from playground.commands.set_by_path import set_by_path
from playground.commands.train import open_experiment, with_data
from playground.engine.logs import Lines, Sentences
from playground.live.origin import is_own
from playground.templates import templates

SCREEN = PACKAGE.parent / "components" / "src"
RAW_HTML = re.compile(
    r"dangerouslySetInnerHTML|\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function\("
    r"|createContextualFragment|srcdoc|parseFromString"
)
AS_MARKUP = (
    "markdown",
    "html",
    "write",
    "title",
    "header",
    "subheader",
    "caption",
    "info",
    "warning",
    "error",
    "success",
)
HOSTILE = [
    "\x1b[2J\x1b]0;title\x07",
    "a\r\nb",
    "\u202etxt.exe",
    "\x9b31m",
    "<img src=x onerror=alert(1)>",
    "=cmd()",
    "\x00",
]


def test_nothing_in_the_front_end_turns_words_into_markup() -> None:
    files = [file for file in SCREEN.rglob("*") if file.suffix in (".ts", ".tsx") and ".test." not in file.name]
    assert len(files) > 50
    found = [f"{file.name}: {hit[0]}" for file in files for hit in RAW_HTML.finditer(file.read_text(encoding="utf-8"))]
    assert found == []


def test_every_link_of_the_front_end_leads_to_a_page_of_ours() -> None:
    """`javascript:` and the like need an address that somebody else wrote."""
    hrefs = set()
    for file in SCREEN.rglob("*.tsx"):
        hrefs |= set(
            re.findall(r"\b(?:href|src|action|formAction|xlinkHref)=(\{[^}]*\}|\"[^\"]*\")", file.read_text("utf-8"))
        )
    assert all("://" not in href and "javascript" not in href.lower() for href in hrefs), hrefs
    assert not {href for href in hrefs if re.search(r"title|notes|document|name|label", href)}, hrefs


def test_pages_show_only_sentences_of_ours_as_markup() -> None:
    calls = []
    files = [*pages_dir().glob("*.py"), *(PACKAGE / "ui").glob("*.py"), *(PACKAGE / "app").glob("*.py")]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "unsafe_allow_html" not in text, file.name
        assert "unsafe_allow_javascript" not in text, file.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in AS_MARKUP:
                where = node.func.value
                made_up = node.args and not isinstance(node.args[0], ast.Constant | ast.Name)
                if isinstance(where, ast.Name) and where.id == "st" and made_up:
                    calls.append(f"{file.name}: {ast.unparse(node)}")
    assert calls == ["home.py: st.html(assets_dir() / 'studio.css')"]


@pytest.mark.parametrize("words", HOSTILE)
def test_a_terminal_is_told_nothing_but_visible_characters(words: str, tmp_path: Path) -> None:
    assert str(UserError(f"{words}.json is no project file.")).isprintable()
    assert len(str(UserError(words * 2_000))) <= LONGEST + 1
    stream = io.StringIO()
    LiveLine(stream).say(f"The run ended: {words}")
    assert stream.getvalue().removesuffix("\n").isprintable()
    experiment = templates["circle"]().experiment()
    for ask in (
        lambda: open_experiment(f"{words}.json"),
        lambda: with_data(experiment, words),
        lambda: set_by_path(experiment, f"training.{words}=1"),
        lambda: set_by_path(experiment, f"training.epochs={words}"),
        lambda: set_by_path(experiment, words),
        lambda: read_file(tmp_path / words),
    ):
        with pytest.raises(UserError) as refused:
            ask()
        assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("training.epochs=" + "[" * 100_000, "expected a valid integer"),
        ("training.epochs=" + "9" * 5_000, "expected a valid integer"),
        ("training.optimizer.learning_rate=1e400", "expected a valid number"),
        ("training.optimizer.learning_rate=NaN", "expected a valid number"),
        ("networks.model.nodes.\N{SUPERSCRIPT TWO}.layer.units=3", "it has input, hidden"),
        ("networks.model.nodes.99999999999999999999.layer.units=3", "it has input, hidden"),
        ("seed=18446744073709551616", "less than or equal to 2147483647"),
    ],
)
def test_a_setting_that_is_a_trap_is_one_line(change: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        set_by_path(templates["circle"]().experiment(), change)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[" * 100_000, "nested too deep to be read"),
        (b'{"kind": "circle", "samples": NaN}', "holds NaN where a number is expected"),
        (b'{"kind": "circle", "kind": "xor"}', "says 'kind' twice in one place"),
        (b'{"kind": "circle", "samples": 1000000000}', "expected less than or equal to 20000"),
        (b'{"kind": "circel"}', "Did you mean 'circle'"),
        (b"\xff\xfe{\x00}\x00", "is text in UTF-16"),
        (b"[]", "Expected one of the datasets"),
        (b" " * 2_000_001, "at most 2.0 MB are read"),
    ],
)
def test_a_file_with_data_that_is_a_trap_is_one_line(content: bytes, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "part.json"
    file.write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        with_data(templates["circle"]().experiment(), str(file))


@pytest.mark.parametrize("words", HOSTILE)
def test_a_log_has_one_line_for_one_thing(words: str, caplog: pytest.LogCaptureFixture) -> None:
    record = logging.makeLogRecord({"name": "playground.x", "msg": "run_failed %s", "args": (words,), "run": words})
    line = Lines().format(record)
    assert line.isprintable()
    assert json.loads(line)["run"] == words
    assert Sentences().format(record).isprintable()
    assert not is_own(f"http://{words}", words + words)
    assert all(record.getMessage().isprintable() for record in caplog.records)
