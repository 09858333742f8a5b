"""Who may train now: one run an owner, a queue for the others, a pause for what nobody looks at, the operator's hold.

Everything here happens between two awaits of the host's loop, so no two commands can both find the last free place.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from playground.engine.crew import Crew
from playground.engine.messages import Message, Play, Watch
from playground.engine.peer import Peer
from playground.engine.roster import Halt, Job, is_ruled
from playground.engine.rules import HELD, Denied, Rules, duration

INSTEAD = Halt("paused", "Paused at step {step}: another run of yours trains now.")
LOOKS = 5.0
"""Seconds between two looks at what is unseen, at most."""


class Admission:
    """The turnstile of a host. `look` may be called as often as anything changes."""

    def __init__(
        self,
        home: Path,
        crew: Crew,
        rules: Rules,
        *,
        publish: Callable[[Message], None],
        watched: Callable[[str], Watch | None],
    ) -> None:
        self._crew, self._rules, self._publish, self._watched = crew, rules, publish, watched
        self._loop = asyncio.get_running_loop()
        self._due = False
        self._round = self._arrivals = 0
        """Of the run that left the queue last; how many came to it."""
        self._note = home / "run" / "held"
        """Lies there while the operator holds everyone: a host that was killed had no time to pass it on."""
        self.held = self._note.exists()
        self.stops = 0
        """How often everything was stopped: a Play that was on its way meanwhile has come to nothing."""

    # ---- one run an owner -------------------------------------------------------------------------------------------

    def play(self, peer: Peer, job: Job, command: Play) -> None:
        """Have a run train, now or once its turn has come. Raises Denied."""
        if self.held:
            raise Denied(HELD, "held")
        if is_ruled(peer, job.owner) and not (job.active or job.waiting):
            self._make_room(job, command)
        job.client = peer
        if command.when_free and not job.active:
            self._crew.queue(job, command, self._last_place(job.owner))
        else:
            self._crew.tell(job, command)
        self.look()

    def _make_room(self, job: Job, command: Play) -> None:
        others = [other for other in self._trained_or_waiting() if other.owner == job.owner and other.ruled]
        if command.when_free and not command.instead:  # beside one that trains, one more may wait for its end
            others = [other for other in others if other.waiting is not None]
        most = self._rules.runs_at_once
        if len(others) < most:
            return
        if not command.instead:
            run = "another run" if most == 1 else f"{len(others)} other runs"
            sentence = f"You train {run} already, and {most} at a time is what each person has here. Pause it first."
            raise Denied(sentence if most == 1 else sentence.replace("it first", "one first"), "one_run", others[0].run)
        for other in others[: len(others) - most + 1]:
            self._crew.halt(other, INSTEAD)

    def _trained_or_waiting(self) -> list[Job]:
        return [job for job in self._crew.jobs.values() if job.active or job.waiting is not None]

    # ---- the queue --------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Something has changed: see, in a moment, whether the queue moves."""
        if not self._due:
            self._due = True
            self._loop.call_soon(self._move)

    def _move(self) -> None:
        self._due = False
        while (job := self._next()) is not None and self._has_room():
            assert job.waiting is not None
            self._crew.tell(job, job.waiting)
            job.from_queue, self._round = True, job.place[0]
        for ahead, job in enumerate(self._line()):
            if job.ahead != ahead:
                job.ahead = ahead
                self._publish(job.changed("queued"))

    def _has_room(self) -> bool:
        active = [job for job in self._crew.jobs.values() if job.active]
        return (
            sum(job.from_queue for job in active) < self._rules.queue_at_once
            and len(active) < self._crew.count
            and not self.held
        )

    def _line(self) -> list[Job]:
        """Who waits, in the order of their turns."""
        waiting = [job for job in self._crew.jobs.values() if job.waiting is not None]
        return sorted(waiting, key=lambda job: job.place)

    def _next(self) -> Job | None:
        """Whose turn it is: the first in the line whose owner may have one more run train."""
        busy = [job.owner for job in self._crew.jobs.values() if job.active and job.ruled]
        ready = (job for job in self._line() if not job.ruled or busy.count(job.owner) < self._rules.runs_at_once)
        return next(ready, None)

    def _last_place(self, owner: str) -> tuple[int, int]:
        """Where a run of this owner comes in: nobody's second run stands before anybody's first."""
        own = [
            job.place[0] + 1
            for job in self._trained_or_waiting()
            if job.owner == owner and (job.from_queue or job.waiting is not None)
        ]
        self._arrivals += 1
        return max([self._round, *own]), self._arrivals

    @property
    def running(self) -> int:
        """How many runs train."""
        return sum(job.active for job in self._crew.jobs.values())

    @property
    def queued(self) -> int:
        """How many wait."""
        return len(self._line())

    # ---- what nobody looks at ---------------------------------------------------------------------------------------

    async def pause_unseen(self) -> None:
        """For ever: pause what nobody has looked at for too long."""
        if not self._rules.unseen:
            return
        why = f"nobody was looking for {duration(self._rules.unseen)}"
        halt = Halt("paused", f"Paused at step {{step}}: {why}. Press Space to go on.")
        while True:
            await asyncio.sleep(min(LOOKS, self._rules.unseen / 8))
            now = time.monotonic()
            for job in self._crew.jobs.values():
                if not job.ruled or not job.active or job.from_queue or self._watched(job.run) is not None:
                    job.seen = now
                elif now - job.seen >= self._rules.unseen:
                    self._crew.halt(job, halt)

    # ---- the operator -----------------------------------------------------------------------------------------------

    def stop_all(self, message: str, *, hold: bool) -> None:
        """Pause every run and empty the queue; with `hold`, nothing begins again before `go_on`."""
        self.stops += 1
        if hold:
            self.held = True
            with contextlib.suppress(OSError):  # it outlives us only if we are killed
                self._note.touch()
        for job in list(self._crew.jobs.values()):
            self._crew.halt(job, Halt("interrupted", message))

    def go_on(self) -> None:
        """Everyone may train again."""
        self.held = False
        self.forget()
        self.look()

    def forget(self) -> None:
        """A hold ends with the host that heard of it, unless that is killed."""
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)
