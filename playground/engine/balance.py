"""Who should train where: when one worker has more to do than another for a while, a run moves over."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from playground.engine.messages import RunChanged
from playground.engine.roster import Job, Worker

if TYPE_CHECKING:
    from playground.engine.crew import Crew

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks at the workers."""
LASTING = 3
"""So many looks in a row must find the same, before a run moves."""
WORTH = 1.25
"""A run moves for at least so many times the CPU time that it has now: a move costs it some tenths of a second."""
SLOWER = 0.9
"""A run that makes less than this share of the steps it may is held back by others."""
OLDEST = 4.0
"""Seconds for which what was heard of a run counts as its present use."""


class Use(NamedTuple):
    """What one run has used, when it last said so, and how fast it went between its last two words."""

    at: float
    used: float
    step: int
    share: float = 0.0
    """Of a core."""
    steps_per_second: float = 0.0


class Level(NamedTuple):
    """A worker's room: the share of a core that each of its hungry runs has, and how many those are."""

    modest: float
    hungry: int

    def share(self, more: int = 0) -> float:
        """What each hungry run has, if so many more were there."""
        return max(0.0, 1 - self.modest) / max(1, self.hungry + more)


class Balance:
    """Watches what runs use, and names the one that should move."""

    def __init__(self) -> None:
        self._uses: dict[str, Use] = {}
        self._found = 0

    def heard(self, event: RunChanged, now: float | None = None) -> None:
        """A run says what it has used."""
        now = time.monotonic() if now is None else now
        if event.state != "running":
            self._uses.pop(event.run, None)
            return
        last = self._uses.get(event.run)
        if last is None or event.used < last.used or event.step < last.step:
            self._uses[event.run] = Use(now, event.used, event.step)
        elif (passed := now - last.at) > 0.5:
            share, steps = (event.used - last.used) / passed, (event.step - last.step) / passed
            self._uses[event.run] = Use(now, event.used, event.step, share, steps)

    def next_move(self, workers: Collection[Worker], now: float | None = None) -> tuple[Job, Worker] | None:
        """The run that should move and where to, when that has been so for a while. Call it every `EVERY` seconds."""
        found = self._best(workers, time.monotonic() if now is None else now)
        self._found = self._found + 1 if found is not None else 0
        if self._found < LASTING:
            return None
        self._found = 0
        return found

    def _best(self, workers: Collection[Worker], now: float) -> tuple[Job, Worker] | None:
        ready = [worker for worker in workers if worker.peer is not None]
        if len(ready) < 2:
            return None
        levels = {worker.id: self._level(worker, now) for worker in ready}
        source = min(ready, key=lambda worker: levels[worker.id].share())
        target = max(ready, key=lambda worker: levels[worker.id].share(1))
        if levels[target.id].share(1) < WORTH * levels[source.id].share():
            return None
        movable = [job for job in source.jobs.values() if self._is_hungry(job, now) and is_movable(job)]
        # The one with the shortest past has the least to carry, and moves the same one back and forth least.
        return (min(movable, key=lambda job: job.seconds), target) if movable else None

    def _level(self, worker: Worker, now: float) -> Level:
        modest, hungry = 0.0, 0
        for job in worker.jobs.values():
            if self._is_hungry(job, now):
                hungry += 1
            elif (use := self._use(job, now)) is not None:
                modest += use.share
        return Level(modest, hungry)

    def _use(self, job: Job, now: float) -> Use | None:
        use = self._uses.get(job.run)
        return use if use is not None and now - use.at < OLDEST and job.said == "running" else None

    def _is_hungry(self, job: Job, now: float) -> bool:
        """Whether it would use more, if it had more."""
        if not job.active or job.moving:
            return False
        limit = job.speed.steps_per_second if job.speed is not None else None
        if limit is None:
            return True
        use = self._use(job, now)
        return use is not None and use.share > 0 and use.steps_per_second < SLOWER * limit


async def keep_balance(crew: Crew) -> None:
    """Look after the workers for as long as there are any."""
    while True:
        await asyncio.sleep(EVERY)
        found = crew.balance.next_move(crew.workers.values())
        if found is not None:
            await move(crew, *found)


async def move(crew: Crew, job: Job, to: Worker) -> None:
    """Have a running run go on in another worker. Nobody is told: it runs all the time, and only waits a moment."""
    origin = job.worker
    if origin is None or origin is to or crew.jobs.get(job.run) is not job:
        return
    log.info("run_moves", extra={"run": job.run, "worker": to.id})
    job.moving, job.worker = True, None  # what it is told meanwhile is said to the other one
    await crew.let_go(job, origin, keep=True)
    if job.homeless and crew.jobs.get(job.run) is job:
        job.play_heard = False
        crew.take_up(job, worker=to)


def is_movable(job: Job) -> bool:
    """Whether a run can be taken up elsewhere as if nothing had been: nothing said to it is under way, and it has no
    number of steps to count."""
    play = job.play
    return (
        job.said == "running"
        and job.play_heard
        and play is not None
        and play.steps is None
        and play.epochs is None
        and not job.unanswered
        and job.waiting is None
        and job.interrupting is None
        and job.stop is None
    )
