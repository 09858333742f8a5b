"""One page talks to the server: every message of docs/protocol.md."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from playground.engine import messages as engine
from tests.live.people import Page, Person, Server


def units(document: dict[str, Any], id: str, number: int) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    node = next(n for n in changed["experiment"]["networks"]["model"]["nodes"] if n["id"] == id)
    node["layer"]["units"] = number
    return changed


def edit(
    page: Page, project: dict[str, Any], document: dict[str, Any], *, base: int | None = None, label: str = ""
) -> Any:
    base = project["revision"] if base is None else base
    page.say("edit", seq=1, base=base, label=label, document=document)
    return page.hear("saved", "error")


def test_opening_a_project_answers_with_everything_to_draw_the_page(ada: Person) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    assert project["type"] == "project"
    assert project["readonly"] is False
    assert project["revision"] == 1
    assert project["document"]["title"] == "Circle"
    assert {"layers", "datasets", "losses", "optimizers"} <= set(project["catalogue"])
    assert "circle" in {entry["kind"] for entry in project["templates"]}
    assert set(project["glossary"]) == {"loss", "epoch", "batch", "learning rate", "unit", "weight", "boundary"}
    checked = page.hear("checked")
    assert checked["nodes"]["hidden"] == {**checked["nodes"]["hidden"], "shape": [3], "parameters": 9}
    assert checked["total"]["parameters"] == 13
    assert checked["facts"]["samples"] == {"train": 400, "validation": 0, "test": 100}
    assert checked["diagnostics"] == []


def test_looking_at_a_project_makes_its_run_and_asks_for_pictures(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    start = server.engine.wait_for("start_run")
    assert start.owner == ada.owner
    assert (start.project, start.template) == (project["id"], "circle")
    assert project["run"] == {
        "type": "run",
        "id": start.run,
        "state": "idle",
        "step": 8000,
        "epoch": 200,
        "message": None,
        "speed": 100,
        "ahead": None,
        "offer": None,
    }
    assert server.engine.wait_for("watch").run == start.run


def test_an_unknown_project_is_refused_with_a_sentence(ada: Person) -> None:
    answer = ada.page().open("no-such-project")
    assert answer == {
        "type": "error",
        "text": "There is no such project. It may have been deleted, or the link is not complete.",
    }


def test_an_edit_is_saved_then_checked_and_reaches_the_run(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    page.hear("checked")
    assert edit(page, project, units(project["document"], "hidden", 4)) == {"type": "saved", "seq": 1, "revision": 2}
    assert page.hear("checked")["total"]["parameters"] == 17
    replaced = server.engine.wait_for("edit_run")
    assert replaced.revision == 2
    assert replaced.edit["type"] == "replace"
    stored = server.service.store.project(project["id"])
    assert stored is not None
    assert stored.document == units(project["document"], "hidden", 4)


def test_moving_a_node_or_a_new_title_does_not_reach_the_run(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    moved = copy.deepcopy(project["document"])
    moved["title"] = "Ring"
    moved["layout"]["nodes"]["hidden"] = {"x": 1, "y": 2}
    moved["experiment"]["networks"]["model"]["nodes"][1]["title"] = "Adders"
    edit(page, project, moved)
    page.say("command", name="play")
    server.engine.wait_for("play")
    assert server.engine.all("edit_run") == []


def test_a_wrong_drawing_is_saved_and_checked_and_kept_from_the_run(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    page.hear("checked")
    run = server.engine.wait_for("start_run").run
    server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="running", step=40, epoch=1))
    page.hear("run")
    wrong = copy.deepcopy(project["document"])
    wrong["experiment"]["networks"]["model"]["edges"].pop(0)
    assert edit(page, project, wrong)["revision"] == 2
    assert any(note["severity"] == "error" for note in page.hear("checked")["diagnostics"])
    server.engine.wait_for("pause")
    server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="paused", step=44, epoch=1))
    assert page.hear("run")["message"] == (
        "Paused at step 44: the drawing has an error. It goes on when that is put right."
    )
    assert server.engine.all("edit_run") == []
    page.say("command", name="play")
    assert page.hear("toast")["level"] == "warn"
    page.say("edit", seq=2, base=2, label="Fix", document=project["document"])
    page.hear("saved")
    server.engine.wait_for("play")
    assert server.engine.all("edit_run") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(extra=1), "no setting 'extra'"),
        (lambda d: d["experiment"]["networks"]["model"]["nodes"][1].update(id="a b"), "is not an id"),
        (lambda d: d["experiment"]["networks"]["model"]["nodes"][1]["layer"].update(kind="__class__"), "There is no"),
        (lambda d: d["experiment"]["training"].update(batch_size=0), "batch_size"),
        (lambda d: d.update(schema=99), "schema"),
        (lambda d: d.pop("experiment"), "needs 'experiment'"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused_with_one_sentence(ada: Person, change: Any, words: str) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    broken = copy.deepcopy(project["document"])
    change(broken)
    answer = edit(page, project, broken)
    assert answer["type"] == "error"
    assert words in answer["text"]
    assert page.open(project["id"])["revision"] == 1


def test_play_pause_step_epoch_speed_and_rewind_reach_the_engine(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    run = server.engine.wait_for("start_run").run
    page.say("command", name="play")
    page.say("command", name="step")
    page.say("command", name="epoch")
    page.say("command", name="pause")
    page.say("command", name="speed", value=20)
    page.say("command", name="speed", value=None)
    page.say("command", name="rewind")
    rewound = server.engine.wait_for("edit_run")
    assert rewound.edit == {"type": "rewind", "step": 0}
    assert [(c.steps, c.epochs) for c in server.engine.all("play")] == [(None, None), (1, None), (None, 1)]
    assert [c.steps_per_second for c in server.engine.all("set_speed")] == [100, 20, None]
    assert {c.run for c in server.engine.told} == {run}
    assert {c.owner for c in server.engine.told if hasattr(c, "owner") and c.type not in ("watch", "unwatch")} == {
        ada.owner
    }


def test_a_weight_is_written_by_hand(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    page.say("weight", node="hidden", name="weight", index=[0, 1], value=-1.3)
    assert server.engine.wait_for("edit_run").edit == {
        "type": "write_weight",
        "path": "hidden",
        "name": "weight",
        "index": [0, 1],
        "value": -1.3,
    }


def test_the_first_page_shows_a_trained_network_before_any_worker_is_up(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    assert project["opening"].startswith("This is a neural network.")
    assert server.engine.wait_for("start_run").weights == "opening/circle"
    curve = page.hear("metrics")
    assert (curve["run"], curve["reset"]) == (project["run"]["id"], True)
    assert curve["points"][-1]["test_accuracy"] > 0.95
    while len(page.shipped) < 2:
        page._frame(page.link.recv(timeout=60))  # type: ignore[arg-type]
    run = project["run"]["id"]
    server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="paused", step=8000, epoch=200))
    told = page.hear("run")
    assert (told["state"], told["message"]) == ("idle", None), "nobody has trained it here"
    page.say("command", name="play")
    server.engine.wait_for("play")
    assert page.open(project["id"])["opening"] is None


def test_a_network_of_ones_own_does_not_claim_to_be_trained(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project("spiral"))
    assert project["opening"] is None
    assert server.engine.wait_for("start_run").weights is None


def test_the_words_follow_the_run(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    run = server.engine.wait_for("start_run").run

    def becomes(state: str, step: int) -> dict[str, Any]:
        server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state=state, step=step, epoch=step // 25))  # type: ignore[arg-type]
        return page.hear("run")

    assert (becomes("starting", 0)["state"], becomes("paused", 0)["state"]) == ("idle", "idle")
    page.say("command", name="play")
    server.engine.wait_for("play")
    assert becomes("starting", 0)["state"] == "starting"
    assert becomes("running", 0)["message"] is None
    assert becomes("paused", 840)["message"] == "Paused at step 840. Space goes on."
    point = {"step": 5000, "epoch": 200, "train_loss": 0.01, "test_loss": 0.021, "test_accuracy": 0.992}
    server.engine.say(engine.Metrics(run=run, points=[point]))
    assert page.hear("metrics") == {"type": "metrics", "run": run, "reset": False, "points": [point]}
    assert becomes("finished", 5000)["message"] == "Step 5,000 · loss 0.02 · 99 of 100 test points right"


def test_an_added_layer_says_what_became_of_the_weights(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    run = server.engine.wait_for("start_run").run
    server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="running", step=100, epoch=4))
    page.hear("run")
    document = copy.deepcopy(project["document"])
    network = document["experiment"]["networks"]["model"]
    dense = {"kind": "dense", "units": 3, "bias": True, "activation": {"kind": "tanh"}}
    network["nodes"].insert(2, {"id": "dense", "layer": dense, "title": None})
    wire = {"source_port": "out", "target_port": "in"}
    network["edges"] = [e for e in network["edges"] if e["source"] != "hidden"]
    network["edges"] += [{"source": "hidden", "target": "dense", **wire}, {"source": "dense", "target": "last", **wire}]
    edit(page, project, document)
    asked = server.engine.wait_for("edit_run").edit
    server.engine.say(engine.LedgerGrew(run=run, step=101, edit=asked, kept=13, new=12))
    assert page.hear("toast") == {
        "type": "toast",
        "level": "note",
        "text": "Dense added. 13 of 25 weights were kept; the 12 new ones are outlined.",
    }


def test_a_template_and_other_data_are_proposed_not_done(ada: Person) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    page.say("template", kind="spiral")
    proposed = page.hear("propose")
    assert proposed["document"]["experiment"]["data"]["dataset"]["kind"] == "spiral"
    page.say("dataset", kind="iris")
    proposed = page.hear("propose")
    assert proposed["label"] == "Data: Iris"
    assert proposed["document"]["experiment"]["networks"] == project["document"]["experiment"]["networks"]
    assert proposed["document"]["experiment"]["objective"]["loss"]["kind"] == "cross_entropy"
    assert page.open(project["id"])["revision"] == 1


def test_data_of_three_kinds_on_an_output_of_one_number_offer_both_ways_out(ada: Person) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    page.say("dataset", kind="iris")
    page.hear("checked")
    document = page.hear("propose")["document"]
    edit(page, project, document)
    (note,) = [note for note in page.hear("checked")["diagnostics"] if note["severity"] == "error"]
    assert note["message"] == "The data have 3 kinds of iris. This output has 1 number, enough for 2 kinds."
    assert [fix["label"] for fix in note["fixes"]] == ["Use 3 outputs", "Back to circle"]
    back = {op["path"]: op["value"] for op in note["fixes"][1]["ops"]}
    experiment = project["document"]["experiment"]
    assert back == {path: experiment[path] for path in ("data", "objective", "metrics")}


def test_start_over_proposes_the_template_and_rewinds_with_the_edit(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    edit(page, project, units(project["document"], "hidden", 8))
    page.say("command", name="start_over")
    proposed = page.hear("propose")
    assert (proposed["label"], proposed["document"]) == ("Start over", project["document"])
    page.say("edit", seq=2, base=2, label="Start over", document=proposed["document"])
    page.hear("saved")
    server.engine.wait_for("edit_run", lambda c: c.edit["type"] == "rewind")
    assert [c.edit["type"] for c in server.engine.all("edit_run")] == ["replace", "replace", "rewind"]


def test_new_and_copy_redirect_to_a_project_of_ones_own(ada: Person) -> None:
    page = ada.page()
    first = page.open(ada.new_project())
    page.say("copy")
    copied = page.open(page.hear("redirect")["project"])
    assert copied["id"] != first["id"]
    assert copied["document"] == first["document"]
    assert copied["readonly"] is False
    page.say("new", kind="spiral")
    assert page.open(page.hear("redirect")["project"])["document"]["title"] == "Spiral"


def test_ones_own_projects_are_listed_the_last_one_first(ada: Person, bob: Person) -> None:
    bob.new_project()
    mine = [ada.new_project(), ada.new_project("spiral")]
    page = ada.page()
    page.say("projects")
    listed = page.hear("projects")["projects"]
    assert [(one["id"], one["title"]) for one in listed] == [(mine[1], "Spiral"), (mine[0], "Circle")]
    assert listed[0]["updated"] >= listed[1]["updated"] > 0


def test_what_is_no_message_is_refused_and_the_talk_goes_on(ada: Person) -> None:
    page = ada.page()
    for text in ("", "[]", "{", '{"type": "open"}', '{"type": "fly"}', '{"type": "open", "project": 3}', "[" * 50_000):
        page.link.send(text)
        assert page.hear("error")["text"]
    page.link.send(
        json.dumps({"type": "weight", "node": "n", "name": "weight", "index": [0], "value": 1}).replace("1", "NaN")
    )
    assert page.hear("error")["text"]
    page.link.send(b"\x00\x01")
    assert page.hear("error")["text"] == "Only text messages are understood."
    assert page.open(ada.new_project())["type"] == "project"


def test_a_message_over_256_kb_is_refused(ada: Person) -> None:
    page = ada.page()
    page.say("edit", seq=1, base=0, document={"notes": "x" * 262_144})
    assert "256 KB" in page.hear("error")["text"]


def test_a_flood_is_refused_and_in_the_end_cut_off(ada: Person) -> None:
    page = ada.page()
    page.open(ada.new_project())
    try:
        for _ in range(100_000):  # a busy server takes longer to find it too much
            page.link.send('{"type": "watch", "visible": true}')
    except Exception:
        assert page.link.close_code == 1008
    assert page.close_code() == 1008
