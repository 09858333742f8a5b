"""The pen of the history. One process holds it; it writes in batches, each second, and at once when someone waits.

A database that is locked, full or read-only costs nothing but time: what was to be written waits in memory, in order,
and one sentence says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from sqlite3 import DatabaseError
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from playground.runs import blocks, projects
from playground.runs.database import address, migrate, open_for_writing, why
from playground.runs.models import CheckpointRow, LedgerRow, MetricRow, RunRow, now
from playground.runs.names import run_file, valid_run
from playground.runs.records import NotFound, Saved, TooMany
from playground.runs.rescue import check, is_damage, put_aside, rescue, sqlite_file, was_left_open

log = logging.getLogger(__name__)
R = TypeVar("R")

LIVE = ("starting", "queued", "running")
"""States that only a living host can mean."""


class _Write(Generic[R]):
    """One thing to write, and who waits for it."""

    def __init__(self, work: Callable[[Session], R]) -> None:
        self.work = work
        self.done: Future[R] = Future()


class Recorder:
    """The only writer of the database. Its methods may be called from any thread and return at once."""

    def __init__(
        self, home: Path, *, notify: Callable[[str], None] = lambda sentence: None, every: float = 1.0
    ) -> None:
        """`notify` is called with one sentence when writing begins to fail, and again when it works."""
        self._home = home
        self._notify = notify
        self._every = every
        self._url = address(home)
        self._engine: Engine | None = None
        self._waiting: list[_Write[Any]] = []
        self._wake = threading.Condition()
        self._urgent = self._closing = self._failing = False
        self._growing: dict[tuple[str, str], list[Any]] = {}
        """Lists that a write which still waits will write: what comes next of the same kind is put in."""
        self._live: set[str] = set()
        """Runs that a dead host's successor will find interrupted."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def start(self) -> None:
        """Open and migrate the database, mark what a dead host left behind, begin to write. One that is damaged is put
        aside, and what can be read of it saved. Raises when the database cannot be opened at all."""
        file = sqlite_file(self._url)
        try:
            self._open(file)
        except (DBAPIError, DatabaseError) as error:
            self._dispose()
            if file is None or not is_damage(error):
                raise
            kept = put_aside(file)
            migrate(engine := open_for_writing(self._url))
            engine.dispose()
            saved = rescue(kept, file)
            self._open(file)
            self._notify(str(saved))
        self._thread.start()

    def _open(self, file: Path | None) -> None:
        unclean = was_left_open(file)
        self._engine = open_for_writing(self._url)
        check(file, self._engine, unclean=unclean)
        migrate(self._engine)
        with Session(self._engine) as session, session.begin():
            _interrupt(session)
            _forget_missing(session, self._home)

    def _dispose(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def close(self, patience: float = 5.0) -> None:
        """Write what is left, as far as possible, and put the pen down."""
        with self._wake:
            self._closing = True
            self._stop.set()
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(patience)
        self._dispose()

    @property
    def waiting(self) -> int:
        """How many writes wait."""
        return len(self._waiting)

    # ---- runs ---------------------------------------------------------------------------------------------------

    def start_run(self, run: str, owner: str, **fields: Any) -> Future[None]:
        """Enter a new run: project, template, experiment, fingerprint, seed."""

        def work(session: Session) -> None:
            if session.get(RunRow, valid_run(run)) is not None:
                raise NotFound("There is already a run of this name.")
            number = session.execute(select(func.coalesce(func.max(RunRow.number), 0))).scalar_one() + 1
            session.add(RunRow(id=run, owner=owner, state="starting", number=number, **fields))

        return self._add(work, urgent=True)

    def run_changed(self, run: str, **fields: Any) -> None:
        """State, step, epoch, seconds, message … of a run. Fields that are None are left as they are, but message."""
        known = {name: value for name, value in fields.items() if value is not None or name == "message"}
        live = fields["state"] in LIVE if "state" in fields else run in self._live
        # Should the host die in the next moment, the history must say that the run ran.
        turned = live != (run in self._live)
        (self._live.add if live else self._live.discard)(run)
        work = update(RunRow).where(RunRow.id == run)
        self._add(lambda s: s.execute(work.values(**known, updated=now())), urgent=turned)

    def metrics(self, run: str, points: list[dict[str, float]], *, reset: bool = False) -> None:
        """More points of the curves. A run that went back to a checkpoint makes points anew: the later ones there are
        give way. `reset`: those from the first of these on do in any case."""
        if not points or (not reset and self._join("points", run, points)):
            return
        points = list(points)

        def work(session: Session) -> None:
            owner = _owner(session, run)
            if owner is None:
                return  # the run was deleted while its last points were on their way
            first = int(points[0]["step"])
            later = select(MetricRow.number).where(MetricRow.run == run, MetricRow.step > first).limit(1)
            if reset or session.execute(later).first() is not None:
                session.execute(delete(MetricRow).where(MetricRow.run == run, MetricRow.step >= first))
            rows = [
                {
                    "run": run,
                    "owner": owner,
                    "step": int(point["step"]),
                    "epoch": float(point.get("epoch", 0)),
                    "values": {name: value for name, value in point.items() if name not in ("step", "epoch")},
                }
                for point in points
                if len(point) > 2
            ]
            if rows:
                session.execute(insert(MetricRow), rows)

        self._add(work, grows=("points", run, points))

    def ledger(
        self,
        run: str,
        *,
        position: int | None = None,
        step: int,
        edit: dict[str, Any],
        kept: int | None = None,
        new: int | None = None,
    ) -> None:
        """An edit that was applied. `position`: its place in the run's ledger; what is known already stays."""

        def work(session: Session) -> None:
            owner = _owner(session, run)
            if owner is None:
                return
            count = session.execute(
                select(func.count()).select_from(LedgerRow).where(LedgerRow.run == run)
            ).scalar_one()
            place = count if position is None else position
            if session.get(LedgerRow, (run, place)) is None:
                row = LedgerRow(run=run, position=place, owner=owner, step=step, edit=edit, kept=kept, new=new)
                session.add(row)

        self._add(work)

    def checkpoint(self, run: str, *, file: str, step: int, epoch: int, sha256: str, purpose: str) -> None:
        """A complete file of weights lies there."""

        def work(session: Session) -> None:
            owner = _owner(session, run)
            if owner is None:
                return
            session.merge(
                CheckpointRow(
                    run=run,
                    file=file,
                    owner=owner,
                    step=step,
                    epoch=epoch,
                    sha256=sha256,
                    purpose=purpose,
                    created=now(),
                )
            )

        self._add(work)

    def forget_checkpoints(self, run: str, files: list[str]) -> None:
        """These files were removed."""
        self._add(
            lambda s: s.execute(delete(CheckpointRow).where(CheckpointRow.run == run, CheckpointRow.file.in_(files)))
        )

    def open_sealed(self, run: str, owner: str) -> Future[None]:
        """Note that the sealed part is opened for this run. Its first opening is what counts."""

        def work(session: Session) -> None:
            row = _mine(session, run, owner)
            row.sealed_opened = row.sealed_opened or now()

        return self._add(work, urgent=True)

    def read_test(self, run: str, times: int = 1) -> None:
        """Note that the test part was read so many times more."""
        if self._join("reads", run, [times]):
            return
        reads, query = [times], update(RunRow).where(RunRow.id == run)
        work = lambda s: s.execute(query.values(test_reads=RunRow.test_reads + sum(reads)))  # noqa: E731
        self._add(work, grows=("reads", run, reads))

    def delete_run(self, run: str, owner: str) -> Future[None]:
        """Forget a run with everything about it. Its folder is the caller's to remove."""

        def work(session: Session) -> None:
            row = _mine(session, run, owner)
            for table in (MetricRow, LedgerRow, CheckpointRow):
                session.execute(delete(table).where(table.run == run))
            session.delete(row)

        return self._add(work, urgent=True)

    # ---- projects -----------------------------------------------------------------------------------------------

    def save_project(self, project: str, owner: str, **fields: Any) -> Future[Saved]:
        """Store a document: base, document, label, run as in `projects.save`."""
        return self._add(lambda session: projects.save(session, project, owner, **fields), urgent=True)

    def delete_project(self, project: str, owner: str) -> Future[None]:
        """Forget a project and its history."""
        return self._add(lambda session: projects.remove(session, project, owner), urgent=True)

    def keep_block(self, block: str, owner: str, *, title: str, layer: dict[str, Any]) -> Future[None]:
        """Keep a block for all projects of its owner, as `blocks.keep` does."""
        return self._add(lambda session: blocks.keep(session, block, owner, title=title, layer=layer), urgent=True)

    def drop_block(self, block: str, owner: str) -> Future[None]:
        """Forget a block."""
        return self._add(lambda session: blocks.drop(session, block, owner), urgent=True)

    def flush(self) -> Future[None]:
        """Done when everything handed over before is in the database."""
        return self._add(lambda session: None, urgent=True)

    # ---- the thread ---------------------------------------------------------------------------------------------

    def _join(self, kind: str, run: str, more: list[Any]) -> bool:
        """Thirty runs tell ten times a second: a write that still waits takes more of the same along, if it can. Points
        of steps that it has already are for a write of their own, which makes the later ones give way."""
        with self._wake:
            waiting = self._growing.get((kind, run))
            if waiting is None or (kind == "points" and more[0]["step"] <= waiting[-1]["step"]):
                return False
            waiting += more
            return True

    def _add(
        self, work: Callable[[Session], R], *, urgent: bool = False, grows: tuple[str, str, list[Any]] | None = None
    ) -> Future[R]:
        write = _Write(work)
        with self._wake:
            self._waiting.append(write)
            if grows is not None:
                self._growing[grows[0], grows[1]] = grows[2]
            if urgent:
                self._urgent = True
                self._wake.notify()
        return write.done

    def _work(self) -> None:
        due = time.monotonic() + self._every
        while True:
            with self._wake:
                if not (self._urgent or self._closing):
                    self._wake.wait(max(0.0, due - time.monotonic()))
                due = time.monotonic() + self._every  # from its beginning: a slow disk puts nothing off
                closing, self._urgent = self._closing, False
                batch, self._waiting = self._waiting, []
                self._growing.clear()
            if batch and not self._write(batch):
                with self._wake:
                    self._waiting = batch + self._waiting
                if closing:
                    log.error("history_lost", extra={"writes": len(self._waiting)})
                    return
                self._stop.wait(self._every)
            elif closing and not self._waiting:
                return

    def _write(self, batch: list[_Write[Any]]) -> bool:
        """Write all of it in one transaction. False: the database does not take it now."""
        assert self._engine is not None
        try:
            with Session(self._engine, autoflush=True) as session, session.begin():
                answers = [(write.done, *_attempt(session, write.work)) for write in batch]
        except (DBAPIError, OSError) as error:
            if not self._failing:
                self._failing = True
                log.warning("history_waits", extra={"why": type(error).__name__})
                self._notify(why(error))
            return False
        if self._failing:
            self._failing = False
            self._notify("The history is written again; nothing was lost.")
        for future, answer, problem in answers:
            if problem is not None:
                future.set_exception(problem)
            else:
                future.set_result(answer)
        return True


def _attempt(session: Session, work: Callable[[Session], R]) -> tuple[R | None, Exception | None]:
    """Do one thing of a batch in a savepoint: if it is wrong in itself, the others are written all the same."""
    try:
        with session.begin_nested():
            answer = work(session)
            session.flush()
        return answer, None
    except DBAPIError as error:
        if error.orig is not None and type(error.orig).__name__ in ("IntegrityError", "DataError", "ProgrammingError"):
            log.exception("history_refused")
            return None, error
        raise
    except (NotFound, TooMany, ValueError, TypeError, KeyError) as error:
        if not isinstance(error, NotFound | TooMany):
            log.exception("history_refused")
        return None, error


def _owner(session: Session, run: str) -> str | None:
    return session.execute(select(RunRow.owner).where(RunRow.id == run)).scalar_one_or_none()


def _mine(session: Session, run: str, owner: str) -> RunRow:
    row = session.get(RunRow, run)
    if row is None or row.owner != owner:
        raise NotFound("There is no such run.")
    return row


def _interrupt(session: Session) -> None:
    """What was running when the last host ended did not run on."""
    went = "It goes on from its last checkpoint when you press Train."
    for states, message in (
        (("queued",), f"It was waiting in the queue. {went}"),
        (LIVE, f"It was interrupted. {went}"),
    ):
        query = update(RunRow).where(RunRow.state.in_(states)).values(state="interrupted", message=message)
        session.execute(query)


def _forget_missing(session: Session, home: Path) -> None:
    """A host that was killed may not have heard that a file had been replaced."""
    for run, file in session.execute(select(CheckpointRow.run, CheckpointRow.file)).all():
        if not run_file(home, run, file).is_file():
            session.execute(delete(CheckpointRow).where(CheckpointRow.run == run, CheckpointRow.file == file))
