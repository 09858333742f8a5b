"""Blocks over the socket: what they draw, and those a person keeps for all projects."""

from __future__ import annotations

from typing import Any

from playground.runs.blocks import MOST
from playground.runs.store import Store
from tests.live.people import WAIT, Page, Person, Server

DRAWING = {
    "nodes": [
        {"id": "input", "layer": {"kind": "input"}},
        {"id": "inner", "layer": {"kind": "dense", "units": 3}},
        {"id": "output", "layer": {"kind": "output"}},
    ],
    "edges": [{"source": "input", "target": "inner"}, {"source": "inner", "target": "output"}],
}
BLOCK = {"kind": "block", "drawing": DRAWING, "repeat": 1}


def with_node(document: dict[str, Any], layer: dict[str, Any], *, wired: bool = True) -> dict[str, Any]:
    """The opening network with one more node behind its input."""
    network = document["experiment"]["networks"]["model"]
    edges = [{**edge, "source": "new"} if edge["source"] == "input" else edge for edge in network["edges"]]
    into = [{"source": "input", "target": "new"}] if wired else []
    changed = {"nodes": [*network["nodes"], {"id": "new", "layer": layer}], "edges": [*into, *edges]}
    return {**document, "experiment": {**document["experiment"], "networks": {"model": changed}}}


def save(page: Page, project: dict[str, Any], document: dict[str, Any]) -> None:
    page.say("edit", seq=1, base=project["revision"], label="Block", document=document)
    page.hear("saved")


def inside(page: Page, path: str) -> dict[str, Any]:
    page.say("inside", path=path)
    return page.hear("inside")


def test_what_a_block_draws_is_told_to_anybody_who_may_look(ada: Person, bob: Person) -> None:
    page, id = ada.page(), ada.new_project()
    project = page.open(id)
    save(page, project, with_node(project["document"], {**BLOCK, "repeat": 2}))
    told = inside(page, "new")
    assert [node["id"] for node in told["network"]["nodes"]] == ["input", "inner", "output"]
    assert told["alike"]
    other = bob.page()
    other.open(id)
    assert inside(other, "new")["network"] == told["network"]


def test_repetitions_that_do_not_draw_the_same_are_told_so(ada: Person) -> None:
    page = ada.page()
    project = page.open(ada.new_project("digits-mlp"))
    block = {"kind": "residual_block", "channels": 4, "repeat": 2}
    save(page, project, with_node(project["document"], block))
    told = inside(page, "new")
    assert "match" in [node["id"] for node in told["network"]["nodes"]]
    assert not told["alike"]


def test_a_block_that_does_not_know_what_arrives_or_is_none_draws_nothing(ada: Person) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    save(page, project, with_node(project["document"], {"kind": "residual_block"}))
    assert inside(page, "new")["network"] is None
    assert inside(page, "hidden")["network"] is None
    assert inside(page, "new.conv1.nothing")["network"] is None


def test_a_kept_block_is_there_in_every_project_and_after_a_restart(ada: Person, bob: Person, server: Server) -> None:
    first, second, stranger = ada.page(), ada.page(), bob.page()
    for page, who in ((first, ada), (second, ada), (stranger, bob)):
        page.open(who.new_project())
        assert page.hear("blocks")["blocks"] == []
        page.hear("checked")
    first.say("keep_block", title="Pair", layer=BLOCK)
    (kept,) = first.hear("blocks")["blocks"]
    assert (kept["title"], kept["layer"]["kind"]) == ("Pair", "block")
    assert second.hear("blocks")["blocks"] == [kept]
    stranger.say("link")
    stranger.hear("link")
    assert not [message for message in stranger.kept if message["type"] == "blocks"]
    assert [block.id for block in Store(server.home).blocks(ada.owner)] == [kept["id"]]

    first.say("keep_block", title="Pair", layer={**BLOCK, "repeat": 3})
    (changed,) = first.hear("blocks")["blocks"]
    assert (changed["id"], changed["layer"]["repeat"]) == (kept["id"], 3)
    stranger.say("drop_block", block=kept["id"])
    assert stranger.hear("error")["text"] == "There is no such block."
    first.say("drop_block", block=kept["id"])
    assert first.hear("blocks")["blocks"] == []


def test_only_blocks_are_kept_and_not_without_end(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    page.say("keep_block", title="Dense", layer={"kind": "dense"})
    assert page.hear("error")["text"] == "Only a block can be kept. Group the layers into one first."
    page.say("keep_block", title="Odd", layer={"kind": "block", "drawing": {"nodes": 3}})
    assert page.hear("error")["text"].startswith("This block cannot be kept: ")
    recorder = server.engine.recorder
    for number in range(MOST):
        recorder.keep_block(f"b{number}", ada.owner, title=f"Block {number}", layer=BLOCK).result(WAIT)
    page.say("keep_block", title="One more", layer=BLOCK)
    assert page.hear("error")["text"] == (
        "You keep 100 blocks; 100 are allowed. Forget one in the palette, then save this one."
    )


def test_the_engine_is_told_which_blocks_are_open_all_viewers_together(ada: Person, server: Server) -> None:
    one, two, id = ada.page(), ada.page(), ada.new_project()
    for page in (one, two):
        page.open(id)
    one.say("watch", visible=True, inside="encoder[0]")
    two.say("watch", visible=True, inside="decoder")
    server.engine.wait_for("watch", lambda command: command.inside == ["decoder", "encoder[0]"])
    two.say("watch", visible=False, inside="decoder")
    server.engine.wait_for("watch", lambda command: command.inside == ["encoder[0]"])
