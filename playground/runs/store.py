"""Reading the history: what the server and the command line may know. It cannot write, and it knows no torch.

Every question names an owner, and what belongs to another answers exactly like what does not exist. The one exception
is a project by its id: whoever has the link may look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url, select
from sqlalchemy.orm import Session

from playground.runs.database import HEAD, HistoryElsewhere, address, open_for_reading, version
from playground.runs.models import BlockRow, CheckpointRow, LedgerRow, MetricRow, ProjectRow, RevisionRow, RunRow
from playground.runs.names import run_file
from playground.runs.records import Block, Checkpoint, Edited, NotFound, Project, ProjectEntry, Revision, StoredRun
from playground.runs.rescue import sqlite_file


class Store:
    """The history of one home folder, for reading. Usable from several threads."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._url = address(home)
        self._engine: Engine | None = None
        self._file: int | None = None
        """The number the system knows its file by."""

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    # ---- projects -----------------------------------------------------------------------------------------------

    def projects(self, owner: str) -> list[ProjectEntry]:
        """This owner's projects, the one touched last first."""
        columns = (ProjectRow.id, ProjectRow.title, ProjectRow.revision, ProjectRow.run, ProjectRow.updated)
        query = select(*columns).where(ProjectRow.owner == owner).order_by(ProjectRow.touched.desc())
        with self._session() as session:
            return [ProjectEntry(*row) for row in session.execute(query)] if session else []

    def project(self, id: str) -> Project | None:
        """A project by its unguessable id, whoever asks. Who is not its owner may only look."""
        with self._session() as session:
            row = session.get(ProjectRow, id) if session else None
            if row is None:
                return None
            return Project(row.id, row.owner, row.title, row.revision, row.document, row.run, row.updated)

    def revisions(self, owner: str, project: str) -> list[Revision]:
        """Earlier states of a project, the newest first."""
        query = select(RevisionRow.revision, RevisionRow.label, RevisionRow.created)
        query = query.where(RevisionRow.project == project, RevisionRow.owner == owner)
        with self._session() as session:
            rows = session.execute(query.order_by(RevisionRow.revision.desc())) if session else ()
            return [Revision(*row) for row in rows]

    def revision(self, owner: str, project: str, revision: int) -> dict[str, Any]:
        """The document of an earlier state."""
        with self._session() as session:
            row = session.get(RevisionRow, (project, revision)) if session else None
            if row is None or row.owner != owner:
                raise NotFound("There is no such state of this project.")
            return row.document

    # ---- blocks -------------------------------------------------------------------------------------------------

    def blocks(self, owner: str) -> list[Block]:
        """The blocks this owner keeps, by title."""
        query = select(BlockRow.id, BlockRow.title, BlockRow.layer).where(BlockRow.owner == owner)
        with self._session() as session:
            rows = session.execute(query.order_by(BlockRow.title)) if session else ()
            return [Block(*row) for row in rows]

    # ---- runs ---------------------------------------------------------------------------------------------------

    def runs(self, owner: str, project: str | None = None, *, limit: int = 1000) -> list[StoredRun]:
        """This owner's runs, the newest first."""
        query = select(RunRow).where(RunRow.owner == owner)
        if project is not None:
            query = query.where(RunRow.project == project)
        with self._session() as session:
            rows = session.scalars(query.order_by(RunRow.number.desc()).limit(limit)) if session else ()
            return [_run(row) for row in rows]

    def run(self, owner: str, id: str) -> StoredRun:
        """A run by its id or the unique beginning of it. Raises NotFound with one sentence."""
        query = select(RunRow).where(RunRow.owner == owner, RunRow.id.startswith(id, autoescape=True)).limit(3)
        with self._session() as session:
            rows = list(session.scalars(query)) if session and id else []
            exact = [row for row in rows if row.id == id]
            if exact:
                return _run(exact[0])
            if len(rows) > 1:
                raise NotFound(f"More than one run begins with {id!r}. Write more of its id.")
            if not rows:
                raise NotFound(f"There is no run {id[:40]!r}. `playground runs` lists yours.")
            return _run(rows[0])

    def metrics(self, owner: str, run: str) -> list[dict[str, Any]]:
        """The points of a run's curves, in order."""
        query = select(MetricRow.step, MetricRow.epoch, MetricRow.values).where(MetricRow.run == run)
        with self._session() as session:
            rows = session.execute(_by(query, MetricRow, owner).order_by(MetricRow.number)) if session else ()
            return [{"step": step, "epoch": epoch, **values} for step, epoch, values in rows]

    def ledger(self, owner: str, run: str) -> list[Edited]:
        """The edits of a run, in order."""
        query = select(LedgerRow.step, LedgerRow.edit, LedgerRow.kept, LedgerRow.new).where(LedgerRow.run == run)
        with self._session() as session:
            rows = session.execute(_by(query, LedgerRow, owner).order_by(LedgerRow.position)) if session else ()
            return [Edited(*row) for row in rows]

    def checkpoints(self, owner: str, run: str) -> list[Checkpoint]:
        """The files of weights of a run, the newest last."""
        row = CheckpointRow
        columns = (row.file, row.step, row.epoch, row.sha256, row.purpose, row.created)
        query = _by(select(*columns).where(row.run == run), row, owner).order_by(row.file)
        with self._session() as session:
            return [Checkpoint(*found) for found in session.execute(query)] if session else []

    def weights(self, owner: str, run: str, purpose: str | None = None) -> Path:
        """The file of a run's newest weights, or of its `best`, `final`, `last`, `first`. Raises NotFound."""
        found = [c for c in self.checkpoints(owner, run) if purpose is None or c.purpose == purpose]
        for checkpoint in reversed(found):
            path = run_file(self.home, run, checkpoint.file)
            if path.is_file():
                return path
        raise NotFound("This run has no stored weights yet.")

    # ---- the database -------------------------------------------------------------------------------------------

    @contextmanager
    def _session(self) -> Iterator[Session | None]:
        """A session, or None while nothing was ever written."""
        if self._engine is not None and _identity(self._url) != self._file:
            self.close()  # a damaged history was put aside while we had it open
        if self._engine is None:
            url = make_url(self._url)
            if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
                yield None
                return
            engine = open_for_reading(self._url)
            with engine.connect() as connection:
                found = version(connection)
            if found is None:  # the file is there, its first tables are not yet
                engine.dispose()
                yield None
                return
            if found != HEAD:
                engine.dispose()
                raise HistoryElsewhere(found)
            self._engine, self._file = engine, _identity(self._url)
        with Session(self._engine) as session:
            yield session


def _identity(url: str) -> int | None:
    """Which file this is, whatever its name. None: it is none."""
    try:
        file = sqlite_file(url)
        return file.stat().st_ino if file is not None else None
    except OSError:
        return None


def _by(query: Any, table: Any, owner: str) -> Any:
    return query.where(table.owner == owner)


def _run(row: RunRow) -> StoredRun:
    return StoredRun(**{name: getattr(row, name) for name in StoredRun.__dataclass_fields__})
