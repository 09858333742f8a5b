"""What the host does with each command of a client. Whatever is not carried out is refused with one sentence."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from playground.core.catalogue import explain
from playground.core.edits import EDIT
from playground.core.experiment import Experiment
from playground.engine.admission import Admission
from playground.engine.answers import Answers, about, refuse
from playground.engine.crew import UNBEGUN, Crew
from playground.engine.messages import (
    CancelTask,
    DeleteProject,
    DeleteRun,
    Done,
    EditRun,
    Flush,
    GoOn,
    KeepBlock,
    Message,
    Notice,
    OfRun,
    OpenSealed,
    Pause,
    Ping,
    Play,
    Pong,
    ProjectSaved,
    ResumeRun,
    RunChanged,
    RunTask,
    SaveProject,
    SetSpeed,
    StartRun,
    StopAll,
    StopRun,
    Unwatch,
    Watch,
)
from playground.engine.orders import LoadRun
from playground.engine.peer import Peer
from playground.engine.quotas import Quotas
from playground.engine.roster import Halt, Job, is_ruled
from playground.engine.rules import HELD, Denied, Rules, counted
from playground.engine.taskqueue import TaskQueue
from playground.runs.names import run_folder, valid_project, valid_run
from playground.runs.recorder import Recorder
from playground.runs.records import NotFound, Saved, StoredRun
from playground.runs.store import Store

log = logging.getLogger(__name__)

NO_RUN = "There is no such run."
CLOSED = "It was paused when the playground was closed. Press Train to go on."


class Desk:
    """Takes commands, one client's in their order."""

    def __init__(
        self,
        home: Path,
        recorder: Recorder,
        crew: Crew,
        tasks: TaskQueue,
        *,
        rules: Rules,
        admission: Admission,
        quotas: Quotas,
        show_data: Callable[[Peer, str], None],
        publish: Callable[[Message], None],
    ) -> None:
        self._home, self._recorder, self._crew, self._tasks, self._show_data = home, recorder, crew, tasks, show_data
        self._rules, self._admission, self._quotas, self._publish = rules, admission, quotas, publish
        self._store = Store(home)
        self._answers = Answers()
        self._handlers: dict[type[Message], Callable[[Peer, Any], Awaitable[None]]] = {
            StartRun: self._start,
            ResumeRun: self._resume,
            DeleteRun: self._delete_run,
            Play: self._play,
            EditRun: self._edit,
            Pause: self._pass_on,
            SetSpeed: self._pass_on,
            StopRun: self._pass_on,
            OpenSealed: self._open_sealed,
            Watch: self._watch,
            Unwatch: self._watch,
            RunTask: self._run_task,
            CancelTask: self._cancel_task,
            SaveProject: self._save_project,
            DeleteProject: self._delete_project,
            KeepBlock: self._keep_block,
            StopAll: self._stop_all,
            GoOn: self._go_on,
            Flush: self._flush,
            Ping: self._ping,
        }

    async def arrived(self, peer: Peer) -> None:
        """A client is there."""
        if self._admission.held:
            peer.send(Notice(level="note", text=HELD))
        if peer.shared:
            await self._quotas.ready()

    async def take(self, peer: Peer, command: Message) -> None:
        """Carry out a command."""
        handler = self._handlers.get(type(command))
        if handler is None:
            refuse(peer, command, "", ValueError("This command is not for the host."))
            return
        try:
            await handler(peer, command)
        except ValidationError as problem:
            refuse(peer, command, about(command), ValueError(explain(problem, "The experiment")))
        except (NotFound, ValueError) as problem:
            refuse(peer, command, about(command), problem)
        except Exception:
            log.exception("command_failed", extra={"command": type(command).__name__})
            refuse(peer, command, about(command), ValueError("The engine could not do that. Its log says why."))

    def left(self, peer: Peer) -> None:
        """A client is gone: what it set going pauses."""
        self._tasks.left(peer)
        for job in self._crew.jobs.values():
            if job.client is peer:
                job.client = None
                self._crew.halt(job, Halt("interrupted", UNBEGUN if job.waiting else CLOSED))
        watches, peer.watches = peer.watches, {}
        for run in watches:
            self._crew.rewatch(run)
        self._admission.look()

    # ---- runs ---------------------------------------------------------------------------------------------------

    async def _start(self, peer: Peer, command: StartRun) -> None:
        run, owner = valid_run(command.run), command.owner
        if not owner:
            raise ValueError("A run needs an owner.")
        if run in self._crew.jobs:
            raise ValueError("There is already a run of this name.")
        if is_ruled(peer, owner):
            self._quotas.check_new_run(owner)
        experiment = Experiment.model_validate(command.experiment)
        document = experiment.model_dump(mode="json")
        entered = self._recorder.start_run(
            run,
            owner,
            project=command.project,
            template=command.template,
            experiment=document,
            fingerprint=experiment.fingerprint(),
            seed=experiment.seed,
        )
        load = LoadRun(
            run=run,
            owner=owner,
            experiment=document,
            device=command.device,
            stop_at=command.stop_at,
            weights=command.weights,
        )
        job = self._crew.add(load, peer)
        self._quotas.begun(run, owner)
        peer.send(RunChanged(run=run, owner=owner, state="starting", step=0, epoch=0, request=command.request))

        def refused(problem: BaseException) -> None:
            # Only now does the database say that the name is taken; the run there is not ours to touch.
            if self._crew.jobs.get(run) is job:
                self._answers.later(self._crew.drop(run, keep=False))
            refuse(peer, command, run, problem)

        self._answers.when(entered, lambda nothing: None, refused)

    async def _resume(self, peer: Peer, command: ResumeRun) -> None:
        job = self._crew.jobs.get(command.run)
        if job is None:
            job = await self._load(peer, command.run, command.owner)
        elif job.owner != command.owner:
            raise NotFound(NO_RUN)
        state = RunChanged(
            run=job.run, owner=job.owner, state=job.state, step=job.step, epoch=job.epoch, seconds=job.seconds
        )
        peer.send(state.model_copy(update={"request": command.request}))

    async def _load(self, peer: Peer, id: str, owner: str) -> Job:
        """Bring a stored run back into memory, paused."""
        stored, ledger, kept = await asyncio.to_thread(self._read, owner, id)
        job = self._crew.jobs.get(id)
        if job is not None:  # another tab was quicker
            return job
        load = LoadRun(
            run=id,
            owner=owner,
            experiment=stored.experiment,
            device=stored.device or "auto",
            resume=True,
            # Shown with shipped weights and never trained: it still is.
            weights=f"opening/{stored.template}" if not kept and stored.step and stored.template else None,
            ledger=ledger,
            state="finished" if stored.state == "finished" else "paused",
        )
        return self._crew.add(load, peer, step=stored.step, epoch=stored.epoch, checkpoint=stored.step)

    def _read(self, owner: str, id: str) -> tuple[StoredRun, list[dict[str, Any]], bool]:
        stored = self._store.run(owner, valid_run(id))
        if stored.id != id:  # the beginning of an id is for people, not for commands
            raise NotFound(NO_RUN)
        ledger = [{"step": entry.step, "edit": entry.edit} for entry in self._store.ledger(owner, id)]
        return stored, ledger, bool(self._store.checkpoints(owner, id))

    async def _job(self, peer: Peer, command: OfRun) -> Job:
        """The run a command is for, loaded if need be and allowed."""
        job = self._crew.jobs.get(command.run)
        if job is None:
            if command.owner is None:
                raise NotFound(NO_RUN)
            return await self._load(peer, command.run, command.owner)
        if command.owner is not None and command.owner != job.owner:
            raise NotFound(NO_RUN)
        return job

    async def _play(self, peer: Peer, command: Play) -> None:
        stops = self._admission.stops
        job = await self._job(peer, command)
        if self._admission.stops != stops:
            raise ValueError("Everything was paused just now. Try once more.")
        if is_ruled(peer, job.owner):
            self._quotas.check_play(job.owner, job.run)
        self._admission.play(peer, job, command)

    async def _edit(self, peer: Peer, command: EditRun) -> None:
        EDIT.validate_python(command.edit)
        self._crew.tell(await self._job(peer, command), command)

    async def _pass_on(self, peer: Peer, command: OfRun) -> None:
        job = self._crew.jobs.get(command.run)
        if job is None or (command.owner is not None and command.owner != job.owner):
            raise NotFound(NO_RUN)
        self._crew.tell(job, command)

    async def _delete_run(self, peer: Peer, command: DeleteRun) -> None:
        run = valid_run(command.run)
        job = self._crew.jobs.get(run)
        if job is not None and job.owner != command.owner:
            raise NotFound(NO_RUN)
        if job is not None:
            await self._crew.drop(run, keep=False)

        def gone(nothing: None) -> None:
            self._quotas.run_deleted(run)
            self._admission.look()
            shutil.rmtree(run_folder(self._home, run), ignore_errors=True)
            peer.send(Done(about=run, command=command.type, request=command.request))

        self._answers.answer(peer, command, self._recorder.delete_run(run, command.owner), gone)

    async def _open_sealed(self, peer: Peer, command: OpenSealed) -> None:
        if command.owner is None:
            raise NotFound(NO_RUN)
        job = self._crew.jobs.get(command.run)
        opened = self._recorder.open_sealed(valid_run(command.run), command.owner)

        def done(nothing: None) -> None:
            if job is not None:
                job.load = job.load.model_copy(update={"sealed_by": command.by})
                self._crew.tell(job, command)
            peer.send(Done(about=command.run, command=command.type, request=command.request))

        self._answers.answer(peer, command, opened, done)

    async def _watch(self, peer: Peer, command: Watch | Unwatch) -> None:
        job = self._crew.jobs.get(command.run)
        if job is not None and command.owner is not None and command.owner != job.owner:
            raise NotFound(NO_RUN)
        if isinstance(command, Watch):
            if command.run not in peer.watches:
                self._show_data(peer, command.run)
            peer.watches[command.run] = command
        else:
            peer.watches.pop(command.run, None)
        self._crew.rewatch(command.run)

    # ---- tasks, projects, the host itself -----------------------------------------------------------------------

    async def _run_task(self, peer: Peer, command: RunTask) -> None:
        has = self._tasks.count(command.owner)
        if is_ruled(peer, command.owner) and has >= self._rules.tasks:
            sentence = f"You have {counted(has, 'task')} waiting or under way, as many as one may have here."
            raise Denied(f"{sentence} Wait for one to end, or cancel it.", "quota")
        self._tasks.add(peer, command)

    async def _cancel_task(self, peer: Peer, command: CancelTask) -> None:
        self._tasks.cancel(command.task, command.owner)

    async def _save_project(self, peer: Peer, command: SaveProject) -> None:
        if is_ruled(peer, command.owner):
            self._quotas.check_save(command.owner, command.project)

        def saved(result: Saved) -> None:
            self._quotas.saved(command.owner, command.project, result.grown)
            peer.send(
                ProjectSaved(
                    project=command.project,
                    revision=result.revision,
                    document=result.document,
                    conflicts=list(result.conflicts),
                    request=command.request,
                )
            )

        writing = self._recorder.save_project(
            valid_project(command.project),
            command.owner,
            base=command.base,
            document=command.document,
            label=command.label,
            run=command.run,
        )

        def failed(problem: BaseException) -> None:
            self._quotas.not_saved(command.owner, command.project)
            refuse(peer, command, command.project, problem)

        self._answers.when(writing, saved, failed)

    async def _delete_project(self, peer: Peer, command: DeleteProject) -> None:
        def gone(nothing: None) -> None:
            self._quotas.project_deleted(command.owner, command.project)
            peer.send(Done(about=command.project, command=command.type, request=command.request))

        self._answers.answer(peer, command, self._recorder.delete_project(command.project, command.owner), gone)

    async def _keep_block(self, peer: Peer, command: KeepBlock) -> None:
        def written(nothing: None) -> None:
            peer.send(Done(about=command.block, command=command.type, request=command.request))

        if command.layer is None:
            writing = self._recorder.drop_block(command.block, command.owner)
        else:
            writing = self._recorder.keep_block(command.block, command.owner, title=command.title, layer=command.layer)
        self._answers.answer(peer, command, writing, written)

    async def _stop_all(self, peer: Peer, command: StopAll) -> None:
        self._admission.stop_all(command.message, hold=command.hold)
        self._tasks.cancel_all(command.message)
        if command.hold:
            self._publish(Notice(level="note", text=HELD))
        peer.send(Done(about="", command=command.type, request=command.request))

    async def _go_on(self, peer: Peer, command: GoOn) -> None:
        if self._admission.held:
            self._admission.go_on()
            self._publish(Notice(level="note", text="Training is free again. Press Train to go on."))
        peer.send(Done(about="", command=command.type, request=command.request))

    async def _flush(self, peer: Peer, command: Flush) -> None:
        def written(nothing: None) -> None:
            peer.send(Done(about="", command=command.type, request=command.request))

        self._answers.answer(peer, command, self._recorder.flush(), written)

    async def _ping(self, peer: Peer, command: Ping) -> None:
        workers = sum(worker.peer is not None for worker in self._crew.workers.values())
        pong = Pong(
            id=command.id,
            workers=workers,
            jobs=len(self._crew.jobs),
            running=self._admission.running,
            queued=self._admission.queued,
            tasks=len(self._tasks),
            writes_waiting=self._recorder.waiting,
            held=self._admission.held,
            measured=self._crew.measured,
            request=command.request,
        )
        peer.send(pong)
