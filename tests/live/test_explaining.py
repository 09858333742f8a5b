"""The Explain page's conversation: own runs only, answers to the page that asked, tasks that end with it."""

from __future__ import annotations

from typing import Any

from playground.engine import messages as engine
from tests.live.people import Page, Person, Server


def trained(ada: Person, server: Server, page: Page) -> str:
    """A run of hers that did some steps."""
    page.open(ada.new_project())
    run = str(server.engine.wait_for("start_run").run)
    server.engine.trained(run, step=120, state="paused", epoch=3)
    server.engine.recorder.flush().result(60)
    return run


def begin(page: Page, server: Server, run: str, task: str = "t1", **fields: Any) -> Any:
    page.say("explain", task=task, run=run, case=0, method={"kind": "integrated_gradients"}, **fields)
    return server.engine.wait_for("run_task", lambda command: command.arguments["task"] == task)


def test_only_ones_own_trained_runs_can_be_picked(ada: Person, bob: Person, server: Server) -> None:
    page, other = ada.page(), bob.page()
    run = trained(ada, server, page)
    page.say("explain_runs")
    assert [entry["id"] for entry in page.hear("explain_runs")["runs"]] == [run]
    other.say("explain_runs")
    assert other.hear("explain_runs")["runs"] == []


def test_a_foreign_run_answers_like_one_that_does_not_exist(ada: Person, bob: Person, server: Server) -> None:
    run = trained(ada, server, ada.page())
    other = bob.page()
    said = []
    for name in (run, "q" * 16):
        for type, fields in (
            ("explain_cases", {}),
            ("explain", {"task": "t", "case": 0, "method": {}}),
            ("explain_answer", {"task": "t", "values": [0.0, 0.0]}),
        ):
            other.say(type, run=name, **fields)
            said.append(other.hear("error")["text"].replace(name, "…"))
    assert len(set(said)) == 1
    assert server.engine.all("run_task") == []


def test_a_task_carries_its_owner_and_what_was_asked(ada: Person, server: Server) -> None:
    page = ada.page()
    run = trained(ada, server, page)
    command = begin(page, server, run[:8], target=1)
    assert command.owner == ada.owner
    assert command.name == "explain"
    assert command.arguments == {
        "run": run,
        "case": 0,
        "method": {"kind": "integrated_gradients"},
        "target": 1,
        "task": "t1",
    }


def test_progress_result_and_picture_go_to_the_page_that_asked_alone(ada: Person, server: Server) -> None:
    page, second = ada.page(), ada.page("second")
    run = trained(ada, server, page)
    command = begin(page, server, run)
    server.engine.say(engine.TaskProgress(task=command.task, share=0.5, text="Erasing"))
    assert page.hear("explain_progress") == {"type": "explain_progress", "task": "t1", "share": 0.5, "text": "Erasing"}
    server.engine.say(engine.TaskDone(task=command.task, result={"gap": 0.01}), b"\x02\0\0\0{}")
    assert page.hear("explanation") == {"type": "explanation", "task": "t1", "gap": 0.01}
    assert page.hear_frame() == b"\x02\0\0\0{}"
    assert second.silent()


def test_a_failure_is_told_in_its_sentence(ada: Person, server: Server) -> None:
    page = ada.page()
    command = begin(page, server, trained(ada, server, page))
    server.engine.say(engine.TaskFailed(task=command.task, message="There is no test case 7."))
    failed = page.hear("explain_failed")
    assert failed["message"] == "There is no test case 7."
    assert failed["cancelled"] is False


def test_a_page_can_cancel_its_own_task_only(ada: Person, server: Server) -> None:
    page, second = ada.page(), ada.page("second")
    command = begin(page, server, trained(ada, server, page))
    second.say("cancel", task="t1")
    assert second.silent()
    assert server.engine.all("cancel_task") == []
    page.say("cancel", task="t1")
    assert server.engine.wait_for("cancel_task").task == command.task


def test_tasks_end_with_their_page(ada: Person, server: Server) -> None:
    page = ada.page()
    command = begin(page, server, trained(ada, server, page))
    page.link.close()
    assert server.engine.wait_for("cancel_task").task == command.task


def test_a_fifth_task_ends_the_oldest(ada: Person, server: Server) -> None:
    page = ada.page()
    run = trained(ada, server, page)
    first = begin(page, server, run, "t0")
    for number in range(1, 5):
        begin(page, server, run, f"t{number}")
    assert server.engine.wait_for("cancel_task").task == first.task
