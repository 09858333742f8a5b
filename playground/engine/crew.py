"""The host's workers, and which of them has which run. When a worker dies, its runs go on in another by themselves."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal

from playground.engine.balance import Balance, keep_balance
from playground.engine.messages import (
    CheckpointWritten,
    Done,
    EditRun,
    Frame,
    LedgerGrew,
    Measured,
    Message,
    Notice,
    Pause,
    Play,
    Refused,
    RunChanged,
    SetSpeed,
    StopRun,
    Watch,
)
from playground.engine.orders import DropRun, LoadRun, MeasureSpeed, Quit
from playground.engine.peer import Peer
from playground.engine.place import Call, Place
from playground.engine.roster import Halt, Job, Worker, worker_count
from playground.engine.wire import Address

log = logging.getLogger(__name__)

MOST_DEATHS = 3
"""Workers that may die at one run before it counts as the reason."""
IDLE = 120.0
"""Seconds after which a run that neither moves nor is looked at leaves its worker's memory."""
UNBEGUN = "It waited in the queue when the playground was closed. Press Train to go on."


class Crew:
    """All workers of a host. `publish` takes every event of a run; `show` every picture."""

    def __init__(
        self,
        home: Path,
        place: Place,
        address: Callable[[], Address],
        *,
        publish: Callable[[Message], None],
        show: Callable[[Frame, bytes], None],
        watched: Callable[[str], Watch | None],
    ) -> None:
        self._home, self._place, self._address = home, place, address
        self._publish, self._show, self._watched = publish, show, watched
        self.workers: dict[str, Worker] = {}
        self.jobs: dict[str, Job] = {}
        self.count = worker_count()
        self.measured: Measured | None = None
        """How fast this machine is, once a worker knows."""
        self._measures: str | None = None
        """The worker that finds out."""
        self._launched = 0
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropping: dict[str, asyncio.Future[None]] = {}
        self.balance = Balance()

    @property
    def is_idle(self) -> bool:
        """Whether no run trains."""
        return not any(job.state in ("starting", "running") for job in self.jobs.values())

    # ---- workers ------------------------------------------------------------------------------------------------

    async def start(self, eager: bool = True) -> None:
        """Begin to start the workers; all at once where they cost little."""
        await self._place.start()
        for _ in range(self.count if eager else 1):
            self._launch()
        self._later(keep_balance(self))

    def _launch(self) -> Worker:
        self._launched += 1
        worker = Worker(f"worker-{self._launched}", secrets.token_urlsafe(24))
        self.workers[worker.id] = worker
        base = self._address()
        address = Address(worker.secret, base.pid, base.path, base.port)
        self._later(self._place.launch(Call("worker", worker.id, address, str(self._home))))
        return worker

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def arrived(self, peer: Peer, secret: str) -> bool:
        """A process says it is one of our workers. Whether it is, and whether it comes in time: nobody tells one that
        comes at the end to quit, but it ends when we hang up."""
        if self._closing:
            return False
        worker = self.workers.get(peer.id)
        if worker is None or worker.peer is not None or not secrets.compare_digest(worker.secret, secret):
            return False
        worker.peer = peer
        for message in worker.early:
            peer.send(message)
        worker.early.clear()
        self._have_measured(worker)
        log.info("worker_ready", extra={"worker": worker.id})
        return True

    def _have_measured(self, worker: Worker) -> None:
        """Have one worker find out how fast the machine is, when it has nothing else to do."""
        if self.measured is None and self._measures not in self.workers:
            self._measures = worker.id
            worker.tell(MeasureSpeed())

    def gone(self, id: str, how: str = "its connection closed") -> None:
        """A worker ended. What it had goes on elsewhere; called twice for one death, the second call finds nothing."""
        worker = self.workers.pop(id, None)
        if worker is None:
            return
        self._place.kill(id)  # if only its connection broke, it must not train on
        blamed = self._blamed(id)
        if self._closing:
            return
        log.error("worker_died", extra={"worker": id, "how": how, "jobs": len(worker.jobs), "blamed": blamed})
        if worker.peer is None and not worker.jobs and len(self.workers) > 0:
            return  # it never came up and nobody misses it
        for run in list(self._dropping):
            if run in worker.jobs:
                self._dropped(run)
        for job in list(worker.jobs.values()):
            # Where several workers die at once it may be handed to one that is dead already: not its fault.
            self._revive(job, blamed=job.run == blamed or (len(worker.jobs) == 1 and job.heard))
        if len(self.workers) < self.count and worker.peer is not None:
            self._launch()

    def _revive(self, job: Job, *, blamed: bool) -> None:
        job.worker, job.play_heard, job.moving = None, False, False
        job.deaths += blamed
        if job.deaths >= MOST_DEATHS:
            self.jobs.pop(job.run, None)
            job.play = job.waiting = None
            sentence = (
                f"{MOST_DEATHS} workers died at this run, so it was stopped. Make the network or the batch smaller."
            )
            self._publish(job.changed("failed", sentence))
            return
        message = None
        # What it was told counts, not what it last said: a command may have died with the worker.
        if job.play is not None:
            message = f"The worker died at step {job.step:,}. It goes on from step {job.checkpoint:,}."
        elif job.state in ("starting", "running"):
            message = f"The worker died at step {job.step:,}. It stands at step {job.checkpoint:,}."
        if message is not None:
            self._publish(job.changed("starting", message))
        self.take_up(job, message)

    def take_up(self, job: Job, message: str | None = None, worker: Worker | None = None) -> None:
        """Have a worker go on with a run where its files end, and say again what the last one may not have heard."""
        state: Literal["paused", "finished"] = "finished" if job.said == "finished" else "paused"
        job.load = job.load.model_copy(update={"resume": True, "state": state, "message": message})
        again = [*job.unanswered, *([job.play] if job.play is not None else []), *([job.stop] if job.stop else [])]
        self._assign(job, worker)
        for command in again:
            self._tell(job, command)

    def _blamed(self, id: str) -> str | None:
        """The run the worker was at when it died: it notes that in a file before each slice."""
        note = self._home / "run" / f"{id}.now"
        try:
            run = note.read_text().strip()
            note.unlink()
        except OSError:
            return None
        return run or None

    # ---- jobs ---------------------------------------------------------------------------------------------------

    def add(self, load: LoadRun, client: Peer | None, *, checkpoint: int = 0, step: int = 0, epoch: int = 0) -> Job:
        """Make a job of a run, in the worker with the least to do."""
        job = Job(load, client, checkpoint=checkpoint, step=step, epoch=epoch)
        self.jobs[load.run] = job
        self._assign(job)
        return job

    def _assign(self, job: Job, worker: Worker | None = None) -> None:
        if not self.workers or (len(self.workers) < self.count and all(w.jobs for w in self.workers.values())):
            self._launch()
        if worker is None or worker.id not in self.workers:
            worker = min(self.workers.values(), key=lambda worker: (worker.busy, len(worker.jobs)))
        worker.jobs[job.run] = job
        job.worker, job.heard = worker, False
        worker.tell(job.load)
        watch = self._watched(job.run)
        if watch is not None:
            worker.tell(watch)
        if job.speed is not None:
            worker.tell(job.speed)

    def tell(self, job: Job, command: Message) -> None:
        """Pass a command on to a run, and remember what must outlive its worker."""
        job.touched = time.monotonic()
        match command:
            case Play():
                if command.request is None:  # by its answer we know which Play a worker is at
                    command = command.model_copy(update={"request": secrets.token_urlsafe(9)})
                job.play, job.stop, job.interrupting, job.waiting = command, None, None, None
                job.play_heard, job.from_queue, job.seen = False, False, job.touched
                if command.steps is not None and job.said != "running":
                    # Should it have to be said again, then as a step, not as so many from wherever it stands then.
                    job.play = command.model_copy(update={"steps": None, "until": job.step + command.steps})
            case Pause():
                job.play, job.from_queue = None, False
                self._leave_queue(job)
            case StopRun():
                job.play, job.stop, job.waiting, job.from_queue = None, command, None, False
            case SetSpeed():
                job.speed = command
            case EditRun():
                job.unanswered.append(command)
        self._tell(job, command)

    def _tell(self, job: Job, command: Message) -> None:
        if job.worker is not None:
            job.worker.tell(command)

    def queue(self, job: Job, command: Play, place: tuple[int, int]) -> None:
        """Have a run wait for its turn. One that waits already keeps its place."""
        job.touched = time.monotonic()
        if job.waiting is None:
            job.place, job.ahead = place, None
        job.waiting, job.stop, job.interrupting = command.model_copy(update={"when_free": False}), None, None

    def _leave_queue(self, job: Job, halt: Halt | None = None) -> None:
        if job.waiting is None:
            return
        job.waiting = job.ahead = None
        if halt is not None:
            self._publish(job.changed(halt.state, halt.message(job.step)))
            job.interrupting = halt if job.said == "starting" else None
        else:
            self._publish(job.changed(job.said if job.said in ("paused", "finished") else "starting"))

    def halt(self, job: Job, halt: Halt) -> None:
        """Pause a run for a reason that is not its owner's, or take it out of the queue."""
        if job.waiting is not None:
            self._leave_queue(job, halt)
        elif job.active or job.state in ("starting", "running"):
            job.interrupting = halt
            self.tell(job, Pause(run=job.run))

    def rewatch(self, run: str) -> None:
        """Tell the run's worker what is looked at now."""
        job = self.jobs.get(run)
        if job is not None:
            job.touched = job.seen = time.monotonic()
            self._tell(job, self._watched(run) or Watch(run=run, frames_per_second=0))

    async def drop(self, run: str, *, keep: bool = True) -> None:
        """Take a run out of memory and wait until its worker has let go of its files."""
        job = self.jobs.pop(run, None)
        if job is not None and run in self._dropping:  # it is moving: that it was dropped here is all there is to know
            await asyncio.wait([self._dropping[run]], timeout=10)
        elif job is not None and job.worker is not None:
            await self.let_go(job, job.worker, keep=keep)

    async def let_go(self, job: Job, worker: Worker, *, keep: bool) -> bool:
        """Have a worker forget a run. Whether it has, and all its files are written."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._dropping[job.run] = done
        worker.tell(DropRun(run=job.run, keep=keep))
        try:
            await asyncio.wait_for(asyncio.shield(done), 10)
        except TimeoutError:
            log.warning("drop_unanswered", extra={"run": job.run})
            done.cancel()
            return False
        finally:
            self._dropping.pop(job.run, None)
            worker.jobs.pop(job.run, None)
        return True

    def _dropped(self, run: str) -> None:
        done = self._dropping.get(run)
        if done is not None and not done.done():
            done.set_result(None)

    def drop_idle(self) -> None:
        """Let go of runs that neither move nor are looked at."""
        for job in list(self.jobs.values()):
            idle = time.monotonic() - job.touched > IDLE and job.state not in ("starting", "queued", "running")
            if idle and not job.unanswered and self._watched(job.run) is None:
                log.info("unloaded", extra={"run": job.run})
                self._later(self.drop(job.run))

    # ---- what workers say ---------------------------------------------------------------------------------------

    def heard(self, id: str, event: Message, payload: bytes) -> None:
        """Something a worker says: keep what the host must know, pass it on."""
        worker = self.workers.get(id)
        if worker is None:
            return
        if isinstance(event, Measured):
            self.measured = event
            return
        if isinstance(event, Notice):
            self._publish(event)
            return
        if isinstance(event, Done) and event.command == "drop_run":
            self._dropped(event.about)
            return
        job = worker.jobs.get(getattr(event, "run", "") or getattr(event, "about", ""))
        if job is None or self.jobs.get(job.run) is not job:
            return  # it was dropped meanwhile
        job.heard = True
        if isinstance(event, Frame):
            self._show(event, payload)
            return
        match event:
            case RunChanged():
                self.balance.heard(event)
                if job.moving and event.state == "paused" and job.active:
                    return  # it goes on elsewhere at once
                job.moving = job.moving and job.worker is not worker
                event = self._changed(job, event)
            case CheckpointWritten():
                if event.step != job.checkpoint:
                    job.deaths = 0
                job.checkpoint = event.step
            case LedgerGrew():
                entry = {"step": event.step, "edit": event.edit}
                place = len(job.load.ledger) if event.position is None else event.position
                job.load = job.load.model_copy(update={"ledger": [*job.load.ledger[:place], entry]})
                if job.unanswered and job.unanswered[0].edit == event.edit:
                    job.unanswered.popleft()
            case Refused(command="edit_run") | Done(command="edit_run"):
                if job.unanswered:
                    job.unanswered.popleft()
            case Refused(command="play") if job.play is not None and event.request in (None, job.play.request):
                job.play, job.from_queue = None, False
        self._publish(event)

    def _changed(self, job: Job, event: RunChanged) -> RunChanged:
        if event.state != job.said:
            job.touched = time.monotonic()
        stopped = job.said == "running" and event.state != "running"
        job.said, job.step, job.epoch, job.seconds = event.state, event.step, event.epoch, event.seconds
        if event.state == "running":
            job.play_heard = job.play_heard or (job.play is not None and event.request == job.play.request)
        elif job.play_heard or event.state == "failed":
            job.play, job.play_heard, job.from_queue = None, False, False
        if stopped:
            job.stop = None
        if event.state == "failed":
            job.waiting = None
        if job.waiting is not None:
            # To its worker it is paused, or about to be.
            event = event.model_copy(update={"state": "queued", "ahead": job.ahead})
        elif job.interrupting is not None and event.state == "paused":
            halt, job.interrupting = job.interrupting, None
            event = event.model_copy(update={"state": halt.state, "message": halt.message(event.step)})
        job.state = event.state
        return event

    # ---- the end ------------------------------------------------------------------------------------------------

    async def close(self, why: str, patience: float = 10.0) -> None:
        """Pause and checkpoint everything, then let the workers end."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        for job in self.jobs.values():
            self._leave_queue(job, Halt("interrupted", UNBEGUN))
            if job.active or job.state in ("starting", "running"):
                job.interrupting = Halt("interrupted", why)
                if job.worker is None or job.worker.peer is None:
                    self._publish(job.changed("interrupted", why))
        for worker in self.workers.values():
            if worker.peer is not None:
                worker.peer.send(Quit())
        until = time.monotonic() + patience
        while any(worker.peer is not None for worker in self.workers.values()) and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for job in self.jobs.values():
            if job.state in ("starting", "running"):
                self._publish(job.changed("interrupted", why))
        await self._place.close()
