"""Which run moves to which worker, and what its owner sees of that: nothing."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from playground.engine.balance import LASTING, Balance, is_movable, move
from playground.engine.crew import Crew
from playground.engine.messages import Done, LedgerGrew, Message, Play, RunChanged, SetSpeed, State
from playground.engine.orders import DropRun, LoadRun
from playground.engine.peer import Peer
from playground.engine.roster import Job, Worker
from playground.engine.wire import Address
from tests.engine.test_crew import Nowhere


class Told:
    """A worker's end that remembers what it is told."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.told: list[Message] = []

    def send(self, message: Message) -> None:
        self.told.append(message)


def worker(id: str) -> Worker:
    return Worker(id, "secret", peer=cast(Peer, Told(id)))


def training(name: str, there: Worker, *, pace: float | None = None) -> Job:
    """A run that trains there."""
    job = Job(LoadRun(run=name, owner="ann", experiment={}), None, worker=there, state="running", said="running")
    job.play, job.play_heard = Play(run=name), True
    job.speed = SetSpeed(run=name, steps_per_second=pace) if pace is not None else None
    there.jobs[name] = job
    return job


def tell(balance: Balance, job: Job, now: float, *, share: float, steps_per_second: float) -> None:
    """Two words of a run, a second apart."""
    for at in (now - 1, now):
        event = RunChanged(
            run=job.run, owner="ann", state="running", step=int(at * steps_per_second), epoch=0, used=at * share
        )
        balance.heard(event, at)


def asked(balance: Balance, workers: list[Worker], now: float = 100.0) -> tuple[Job, Worker] | None:
    """The answer once it has been so for a while."""
    answers = [balance.next_move(workers, now) for _ in range(LASTING)]
    assert answers[:-1] == [None] * (LASTING - 1)
    return answers[-1]


def test_a_run_moves_from_a_full_worker_to_an_empty_one_and_then_all_stay() -> None:
    full, empty, balance = worker("a"), worker("b"), Balance()
    for n in range(5):
        training(str(n), full)
    moves = 0
    while (found := asked(balance, [full, empty])) is not None:
        job, to = found
        assert job.worker is not None
        del job.worker.jobs[job.run]
        to.jobs[job.run], job.worker = job, to
        moves += 1
    assert moves == 2
    assert sorted((len(full.jobs), len(empty.jobs))) == [2, 3]


def test_even_workers_and_a_passing_difference_move_nobody() -> None:
    one, other, balance = worker("a"), worker("b"), Balance()
    for n in range(3):
        training(f"a{n}", one)
        training(f"b{n}", other)
    assert asked(balance, [one, other]) is None
    extra = training("c", one)
    training("d", one)
    assert balance.next_move([one, other], 100.0) is None
    extra.state = extra.said = "paused"
    extra.play = None
    assert asked(balance, [one, other]) is None


def test_runs_that_have_all_they_want_count_by_what_they_use() -> None:
    """Twelve at a pace beside one that takes what is left, and two of that kind alone: nobody gains by moving."""
    mixed, pair, balance = worker("a"), worker("b"), Balance()
    training("greedy", mixed)
    for n in range(12):
        tell(balance, training(f"m{n}", mixed, pace=100), 100.0, share=0.03, steps_per_second=99)
    training("p0", pair)
    training("p1", pair)
    assert asked(balance, [mixed, pair]) is None
    # Held back to half their pace, the twelve are hungry, too.
    for n in range(12):
        tell(balance, mixed.jobs[f"m{n}"], 100.0, share=0.03, steps_per_second=50)
    found = asked(balance, [mixed, pair])
    assert found is not None
    assert found[0].worker is mixed


@pytest.mark.parametrize("change", [{"steps": 5}, {"epochs": 1}])
def test_a_run_that_counts_its_steps_stays_where_it_counts(change: dict[str, int]) -> None:
    job = training("r", worker("a"))
    assert is_movable(job)
    job.play = Play(run="r", **change)  # type: ignore[arg-type]
    assert not is_movable(job)


