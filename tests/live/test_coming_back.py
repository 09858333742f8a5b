"""Reload, reconnect, restart: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.engine import messages as engine
from playground.live import pages
from playground.studio.history import delete_run, list_runs, open_run
from tests.live.people import Person, Server
from tests.live.test_strangers import widened

POINTS = [{"step": step, "epoch": step / 40, "train_loss": 1 / step, "test_accuracy": 0.99} for step in (40, 80, 120)]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    """Servers of one home, one after the other."""
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def start(servers: list[Server], home: Path) -> Server:
    server = Server(home)
    server.start()
    servers.append(server)
    return server


def trained(server: Server, ada: Person) -> tuple[str, str]:
    """A project whose run did 120 steps and was cut off."""
    project = ada.new_project()
    ada.page().open(project)
    run = server.engine.wait_for("start_run").run
    server.engine.trained(run, step=120, state="running", epoch=3, seconds=2.0, parameters=13)
    server.engine.recorder.metrics(run, POINTS)  # type: ignore[arg-type]
    return project, run


def test_a_reload_finds_the_newest_document_and_the_same_run(ada: Person, server: Server) -> None:
    page = ada.page()
    first = page.open(ada.new_project())
    page.say("edit", seq=1, base=1, label="", document=widened(first["document"], "hidden", 5))
    page.hear("saved")
    page.link.close()
    again = ada.page("after F5").open(first["id"])
    assert again["revision"] == 2
    assert again["document"] == widened(first["document"], "hidden", 5)
    assert again["run"]["id"] == first["run"]["id"]
    assert len(server.engine.all("start_run")) == 1


def test_a_run_that_nobody_saw_is_asked_for_again(ada: Person, server: Server) -> None:
    page = ada.page()
    project = page.open(ada.new_project())
    run = project["run"]["id"]
    server.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="paused", step=40, epoch=1))
    page.hear("run")
    other = ada.page("other")
    other.open(project["id"])
    assert server.engine.all("resume_run") == [], "somebody looks: it is there"
    page.link.close()
    other.link.close()
    server.engine.wait_for("unwatch")
    ada.page("later").open(project["id"])
    assert server.engine.wait_for("resume_run").run == run


def test_a_page_without_a_link_comes_back_to_what_was_touched_last(ada: Person, server: Server) -> None:
    service = server.service
    assert service.call(lambda: service.desk.newest(ada.owner)) is None
    old, new = ada.new_project(), ada.new_project("spiral")
    assert service.call(lambda: service.desk.newest(ada.owner)) == new
    page = ada.page()
    document = page.open(old)["document"]
    page.say("edit", seq=1, base=1, label="", document={**document, "title": "Ring"})
    page.hear("saved")
    assert service.call(lambda: service.desk.newest(ada.owner)) == old


def test_a_restarted_server_takes_the_run_up_and_shows_its_curve(servers: list[Server], tmp_path: Path) -> None:
    before = start(servers, tmp_path)
    ada = Person(before)
    project, run = trained(before, ada)
    servers.remove(before)
    before.stop()

    after = start(servers, tmp_path)
    ada.server = after
    page = ada.page()
    opened = page.open(project)
    assert opened["run"] == {
        "type": "run",
        "id": run,
        "state": "interrupted",
        "step": 120,
        "epoch": 3,
        "message": "The server was restarted. It goes on from step 120; Space starts it.",
        "speed": 100,
        "ahead": None,
        "offer": None,
    }
    assert page.hear("metrics") == {"type": "metrics", "run": run, "reset": True, "points": POINTS}
    assert after.engine.wait_for("resume_run").owner == ada.owner
    assert after.engine.all("start_run") == []
    assert after.engine.all("edit_run") == [], "the drawing is the run's own"
    after.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="starting", step=120, epoch=3))
    assert page.hear("run")["state"] == "paused", "its worker comes up; nobody asked it to train yet"
    page.say("command", name="play")
    assert after.engine.wait_for("play").run == run


def test_an_edit_made_while_the_run_was_away_reaches_it_when_it_is_back(servers: list[Server], tmp_path: Path) -> None:
    before = start(servers, tmp_path)
    ada = Person(before)
    project, _ = trained(before, ada)
    document = ada.page("other").open(project)["document"]
    before.engine.recorder.save_project(
        project, ada.owner, base=1, document=widened(document, "hidden", 5), label=""
    ).result(60)
    servers.remove(before)
    before.stop()

    after = start(servers, tmp_path)
    ada.server = after
    ada.page().open(project)
    replaced = after.engine.wait_for("edit_run").edit
    assert widths(replaced["experiment"]) == {"hidden": 5, "last": 1}


def test_a_run_that_was_only_looked_at_is_begun_anew(servers: list[Server], tmp_path: Path) -> None:
    before = start(servers, tmp_path)
    ada = Person(before)
    project = ada.new_project()
    ada.page().open(project)
    before.engine.wait_for("start_run")
    servers.remove(before)
    before.stop()

    after = start(servers, tmp_path)
    ada.server = after
    ada.page().open(project)
    assert after.engine.wait_for("start_run").template == "circle"
    assert after.engine.all("resume_run") == []


def test_the_way_back_is_found_after_a_restart(servers: list[Server], tmp_path: Path) -> None:
    before = start(servers, tmp_path)
    ada = Person(before)
    page = ada.page()
    opened = page.open(ada.new_project())
    page.say("dataset", kind="iris")
    page.say("edit", seq=1, base=1, label="Data: Iris", document=page.hear("propose")["document"])
    page.hear("saved")
    servers.remove(before)
    before.stop()

    after = start(servers, tmp_path)
    ada.server = after
    page = ada.page()
    page.open(opened["id"])
    (note,) = [note for note in page.hear("checked")["diagnostics"] if note["severity"] == "error"]
    assert [fix["label"] for fix in note["fixes"]] == ["Use 3 outputs", "Back to circle"]


def test_an_engine_that_stopped_is_told_and_play_goes_on(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    run = server.engine.wait_for("start_run").run
    sentence = "The engine stopped at step 40. Press Train to go on from the last checkpoint."
    stopped = engine.RunChanged(run=run, owner=ada.owner, state="interrupted", step=40, epoch=1, message=sentence)
    server.engine.say(stopped)
    told = page.hear("run")
    assert (told["state"], told["step"], told["message"]) == ("interrupted", 40, sentence)
    page.say("command", name="play")
    assert (server.engine.wait_for("play").run, server.engine.all("play")[-1].owner) == (run, ada.owner)


# ---- the list of runs -----------------------------------------------------------------------------------------


def test_the_list_holds_what_was_trained_and_nothing_of_others(ada: Person, bob: Person, server: Server) -> None:
    project, run = trained(server, ada)
    bob.page().open(bob.new_project())
    server.engine.recorder.save_project(project, ada.owner, base=0, document={"title": "Ring"}).result(60)
    (entry,) = list_runs(server.service.store, ada.owner)
    assert {key: entry[key] for key in ("id", "name", "data", "state", "score", "steps", "parameters")} == {
        "id": run,
        "name": "Ring",
        "data": "Circle",
        "state": "running",
        "score": "99.0 % right",
        "steps": 120,
        "parameters": 13,
    }
    assert entry["curve"] == [round(1 / step, 6) for step in (40, 80, 120)]
    assert list_runs(server.service.store, bob.owner) == [], "a run that was only looked at is none yet"


def test_a_run_is_opened_and_deleted_by_its_owner_only(ada: Person, bob: Person, server: Server) -> None:
    project, run = trained(server, ada)
    server.engine.recorder.save_project("x" * 20, bob.owner, base=0, document={}).result(60)
    service = server.service
    assert service.call(lambda: open_run(service.desk, service.store, bob.owner, run)) is None
    assert delete_run(server.engine, service.store, bob.owner, run) == "There is no such run."  # type: ignore[arg-type]
    assert service.call(lambda: open_run(service.desk, service.store, ada.owner, run)) == project


def test_a_project_whose_run_was_deleted_begins_a_new_one(
    ada: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, run = trained(server, ada)
    monkeypatch.setattr("playground.live.pages.find_service", lambda: server.service)
    monkeypatch.setattr("playground.live.pages.current_owner", lambda: ada.owner)
    assert [entry["id"] for entry in pages.my_runs()] == [run]
    assert pages.delete_my_run(run) is None
    assert pages.my_runs() == []
    assert ada.page("again").open(project)["run"]["id"] not in (None, run)


def test_a_run_whose_project_shows_another_one_gets_a_project_of_its_own(ada: Person, server: Server) -> None:
    project, run = trained(server, ada)
    server.engine.send(
        engine.StartRun(
            run="newer", owner=ada.owner, project=project, experiment=server.engine.all("start_run")[0].experiment
        )
    )
    service = server.service
    opened = service.call(lambda: open_run(service.desk, service.store, ada.owner, run, go_on=True))
    assert opened not in (None, project)
    assert server.engine.wait_for("play").run == run
    page = ada.page()
    shown = page.open(str(opened))
    assert (shown["run"]["id"], shown["document"]["title"]) == (run, "Circle")


def widths(experiment: dict[str, Any]) -> dict[str, int]:
    return {n["id"]: n["layer"]["units"] for n in experiment["networks"]["model"]["nodes"] if "units" in n["layer"]}
