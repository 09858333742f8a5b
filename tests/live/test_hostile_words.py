"""Hostile words through the socket and through links: refused with a sentence, or text and nothing else."""

from __future__ import annotations

import ast
import base64
import json
import zlib
from hashlib import sha256
from typing import Any

import pytest

from playground.core.files import Project, read_link, read_project, write_link
from playground.export.rebuilt import CannotExport
from playground.export.source import to_source
from playground.live import pages
from playground.studio.documents import Refused, from_template
from tests.core.test_files import HOSTILE, PLACES
from tests.live.people import Page, Person, Server

WORDS = [*HOSTILE, "![](http://127.0.0.1/x.png)", "[a](javascript:alert(1))", "__proto__", "a" * 10_000]


@pytest.fixture
def page(ada: Person) -> Page:
    opened = ada.page()
    opened.open(ada.new_project())
    opened.hear("checked")
    return opened


def circle() -> dict[str, Any]:
    return from_template("circle")


def assert_sentence(text: str) -> None:
    """One or a few lines a person can read, without the hostile text itself at length."""
    assert text.isprintable(), text
    assert len(text) < 400, text
    assert text[-1] in ".?!", text


def tree(document: Project) -> str | None:
    """The exported script as Python reads it; None for a drawing with errors."""
    try:
        source = to_source(document.experiment, title=document.title)
    except CannotExport:
        return None
    return ast.dump(ast.parse(source.encode()))


def still_answers(page: Page) -> bool:
    page.say("projects")
    return bool(page.hear("projects")["projects"])


@pytest.mark.parametrize("place", PLACES)
def test_hostile_words_in_an_edit_are_refused_or_kept_as_text(ada: Person, server: Server, place: str) -> None:
    tame = tree(read_project(circle()))
    project = ada.new_project()
    page = ada.page()
    revision = page.open(project)["revision"]
    for seq, words in enumerate(WORDS):
        document = circle()
        PLACES[place](document, words)
        page.say("edit", seq=seq, base=revision, label="Change", document=document)
        answer = page.hear("saved", "error")
        stored = server.service.store.project(project)
        assert stored is not None
        if answer["type"] == "error":
            assert_sentence(answer["text"])
            assert answer["seq"] == seq
            assert stored.revision == revision
            continue
        revision = answer["revision"]
        # A stray node or a wire to a port there is none of are errors on the canvas; all else changes no line that runs.
        told = tree(read_project(stored.document))
        assert told == tame or (told is None and place in ("id", "port"))
    assert still_answers(page)
    page.say("edit", seq=999, base=revision, label="Back", document=circle())
    assert page.hear("saved", "error")["type"] == "saved"


@pytest.mark.parametrize("place", PLACES)
def test_hostile_words_in_a_file_or_a_link_are_refused_or_kept_as_text(ada: Person, page: Page, place: str) -> None:
    for words in WORDS:
        document = circle()
        PLACES[place](document, words)
        page.say("file", document=document)
        answer = page.hear("redirect", "error")
        packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(document).encode(), 9)).decode().rstrip("=")
        if answer["type"] == "error":
            assert_sentence(answer["text"])
            with pytest.raises(Refused):
                pages.open_link(packed)
        else:
            opened = ada.page().open(answer["project"])
            assert opened["readonly"] is False
            assert read_project(opened["document"]).experiment == read_project(document).experiment
            pages.open_link(packed)
    assert still_answers(page)


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_where_a_name_is_expected_are_refused(page: Page, server: Server, words: str) -> None:
    for said in (
        {"type": "template", "kind": words},
        {"type": "dataset", "kind": words},
        {"type": "new", "kind": words},
        {"type": "open", "project": words},
        {"type": "command", "name": words},
        {"type": "explain_cases", "run": words},
        {"type": "explain", "task": words, "run": words, "case": 0, "method": {"kind": words, words: words}},
        {"type": "explain_answer", "task": words, "run": words, "values": []},
        {"type": "edit", "seq": 1, "base": 1, "document": {words: words}},
        {"type": "file", "document": {words: words}},
        {"type": "weight", "node": "hidden", "name": words, "index": [0, 0], "value": 0.0},
        {"type": words or "nothing"},
        {"type": "copy", words: words},
    ):
        page.say(**said)
        assert_sentence(page.hear("error")["text"])
    assert still_answers(page)
    assert not server.engine.all("run_task")


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_as_the_path_of_a_node_reach_no_run_unless_they_could_be_one(
    page: Page, server: Server, words: str
) -> None:
    page.say("weight", node=words, name="weight", index=[0, 0], value=0.5)
    page.say("watch", visible=True, focus={"node": words, "unit": 0})
    assert still_answers(page)
    for refusal in (message for message in page.kept if message["type"] == "error"):
        assert_sentence(refusal["text"])
    for command in server.engine.all("edit_run"):
        assert command.edit["path"] == words
        assert words.replace("_", "").isalnum()
        assert len(words) <= 200


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_as_the_label_of_an_edit_arrive_as_they_are_or_not_at_all(ada: Person, words: str) -> None:
    project = ada.new_project()
    page, other = ada.page(), ada.page("other")
    page.open(project)
    other.open(project)
    page.say("edit", seq=1, base=1, label=words, document={**circle(), "notes": words})
    answer = page.hear("saved", "error")
    if answer["type"] == "saved":
        changed = other.hear("changed")
        assert (changed["label"], changed["document"]["notes"]) == (words, words)
    else:
        assert len(words) > 400 or not words.isprintable()
        assert_sentence(answer["text"])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type": "edit", "seq": 1, "base": 1, "document": ' + '{"a":' * 5_000 + "1" + "}" * 5_001,
        '{"type": "file", "document": ' + '{"a":' * 900 + "1" + "}" * 901,
        '{"type": "file", "document": {"schema": NaN}}',
        '{"type": "file", "document": {"schema": 1e999}}',
        '{"type": "file", "document": {"schema": ' + "9" * 5_000 + "}}",
        '{"type": "file", "document": {"schema": 99}}',
        '{"type": "file", "document": []}',
        '{"type": "weight", "node": "hidden", "name": "weight", "index": [0, 0], "value": 1e999}',
        '{"type": "file", "document": {"notes": "\\ud800"}}',
        "\x00",
        "x" * 300_000,
    ],
    ids=range(12),
)
def test_a_message_that_is_a_trap_is_refused_and_the_page_goes_on(page: Page, text: str) -> None:
    page.link.send(text)
    assert_sentence(page.hear("error")["text"])
    assert still_answers(page)