@pytest.fixture
def said() -> list[Message]:
    return []


@pytest.fixture
def crew(tmp_path: Path, said: list[Message], monkeypatch: pytest.MonkeyPatch) -> Crew:
    monkeypatch.setenv("PLAYGROUND_WORKERS", "2")
    (tmp_path / "run").mkdir()
    return Crew(
        tmp_path,
        Nowhere(),
        lambda: Address("token"),
        publish=said.append,
        show=lambda frame, payload: None,
        watched=lambda run: None,
    )


def changed(state: State, step: int, request: str | None = None) -> RunChanged:
    return RunChanged(run="r", owner="ann", state=state, step=step, epoch=0, request=request)


def begun(crew: Crew) -> tuple[Job, Worker, Worker]:
    """A run that trains in one of two workers."""
    for there in crew.workers.values():
        assert crew.arrived(cast(Peer, Told(there.id)), there.secret)
    job = crew.add(LoadRun(run="r", owner="ann", experiment={}), None)
    origin = job.worker
    assert origin is not None
    crew.heard(origin.id, changed("paused", 0), b"")
    crew.tell(job, Play(run="r", request="q"))
    crew.heard(origin.id, changed("running", 0, "q"), b"")
    return job, origin, next(there for there in crew.workers.values() if there is not origin)


def told(there: Worker) -> list[Message]:
    return cast(Told, there.peer).told


def test_of_a_move_nobody_hears_and_nothing_said_meanwhile_is_lost(crew: Crew, said: list[Message]) -> None:
    async def story() -> None:
        await crew.start()
        job, origin, to = begun(crew)
        heard = len(said)
        moving = asyncio.create_task(move(crew, job, to))
        await asyncio.sleep(0)
        assert isinstance(told(origin)[-1], DropRun)
        crew.tell(job, SetSpeed(run="r", steps_per_second=7))
        crew.heard(origin.id, changed("paused", 40), b"")
        crew.heard(origin.id, LedgerGrew(run="r", step=40, edit={"type": "set"}), b"")
        crew.heard(origin.id, Done(about="r", command="drop_run"), b"")
        await moving
        load, speed, play = told(to)[-3:]
        assert isinstance(load, LoadRun)
        assert (load.resume, load.state, load.ledger) == (True, "paused", [{"step": 40, "edit": {"type": "set"}}])
        assert isinstance(speed, SetSpeed)
        assert isinstance(play, Play)
        crew.heard(to.id, changed("paused", 40), b"")
        crew.heard(to.id, changed("running", 40, "q"), b"")
        assert [type(event) for event in said[heard:]] == [LedgerGrew, RunChanged]
        assert (job.worker, job.moving, job.said, job.play_heard) == (to, False, "running", True)
        crew.heard(to.id, changed("paused", 60), b"")
        assert job.play is None

    asyncio.run(story())


def test_a_worker_that_dies_while_a_run_leaves_it_is_like_any_other_death(crew: Crew) -> None:
    async def story() -> None:
        await crew.start()
        job, origin, to = begun(crew)
        moving = asyncio.create_task(move(crew, job, to))
        await asyncio.sleep(0)
        crew.gone(origin.id)
        await moving
        assert job.worker is to
        assert sum(isinstance(message, LoadRun) for message in told(to)) == 1
        assert not job.moving

    asyncio.run(story())


def test_a_run_that_is_deleted_on_its_way_goes_nowhere(crew: Crew) -> None:
    async def story() -> None:
        await crew.start()
        job, origin, to = begun(crew)
        moving = asyncio.create_task(move(crew, job, to))
        await asyncio.sleep(0)
        dropping = asyncio.create_task(crew.drop("r", keep=False))
        await asyncio.sleep(0)
        assert not dropping.done()  # its files are still being written
        crew.heard(origin.id, Done(about="r", command="drop_run"), b"")
        await asyncio.gather(moving, dropping)
        assert not any(isinstance(message, LoadRun) for message in told(to))

    asyncio.run(story())
