"""What people see and press when one machine is shared, with an engine that only pretends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playground.engine import messages as engine
from playground.live import operator
from tests.live.people import WAIT, Page, Person, Server

SLOW = engine.Measured(flops_per_second=1e6, seconds_per_step=1e-3)
"""A machine on which the circle's 8,000 steps take some 13 s, and 100 times as many a while."""


@pytest.fixture
def shared(server: Server) -> Server:
    """A server on a machine that several people share."""
    server.service.desk.machine.shared = True
    server.service.desk.machine.measured = SLOW
    return server


def opened(person: Person, kind: str = "circle", session: str = "page") -> tuple[Page, dict[str, Any]]:
    page = person.page(session)
    project = page.open(person.new_project(kind))
    return page, project


def edit(
    page: Page, project: dict[str, Any], *, base: int | None = None, label: str = "Epochs", **training: int
) -> None:
    document = project["document"]
    document["experiment"]["training"] |= training
    page.say("edit", seq=1, base=base or project["revision"], label=label, document=document)


def hear_offer(page: Page) -> dict[str, Any]:
    while True:
        message = page.hear("run")
        if message["offer"] is not None:
            return message


def refuse(server: Server, run: str, code: str, **fields: Any) -> None:
    refused = engine.Refused(about=run, command="play", message="No.", code=code, **fields)  # type: ignore[arg-type]
    server.engine.say(refused)


