"""The crew alone: what becomes of a run whose workers die."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from playground.engine.crew import MOST_DEATHS, Crew
from playground.engine.messages import Message, RunChanged
from playground.engine.orders import LoadRun
from playground.engine.peer import Peer
from playground.engine.place import Call, Ended
from playground.engine.wire import Address

WORKERS = 6


class Nowhere:
    """A place where nothing is started."""

    ended: Ended

    async def start(self) -> None: ...

    async def launch(self, call: Call) -> None: ...

    async def rest(self, after: float) -> None: ...

    def kill(self, id: str) -> None: ...

    async def close(self) -> None: ...


class Deaf:
    """A worker's end that takes everything."""

    def __init__(self, id: str) -> None:
        self.id = id

    def send(self, message: Message) -> None: ...


def arrive(crew: Crew) -> None:
    for worker in crew.workers.values():
        if worker.peer is None:
            assert crew.arrived(cast(Peer, Deaf(worker.id)), worker.secret)


@pytest.fixture
def said() -> list[Message]:
    return []


@pytest.fixture
def crew(tmp_path: Path, said: list[Message], monkeypatch: pytest.MonkeyPatch) -> Crew:
    monkeypatch.setenv("PLAYGROUND_WORKERS", str(WORKERS))
    (tmp_path / "run").mkdir()
    return Crew(
        tmp_path,
        Nowhere(),
        lambda: Address("token"),
        publish=said.append,
        show=lambda frame, payload: None,
        watched=lambda run: None,
    )


RUN = LoadRun(run="r", owner="ann", experiment={})
PAUSED = RunChanged(run="r", owner="ann", state="paused", step=1, epoch=0)


def test_a_run_is_not_blamed_when_all_workers_die_at_once(crew: Crew, said: list[Message]) -> None:
    async def story() -> None:
        await crew.start()
        arrive(crew)
        job = crew.add(RUN, None)
        assert job.worker is not None
        crew.heard(job.worker.id, PAUSED, b"")
        first = job.worker.id
        for id in [first, *(id for id in list(crew.workers) if id != first)]:
            crew.gone(id)
        assert crew.jobs["r"] is job
        assert job.worker is not None
        assert job.deaths == 1
        assert len(crew.workers) == WORKERS

    asyncio.run(story())


def test_a_run_that_workers_die_at_again_and_again_has_failed(crew: Crew, said: list[Message]) -> None:
    async def story() -> None:
        await crew.start()
        job = crew.add(RUN, None)
        for _ in range(MOST_DEATHS):
            arrive(crew)
            assert job.worker is not None
            crew.heard(job.worker.id, PAUSED, b"")
            crew.gone(job.worker.id)
        assert crew.jobs == {}

    asyncio.run(story())
    assert isinstance(said[-1], RunChanged)
    assert said[-1].state == "failed"


def test_a_run_that_kills_its_worker_while_it_loads_is_known_by_the_note(crew: Crew, tmp_path: Path) -> None:
    async def story() -> None:
        await crew.start()
        job = crew.add(RUN, None)
        arrive(crew)
        assert job.worker is not None
        (tmp_path / "run" / f"{job.worker.id}.now").write_text("r".ljust(64))
        crew.gone(job.worker.id)
        assert job.deaths == 1

    asyncio.run(story())


def test_a_worker_that_comes_at_the_end_is_turned_away(crew: Crew) -> None:
    """Nobody would tell it to quit, and the end would wait for it in vain."""

    async def story() -> None:
        await crew.start()
        late = next(iter(crew.workers.values()))
        await crew.close("The end.")
        assert not crew.arrived(cast(Peer, Deaf(late.id)), late.secret)

    asyncio.run(story())
