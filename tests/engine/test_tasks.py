"""Tasks in processes of their own: done, refused, overdue, cancelled, too large."""

import subprocess
import sys
from typing import Any

import pytest

from playground.core.experiment import Experiment
from playground.engine.messages import (
    CancelTask,
    CheckpointWritten,
    Message,
    RunTask,
    TaskDone,
    TaskFailed,
    TaskProgress,
)
from playground.engine.tasklist import is_heavy, preloads, tasks
from playground.runs.names import new_run_id
from playground.templates import templates
from playground.training.frames import unpack
from tests.engine.conftest import Ear, Home

pytestmark = pytest.mark.xdist_group("engine")


def ask(home: Home, name: str, arguments: dict[str, Any], *, seconds: float = 60) -> Message:
    """A task, and its answer."""
    command = RunTask(task=new_run_id(), owner="ann", name=name, arguments=arguments, seconds=seconds)
    return home.engine.request(command, timeout=90)


def test_tasks_are_found_without_loading_what_they_load() -> None:
    assert {"facts", "explain"} <= tasks().keys()
    assert is_heavy("facts") is False
    assert is_heavy("explain") is True
    assert is_heavy("no such") is None
    assert "captum.attr" in preloads(heavy=True)


def test_facts_come_with_the_data_as_a_picture(shared: Home, circle: Experiment) -> None:
    done = ask(shared, "facts", {"data": circle.data.model_dump(mode="json")})
    assert isinstance(done, TaskDone)
    assert done.result["facts"]["samples"]["train"] == 400
    header, arrays = unpack(done.payload)  # type: ignore[attr-defined]
    assert header["type"] == "data"
    assert arrays["points"].shape == (500, 2)


def test_a_task_on_a_stored_run_counts_its_reading_of_the_test_part(shared: Home, ear: Ear, circle: Experiment) -> None:
    run = shared.begin(circle, ear)
    shared.train(run, ear, 20)
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == 20)
    shared.flush()
    before = shared.store.run("ann", run).test_reads
    done = ask(shared, "explain_cases", {"run": run, "count": 5})
    assert isinstance(done, TaskDone), done
    assert done.result["counts"]["right"] + done.result["counts"]["wrong"] == 100
    shared.flush()
    assert shared.store.run("ann", run).test_reads == before + 1


def test_what_a_task_cannot_do_it_says_in_a_sentence(shared: Home) -> None:
    for name, arguments, said in (
        ("nothing", {}, "There is no task 'nothing'."),
        ("explain_cases", {"run": "zzz"}, "There is no run 'zzz'."),
        ("facts", {"data": {"dataset": {"kind": "circel"}}}, "Did you mean 'circle'"),
    ):
        failed = ask(shared, name, arguments)
        assert isinstance(failed, TaskFailed)
        assert said in failed.message


def test_a_task_that_takes_too_long_is_ended(shared: Home) -> None:
    digits = templates["digits-mlp"]().experiment()
    failed = ask(shared, "facts", {"data": digits.data.model_dump(mode="json")}, seconds=0.001)
    assert isinstance(failed, TaskFailed)
    assert "took longer than 0.001 seconds" in failed.message


def test_a_task_is_cancelled_while_it_runs_and_only_by_its_owner(shared: Home, ear: Ear) -> None:
    digits = templates["digits-mlp"]().experiment().data.model_dump(mode="json")
    shared.engine.send(RunTask(task="slow", owner="ann", name="facts", arguments={"data": digits}))
    ear.wait(TaskProgress, lambda event: event.task == "slow")
    shared.engine.send(CancelTask(task="slow", owner="bob"))
    shared.engine.send(CancelTask(task="slow", owner="ann"))
    failed = ear.wait(TaskFailed, lambda event: event.task == "slow")
    assert failed.cancelled


def test_a_task_that_wants_too_much_memory_gets_an_error_and_no_more() -> None:
    script = (
        "from playground.engine.tasks import limit_memory\n"
        "import numpy\n"
        "limit_memory(200 * 2**20)\n"
        "numpy.ones(10 * 2**20)\n"
        "try:\n    numpy.ones(100 * 2**20)\nexcept MemoryError:\n    print('refused')\n"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True)
    assert out.stdout == "refused\n"


@pytest.mark.slow
def test_an_explanation_comes_from_a_process_with_its_libraries_loaded(
    shared: Home, ear: Ear, circle: Experiment
) -> None:
    run = shared.begin(circle, ear)
    shared.train(run, ear, 100)
    ear.wait(CheckpointWritten, lambda event: event.run == run and event.step == 100)
    shared.flush()
    done = ask(shared, "explain", {"run": run, "case": 0})
    assert isinstance(done, TaskDone), done
