"""Taking a project away over the socket: the owner with weights, a guest without, and the gallery's cards."""

from __future__ import annotations

from playground.engine import messages as engine
from playground.live.exporting import COPY_FIRST
from tests.live.people import Person, Server


def test_the_owner_gets_the_newest_weights_of_the_projects_run(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    run = server.engine.wait_for("start_run").run
    page.say("export", task="t1", form="onnx")
    command = server.engine.wait_for("run_task")
    assert (command.name, command.owner) == ("export", ada.owner)
    asked = command.arguments
    assert (asked["form"], asked["run"], asked["task"], asked["title"]) == ("onnx", run, "t1", "Circle")
    assert asked["purpose"].startswith("Each of the three hidden units")
    server.engine.say(engine.TaskProgress(task=command.task, share=0.5, text="Running it"))
    assert page.hear("export_progress")["text"] == "Running it"
    server.engine.say(engine.TaskDone(task=command.task, result={"file": "circle.onnx"}), b"\x02\0\0\0{}")
    assert page.hear("exported") == {"type": "exported", "task": "t1", "file": "circle.onnx"}
    assert page.hear_frame() == b"\x02\0\0\0{}"


def test_a_guest_gets_the_script_without_the_run_and_nothing_else(ada: Person, bob: Person, server: Server) -> None:
    project = ada.new_project()
    ada.page().open(project)
    server.engine.wait_for("start_run")
    guest = bob.page()
    guest.open(project)
    guest.say("export", task="g1", form="weights")
    assert guest.hear("export_failed")["message"] == COPY_FIRST
    assert server.engine.all("run_task") == []
    guest.say("export", task="g2", form="pytorch")
    command = server.engine.wait_for("run_task")
    assert (command.owner, command.arguments["run"], command.arguments["weights"]) == (bob.owner, None, None)


def test_what_goes_wrong_is_told_in_its_sentence_and_a_page_can_end_it(ada: Person, server: Server) -> None:
    page = ada.page()
    page.open(ada.new_project())
    page.say("export", task="t1", form="pytorch")
    command = server.engine.wait_for("run_task")
    server.engine.say(engine.TaskFailed(task=command.task, message="The drawing has an error, put it right first."))
    assert page.hear("export_failed")["message"] == "The drawing has an error, put it right first."
    page.say("export", task="t2", form="pytorch")
    second = server.engine.wait_for("run_task", lambda command: command.arguments["task"] == "t2")
    page.say("cancel", task="t2")
    assert server.engine.wait_for("cancel_task").task == second.task
    assert page.hear("export_failed")["cancelled"] is True


def test_the_gallery_is_the_same_for_everyone(ada: Person, bob: Person) -> None:
    cards = []
    for person in (ada, bob):
        page = person.page()
        page.open(person.new_project())
        page.say("gallery")
        cards.append(page.hear("gallery")["cards"])
    assert cards[0] == cards[1]
    assert "circle" in [card["kind"] for card in cards[0]]
