"""A machine that many share, with a real host: what the server asks for its people, and what they are told."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.core.experiment import Experiment
from playground.engine.local import EngineFailed, connect
from playground.engine.messages import (
    Done,
    Frame,
    GoOn,
    Message,
    Notice,
    Pause,
    Ping,
    Play,
    Pong,
    Refused,
    RunChanged,
    RunTask,
    SaveProject,
    StartRun,
    StopAll,
    TaskDone,
    Watch,
)
from playground.engine.rules import HELD
from playground.engine.wire import read_address
from playground.runs.names import new_run_id
from playground.runs.store import Store
from tests.engine.conftest import PATIENCE, Ear, Home, processes

pytestmark = pytest.mark.xdist_group("engine")

RULES = {
    "PLAYGROUND_WORKERS": "2",
    "PLAYGROUND_UNSEEN": "0.5",
    "PLAYGROUND_RUNS_KEPT": "40",
    "PLAYGROUND_PROJECTS_KEPT": "2",
    "PLAYGROUND_TASKS": "1",
}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A host with short rules, as a server has it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in RULES.items():
            patch.setenv(name, value)
        home = Home(tmp_path_factory.mktemp("school"), shared=True)
    yield home
    home.close()
    assert processes(home.folder) == []


@pytest.fixture
def ear(school: Home) -> Iterator[Ear]:
    """Hears the school; afterwards nothing trains any more."""
    listening = school.ear()
    yield listening
    listening.stop()
    assert isinstance(school.engine.request(StopAll()), Done)


@pytest.fixture
def long(circle: Experiment) -> Experiment:
    return circle.with_(training=circle.training.with_(epochs=100_000))


def ping(home: Home) -> Pong:
    pong = home.engine.request(Ping(id="?"))
    assert isinstance(pong, Pong)
    return pong


def refusal(home: Home, command: Message) -> Refused:
    answer = home.engine.request(command)
    assert isinstance(answer, Refused), answer
    return answer


def test_a_second_run_is_refused_or_trains_instead(school: Home, ear: Ear, long: Experiment) -> None:
    one, two = school.begin(long, ear), school.begin(long, ear)
    for run in (one, two):
        school.engine.send(Watch(run=run))
    school.engine.send(Play(run=one, owner="ann"))
    refused = refusal(school, Play(run=two, owner="ann", steps=1))
    assert (refused.code, refused.other) == ("one_run", one)
    answer = school.engine.request(Play(run=two, owner="ann", instead=True))
    assert isinstance(answer, RunChanged)
    assert answer.state == "running"
    assert "another run of yours trains now" in (ear.state(one, "paused").message or "")
    assert ping(school).running == 1


def test_what_nobody_looks_at_pauses_but_not_what_came_from_the_queue(school: Home, ear: Ear, long: Experiment) -> None:
    seen, queued = school.begin(long, ear, owner="bob"), school.begin(long, ear, owner="cem")
    school.engine.send(Watch(run=seen, owner="bob"))
    school.engine.send(Play(run=queued, owner="cem", when_free=True))
    ear.state(queued, "running")
    alone = school.begin(long, ear, owner="ann")
    school.engine.send(Play(run=seen, owner="bob"))
    school.engine.send(Play(run=alone, owner="ann"))
    paused = ear.wait(RunChanged, lambda event: event.state == "paused")
    assert paused.run == alone
    assert paused.message == (
        f"Paused at step {paused.step:,}: nobody was looking for 0.5 seconds. Press Space to go on."
    )
    assert ping(school).running == 2
    school.engine.send(Watch(run=alone, owner="ann"))
    school.engine.send(Play(run=alone, owner="ann"))
    assert ear.wait(Frame, lambda event: event.run == alone and event.step > paused.step)


def test_the_queue_moves_when_a_run_ends(school: Home, ear: Ear, long: Experiment) -> None:
    first, second, third = (school.begin(long, ear, owner=owner) for owner in ("ann", "bob", "cem"))
    school.engine.send(Play(run=first, owner="ann", when_free=True))
    ear.state(first, "running")
    for run, owner in ((second, "bob"), (third, "cem")):
        school.engine.send(Play(run=run, owner=owner, when_free=True))
    assert ear.wait(RunChanged, lambda event: event.run == third and event.ahead is not None).ahead == 1
    assert (ping(school).running, ping(school).queued) == (1, 2)
    school.flush()
    assert school.store.run("bob", second).state == "queued"
    school.engine.send(Pause(run=first, owner="ann"))
    assert ear.wait(RunChanged, lambda event: event.run == third and event.ahead is not None).ahead == 0
    ear.state(second, "running")
    school.engine.send(Pause(run=third, owner="cem"))
    assert ear.state(third, "paused").message is None


def test_the_operator_holds_everyone_and_who_comes_later_knows(school: Home, ear: Ear, long: Experiment) -> None:
    run, waits = school.begin(long, ear), school.begin(long, ear, owner="bob")
    school.engine.send(Play(run=run, owner="ann", when_free=True))
    ear.state(run, "running")
    school.engine.send(Play(run=waits, owner="bob", when_free=True))
    school.engine.send(StopAll(message="Look at the board.", hold=True))
    for stopped in (waits, run):
        assert ear.state(stopped, "interrupted").message == "Look at the board."
    refused = refusal(school, Play(run=run, owner="ann"))
    assert (refused.code, refused.message) == ("held", HELD)
    late = Home(school.folder)
    assert late.ear().wait(Notice).text == HELD
    assert ping(late).held
    assert isinstance(late.engine.request(GoOn()), Done)
    late.close()
    assert not ping(school).held
    school.engine.send(Play(run=run, owner="ann"))
    ear.state(run, "running")


def test_projects_and_tasks_have_a_limit_for_each_owner(school: Home, ear: Ear, circle: Experiment) -> None:
    document = {"title": "Mine"}
    for project in ("p1", "p2"):
        school.engine.request(SaveProject(project=project, owner="ann", base=0, document=document))
    refused = refusal(school, SaveProject(project="p3", owner="ann", base=0, document=document))
    assert (refused.code, refused.about) == ("quota", "p3")
    assert "You have 2 projects" in refused.message
    school.engine.request(SaveProject(project="p3", owner="local", base=0, document=document))
    edited = school.engine.request(SaveProject(project="p2", owner="ann", base=1, document={"title": "More"}))
    assert not isinstance(edited, Refused)
    arguments = {"data": circle.data.model_dump(mode="json")}
    task = RunTask(task="t1", owner="ann", name="facts", arguments=arguments)
    school.engine.send(task)
    refused = refusal(school, task.model_copy(update={"task": "t2"}))
    assert refused.code == "quota"
    assert "Wait for one to end" in refused.message
    ear.wait(TaskDone, lambda event: event.task == "t1")


def test_a_worker_measures_the_machine_once(school: Home, ear: Ear) -> None:
    measured = ping(school).measured
    assert measured is not None
    assert 1e8 < measured.flops_per_second < 1e13
    assert 1e-6 < measured.seconds_per_step < 0.1


def test_after_the_death_of_the_host_the_history_knows_what_ran_what_waited_and_how_much_is_kept(
    new_home: Callable[[], Home], long: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_WORKERS", "1")
    monkeypatch.setenv("PLAYGROUND_RUNS_KEPT", "1")
    home = new_home()
    ear = home.ear()
    runs, waits = home.begin(long, ear), home.begin(long, ear, owner="bob")
    home.train(runs, ear, 3)
    home.engine.send(Play(run=runs))
    home.engine.send(Play(run=waits, when_free=True))
    ear.state(runs, "running")
    home.flush()
    assert home.store.run("bob", waits).state == "queued"
    address = read_address(home.folder)
    assert address is not None
    os.kill(address.pid, signal.SIGKILL)
    told = [ear.wait(RunChanged, lambda event: event.state == "interrupted") for _ in range(2)]
    words = {event.run: event.message or "" for event in told}
    assert words[runs].startswith("The engine stopped at step")
    assert words[waits].startswith("The engine stopped while this run waited in the queue.")
    assert home.engine.wait_until_connected(PATIENCE)
    stored = {run: home.store.run(owner, run) for owner, run in (("ann", runs), ("bob", waits))}
    assert [entry.state for entry in stored.values()] == ["interrupted", "interrupted"]
    assert (stored[waits].message or "").startswith("It was waiting in the queue.")

    server = Home(home.folder, shared=True)
    start = StartRun(run=new_run_id(), owner="ann", experiment=long.model_dump(mode="json"))
    refused = refusal(server, start)
    assert (refused.code, refused.about) == ("quota", start.run)
    assert "You keep 1 trained run," in refused.message
    allowed = server.engine.request(start.model_copy(update={"owner": "bob"}))  # whose run never trained
    assert isinstance(allowed, RunChanged)
    server.close()


def test_rules_that_make_no_sense_are_a_sentence_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_TASKS", "plenty")
    with pytest.raises(
        EngineFailed, match=r"^PLAYGROUND_TASKS is 'plenty'; expected a whole number from 1 on\. Change"
    ):
        connect(tmp_path / "home", shared=True)
    assert Store(tmp_path / "home").runs("ann") == []
