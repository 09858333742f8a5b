"""Another person's browser: it may look at a project whose link it has, and nothing else."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from playground.engine import messages as engine
from tests.live.people import Page, Person, Server

UNKNOWN = "There is no such project. It may have been deleted, or the link is not complete."


def frame(name: str = "frame") -> bytes:
    header = f'{{"type": "{name}", "arrays": []}}'.encode()
    header += b" " * (-len(header) % 4)
    return struct.pack("<I", len(header)) + header


def test_a_stranger_gets_a_read_only_view_without_the_run(ada: Person, bob: Person, server: Server) -> None:
    project = ada.new_project()
    mine = ada.page().open(project)
    seen = bob.page().open(project)
    assert seen["readonly"] is True
    assert seen["document"] == mine["document"]
    assert seen["run"] is None
    assert len(server.engine.all("start_run")) == 1


def test_a_stranger_alone_starts_no_run(ada: Person, bob: Person, server: Server) -> None:
    page = bob.page()
    page.open(ada.new_project())
    page.hear("checked")
    page.say("watch", visible=True)
    assert page.silent()
    assert server.engine.told == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "edit", "seq": 1, "base": 1, "document": {}},
        *({"type": "command", "name": n} for n in ("play", "pause", "step", "epoch", "rewind", "start_over")),
        {"type": "command", "name": "speed", "value": 3},
        {"type": "weight", "node": "hidden", "name": "weight", "index": [0, 0], "value": 1.0},
        {"type": "template", "kind": "spiral"},
        {"type": "dataset", "kind": "iris"},
    ],
    ids=lambda message: str(message.get("name", message["type"])),
)
def test_whatever_a_stranger_asks_of_a_project_is_answered_like_an_unknown_id(
    ada: Person, bob: Person, server: Server, message: dict[str, Any]
) -> None:
    project = ada.new_project()
    ada.page().open(project)
    server.engine.wait_for("watch")
    told = list(server.engine.told)
    page = bob.page()
    page.open(project)
    page.say(**message)
    assert page.hear("error")["text"] == UNKNOWN
    assert page.open("unknown-project")["text"] == UNKNOWN
    assert server.engine.told == told
    stored = server.service.store.project(project)
    assert stored is not None
    assert stored.revision == 1


def test_a_stranger_hears_nothing_of_the_run_and_sees_no_frame(ada: Person, bob: Person, server: Server) -> None:
    project = ada.new_project()
    mine, theirs = ada.page(), bob.page()
    mine.open(project)
    theirs.open(project)
    theirs.hear("checked")
    run = server.engine.wait_for("start_run").run
    server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="running", step=1, epoch=0))
    server.engine.say(engine.Metrics(run=run, points=[{"step": 1, "epoch": 0}]))
    server.engine.say(engine.Frame(run=run, step=1), frame())
    mine.hear("run")
    mine.hear("metrics")
    assert mine.hear_frame() == frame()
    assert theirs.silent()


def test_a_stranger_sees_the_drawing_change(ada: Person, bob: Person) -> None:
    project = ada.new_project()
    mine, theirs = ada.page(), bob.page()
    document = mine.open(project)["document"]
    theirs.open(project)
    mine.say("edit", seq=1, base=1, label="Rename", document={**document, "title": "Ring"})
    changed = theirs.hear("changed")
    assert (changed["document"]["title"], changed["conflicts"]) == ("Ring", [])
    assert theirs.hear("checked")["revision"] == 2


def test_a_copy_belongs_to_who_made_it(ada: Person, bob: Person, server: Server) -> None:
    project = ada.new_project()
    page = bob.page()
    document = page.open(project)["document"]
    page.say("copy")
    copied = page.hear("redirect")["project"]
    opened = page.open(copied)
    assert (opened["readonly"], opened["document"]) == (False, document)
    assert [entry.id for entry in server.service.store.projects(bob.owner)] == [copied]
    assert [entry.id for entry in server.service.store.projects(ada.owner)] == [project]
    assert ada.page().open(copied)["readonly"] is True


def test_two_tabs_of_one_person_are_told_of_each_other(ada: Person) -> None:
    project = ada.new_project()
    one, other = ada.page("one"), ada.page("other")
    document = one.open(project)["document"]
    other.open(project)
    one.say("edit", seq=1, base=1, label="Widen", document=widened(document, "hidden", 5))
    one.hear("saved")
    changed = other.hear("changed")
    assert (changed["revision"], changed["label"], changed["conflicts"]) == (2, "Widen", [])
    # The other tab did not know yet: other node, both are kept.
    other.say("edit", seq=1, base=1, label="Narrow", document=widened(document, "last", 2))
    assert other.hear("saved")["revision"] == 3
    merged = other.hear("changed")["document"]
    assert merged == one.hear("changed")["document"]
    assert widths(merged) == {"hidden": 5, "last": 2}


def test_on_the_same_node_the_later_tab_wins_and_the_other_is_told(ada: Person) -> None:
    project = ada.new_project()
    one, other = ada.page("one"), ada.page("other")
    document = one.open(project)["document"]
    other.open(project)
    one.say("edit", seq=1, base=1, label="", document=widened(document, "hidden", 5))
    one.hear("saved")
    other.say("edit", seq=1, base=1, label="", document=widened(document, "hidden", 7))
    other.hear("saved")
    changed = one.hear("changed")
    assert changed["conflicts"] == ["hidden"]
    assert widths(changed["document"])["hidden"] == 7


def widened(document: dict[str, Any], id: str, units: int) -> dict[str, Any]:
    (network,) = document["experiment"]["networks"].values()
    nodes = [{**n, "layer": {**n["layer"], "units": units}} if n["id"] == id else n for n in network["nodes"]]
    return {**document, "experiment": {**document["experiment"], "networks": {"model": {**network, "nodes": nodes}}}}


def widths(document: dict[str, Any]) -> dict[str, int]:
    nodes = document["experiment"]["networks"]["model"]["nodes"]
    return {n["id"]: n["layer"]["units"] for n in nodes if "units" in n["layer"]}


# ---- who may connect at all -----------------------------------------------------------------------------------


def refused(server: Server, **how: Any) -> bool:
    return Page(server.connect(**how)).close_code() == 4401


def test_no_token_wrong_token_foreign_token_are_told_not_to_come_back(ada: Person, bob: Person, server: Server) -> None:
    assert refused(server, token="x" * 32, secret=ada.secret)
    assert refused(server, token=ada.token(), secret=bob.secret)
    assert refused(server, token=ada.token(), secret=None)
    assert refused(server, token=ada.token(), secret="not-one-of-ours")
    with pytest.raises(Exception, match="403"):
        server.connect(token=None, secret=ada.secret)
    assert ada.page().open("x")["type"] == "error"


def test_a_token_ends_two_minutes_after_its_page(ada: Person, server: Server) -> None:
    token = ada.token("gone")
    server.dead_sessions.add(f"{ada.owner}-gone")
    server.clock = 100.0  # a network failure, the page comes back
    assert Page(server.connect(token=token, secret=ada.secret)).open("x")["type"] == "error"
    server.clock = 130.0
    assert refused(server, token=token, secret=ada.secret)
    assert len(server.service.tokens) == 0


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "file://", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_may_not_connect(ada: Person, server: Server, origin: str | None) -> None:
    assert refused(server, token=ada.token(), secret=ada.secret, origin=origin)


def test_a_refused_origin_is_explained_in_the_log(
    ada: Person, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    refused(server, token=ada.token(), secret=ada.secret, origin="http://evil.example")
    assert "a page from 'http://evil.example' asked '127.0.0.1:" in caplog.text


def test_host_name_and_address_are_both_our_own(ada: Person) -> None:
    assert ada.page(host="127.0.0.1").open("x")["type"] == "error"
    assert ada.page(host="localhost").open("x")["type"] == "error"


def test_an_origin_can_be_allowed_by_the_operator(ada: Person, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ORIGINS", "https://nn.school.example https://other.example")
    assert ada.page(origin="https://nn.school.example").open("x")["type"] == "error"


def test_the_list_of_projects_is_ones_own(ada: Person, bob: Person) -> None:
    mine = [ada.new_project(), ada.new_project("spiral")]
    for person, expected in ((ada, mine), (bob, [])):
        page = person.page()
        page.say("projects")
        listed = page.hear("projects")["projects"]
        assert {project["id"] for project in listed} == set(expected)
        assert all(set(project) == {"id", "title", "updated"} for project in listed)