def test_a_short_run_is_trained_without_a_word(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    page.say("command", name="play")
    play = shared.engine.wait_for("play")
    assert (play.run, play.when_free, play.instead) == (project["run"]["id"], False, False)


def test_a_long_run_is_offered_a_small_version_or_the_queue_and_is_not_trained(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    edit(page, project, epochs=40_000)
    page.hear("saved")
    page.say("command", name="play")
    message = hear_offer(page)
    assert message["offer"]["text"] == (
        "This run needs about 25 min of this machine. Start a small version, or queue it."
    )
    assert [button["how"] for button in message["offer"]["buttons"]] == ["small", "queue"]
    assert page.silent()
    assert shared.engine.all("play") == []
    page.say("command", name="play", how="instead")
    assert hear_offer(page), "no way around the question"
    page.say("command", name="play", how="now")
    assert hear_offer(page)
    assert shared.engine.all("play") == []
    page.say("command", name="play", how="queue")
    assert shared.engine.wait_for("play").when_free
    assert page.hear("run")["offer"] is None


def test_alone_on_a_machine_nobody_is_asked(ada: Person, shared: Server) -> None:
    shared.service.desk.machine.shared = False
    page, project = opened(ada)
    edit(page, project, epochs=90_000)
    page.say("command", name="play")
    shared.engine.wait_for("play")


def test_one_update_of_a_long_run_needs_no_question(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    edit(page, project, epochs=90_000)
    page.say("command", name="step")
    assert shared.engine.wait_for("play").steps == 1


def test_a_small_version_goes_through_the_history_of_the_page_and_then_trains(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    edit(page, project, epochs=40_000)
    page.say("command", name="play")
    hear_offer(page)
    page.say("command", name="play", how="small")
    proposal = page.hear("propose")
    epochs = proposal["document"]["experiment"]["training"]["epochs"]
    assert 1 <= epochs < 40_000
    assert f"{epochs:,} epochs instead of 40,000" in page.hear("toast")["text"]
    assert shared.engine.all("play") == [], "not before the page has taken it"
    page.say("edit", seq=2, base=2, label=proposal["label"], document=proposal["document"])
    assert not shared.engine.wait_for("play").when_free
    changed = shared.engine.wait_for("edit_run", lambda c: c.edit["experiment"]["training"]["epochs"] == epochs)
    assert shared.engine.told.index(changed) < shared.engine.told.index(shared.engine.all("play")[0])


def test_a_running_run_that_is_made_long_pauses_and_asks(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    run = project["run"]["id"]
    page.say("command", name="play")
    shared.engine.wait_for("play")
    shared.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="running", step=10, epoch=0))
    page.hear("run")
    edit(page, project, epochs=40_000)
    assert "about 25 min" in hear_offer(page)["offer"]["text"]
    assert shared.engine.wait_for("pause").run == run
    edit(page, project, base=2, label="Shorter", epochs=100)
    assert page.hear("run")["offer"] is None, "answered by making it short again"


def test_a_run_that_began_before_anything_was_known_is_asked_about_as_soon_as_it_is(
    ada: Person, shared: Server
) -> None:
    shared.service.desk.machine.measured = None
    page, project = opened(ada)
    edit(page, project, epochs=40_000)
    page.say("command", name="play")
    run = shared.engine.wait_for("play").run
    shared.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="running", step=10, epoch=0))
    page.hear("run")
    assert shared.engine.all("pause") == []
    shared.engine.pong = shared.engine.pong.model_copy(update={"measured": SLOW})
    assert "about 25 min" in hear_offer(page)["offer"]["text"]
    assert shared.engine.wait_for("pause").run == run


def test_a_run_out_of_the_queue_may_be_made_longer(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    page.say("command", name="play", how="queue")
    shared.engine.wait_for("play")
    shared.engine.say(engine.RunChanged(run=project["run"]["id"], owner=ada.owner, state="running", step=10, epoch=0))
    edit(page, project, epochs=40_000)
    page.hear("saved")
    assert page.silent() or all(m.get("offer") is None for m in page.kept)
    assert shared.engine.all("pause") == []


def test_a_second_run_is_offered_in_place_of_the_first_by_its_name(ada: Person, bob: Person, shared: Server) -> None:
    first, other = opened(ada)
    first.say("edit", seq=1, base=1, label="Rename", document={**other["document"], "title": "<b>Mine</b>"})
    first.hear("saved")
    page, project = opened(ada, session="second")
    page.say("command", name="play")
    shared.engine.wait_for("play")
    refuse(shared, project["run"]["id"], "one_run", other=other["run"]["id"])
    message = hear_offer(page)
    assert message["offer"]["text"] == (
        "Your run “<b>Mine</b>” is training. One run a person at a time on this server."
    )
    assert (message["state"], message["step"]) == ("idle", 8000), "it shows what it showed before"
    page.say("command", name="play", how="instead")
    assert shared.engine.wait_for("play", lambda c: c.instead).run == project["run"]["id"]

    foreign, theirs = opened(bob)
    foreign.say("command", name="play")
    refuse(shared, theirs["run"]["id"], "one_run", other=other["run"]["id"])
    assert hear_offer(foreign)["offer"]["text"].startswith("Another run of yours"), "never a title of somebody else"


def test_a_queued_run_says_its_place_and_can_leave(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    run = project["run"]["id"]
    page.say("command", name="play", how="queue")
    shared.engine.wait_for("play")
    shared.engine.say(engine.RunChanged(run=run, owner=ada.owner, state="queued", step=0, epoch=0, ahead=2))
    message = page.hear("run")
    while message["state"] != "queued":
        message = page.hear("run")
    assert (message["ahead"], message["message"]) == (2, "Queued: 2 runs are before it.")
    page.say("command", name="pause")
    assert shared.engine.wait_for("pause").run == run


def test_a_pause_that_nobody_saw_keeps_its_sentence(ada: Person, shared: Server) -> None:
    page, project = opened(ada)
    unseen = "It paused at step 50, because nobody looked for 2 min. Space goes on."
    paused = engine.RunChanged(
        run=project["run"]["id"], owner=ada.owner, state="paused", step=50, epoch=1, message=unseen
    )
    page.say("command", name="play")
    shared.engine.wait_for("play")
    shared.engine.say(paused)
    shared.engine.say(paused.model_copy(update={"message": None}))
    assert [page.hear("run")["message"] for _ in range(2)][-1] == unseen


def test_a_hold_is_told_to_everyone_and_ends_by_itself(ada: Person, bob: Person, shared: Server) -> None:
    page, project = opened(ada)
    other, _ = opened(bob)
    shared.engine.pong = shared.engine.pong.model_copy(update={"held": True})
    assert page.hear("held")["held"]
    assert other.hear("held")["held"]
    page.say("command", name="play")
    shared.engine.wait_for("play")
    refuse(shared, project["run"]["id"], "held")
    words = page.hear("run")["message"] or page.hear("run")["message"]  # "starting" may come before
    assert words == "Training is held for everyone at the moment. Your work is saved."
    late = ada.page("late")
    late.open(project["id"])
    assert late.hear("held")["held"], "who comes later is told, too"
    shared.engine.pong = shared.engine.pong.model_copy(update={"held": False})
    assert page.hear("run")["message"] is None
    assert page.hear("held")["held"] is False


def test_how_fast_the_machine_is_comes_with_its_pulse(server: Server, ada: Person) -> None:
    server.engine.pong = server.engine.pong.model_copy(update={"held": True, "measured": SLOW})
    page, _ = opened(ada)
    page.hear("held")
    assert server.service.desk.machine.measured == SLOW


def test_an_explanation_that_is_refused_is_told_to_the_page_that_asked(ada: Person, server: Server) -> None:
    page, project = opened(ada)
    page.say("explain_cases", run=project["run"]["id"])
    task = server.engine.wait_for("run_task").task
    server.engine.say(engine.Refused(about=task, command="run_task", message="Four at once are enough.", code="quota"))
    failed = page.hear("explain_failed")
    assert (failed["message"], failed["task"]) == ("Four at once are enough.", f"cases {project['run']['id']}")


def test_a_project_is_deleted_by_its_owner_alone(ada: Person, bob: Person, server: Server) -> None:
    page, project = opened(ada)
    kept = ada.new_project()
    stranger, _ = opened(bob)
    stranger.say("delete_project", project=project["id"])
    assert "no such project" in stranger.hear("error")["text"]
    page.say("delete_project", project=project["id"])
    assert [entry["id"] for entry in page.hear("projects")["projects"]] == [kept]
    assert page.hear("redirect")["project"] == kept
    assert ada.page("again").open(project["id"])["type"] == "error"
    page.say("edit", seq=1, base=1, label="x", document=project["document"])
    assert page.hear("error")["text"] == "Open a project first."


def test_who_deletes_the_last_project_gets_a_new_one(ada: Person, server: Server) -> None:
    page, project = opened(ada)
    page.say("delete_project", project=project["id"])
    assert page.hear("redirect")["project"] != project["id"]


# ---- the operator's key ---------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    assert operator.read_key(tmp_path) is None
    key = operator.make_key(tmp_path)
    assert len(key) >= 32
    assert operator.make_key(tmp_path) == key
    assert operator.key_file(tmp_path).stat().st_mode & 0o777 == 0o600
    operator.key_file(tmp_path).chmod(0o644)
    operator.make_key(tmp_path)
    assert operator.key_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_only_what_was_made_from_the_key_is_the_operators_cookie(tmp_path: Path) -> None:
    assert not operator.is_sign(operator.sign_of("anything"), tmp_path), "without a key there is no operator"
    key = operator.make_key(tmp_path)
    assert operator.is_sign(operator.sign_of(key), tmp_path)
    for other in (None, "", key, "é", operator.sign_of(key)[:-1]):
        assert not operator.is_sign(other, tmp_path)
    operator.key_file(tmp_path).unlink()
    assert not operator.is_sign(operator.sign_of(key), tmp_path), "taken back"


def test_the_address_with_the_key_gives_the_cookie_and_goes_on_without_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(server.home))
    key = operator.make_key(server.home)

    def ask(query: str) -> tuple[int, dict[str, str]]:
        from http.client import HTTPConnection

        link = HTTPConnection("127.0.0.1", server.port, timeout=WAIT)
        link.request("GET", f"/pgapi/operator{query}")
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    for wrong in ("", "?key=", "?key=wrong", f"?key={key}x", "?key=%C3%A9"):
        status, headers = ask(wrong)
        assert (status, headers.get("set-cookie", "").count(operator.COOKIE)) == (404, 0)
    status, headers = ask(f"?key={key}")
    assert (status, headers["location"]) == (303, "/operator")
    cookie = headers["set-cookie"]
    assert f"{operator.COOKIE}={operator.sign_of(key)}" in cookie
    assert "HttpOnly" in cookie
    assert key not in str(headers)