def test_a_document_with_half_a_character_is_refused(page: Page) -> None:
    for seq, place in enumerate(("title", "notes"), start=1):
        page.say("edit", seq=seq, base=1, label="", document={**circle(), place: "\ud800"})
        assert_sentence(page.hear("error")["text"])
    assert still_answers(page)


def as_sent(page: Page) -> Project:
    """The project in the link that a page is given."""
    page.say("link")
    link = page.hear("link")
    assert link["problem"] is None
    project = read_link(link["text"])
    assert write_link(project) == link["text"]
    return project


def take_in(person: Person, document: Project) -> str:
    """What opening a link does."""
    desk = person.server.service.desk
    return str(person.server.service.call(lambda: desk.take_in(person.owner, document, label="Opened from a link")))


def test_a_link_that_holds_the_network_is_the_same_experiment(ada: Person, bob: Person) -> None:
    theirs, mine = ada.page(), bob.page()
    drawn = read_project(theirs.open(ada.new_project("spiral"))["document"])
    mine.open(take_in(bob, as_sent(theirs)))
    again = as_sent(mine)
    assert again.experiment.fingerprint() == drawn.experiment.fingerprint()
    assert again.experiment.seed == drawn.experiment.seed
    assert again.layout == drawn.layout


def test_whoever_may_look_may_take_the_link_and_changes_nothing_of_the_sharers(
    ada: Person, bob: Person, server: Server
) -> None:
    project = ada.new_project()
    page = bob.page()
    page.open(project)
    made = take_in(bob, as_sent(page))
    assert made != project
    assert bob.page().open(made)["readonly"] is False
    assert ada.page().open(made)["readonly"] is True
    stored = server.service.store.project(project)
    assert stored is not None
    assert (stored.owner, stored.revision) == (ada.owner, 1)


def test_a_drawing_too_large_for_a_link_says_so(page: Page) -> None:
    document = circle()
    document["experiment"]["networks"]["model"]["nodes"] += [
        {"id": f"n{n}", "layer": {"kind": "relu"}, "title": sha256(b"%d" % n).hexdigest()} for n in range(800)
    ]
    page.say("edit", seq=1, base=1, label="Grow", document=document)
    assert page.hear("saved", "error")["type"] == "saved"
    page.say("link")
    link = page.hear("link")
    assert link["text"] is None
    assert "Save a file instead." in link["problem"]
    assert_sentence(link["problem"])


def test_a_link_needs_an_open_project(ada: Person) -> None:
    page = ada.page()
    page.say("link")
    assert page.hear("error")["text"] == "Open a project first."


def test_a_project_without_a_name_gets_one(ada: Person, page: Page) -> None:
    page.say("file", document={**circle(), "title": "  "})
    opened = ada.page().open(page.hear("redirect")["project"])
    assert opened["document"]["title"] == "Untitled"
