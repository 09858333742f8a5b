"""What is done to projects inside one transaction. Called by the recorder only."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, cast, delete, func, select
from sqlalchemy.orm import Session

from playground.runs.merge import merge
from playground.runs.models import ProjectRow, RevisionRow, now
from playground.runs.names import NAMED, valid_project
from playground.runs.records import NotFound, Saved

KEPT_WHOLE = 50
"""Newest revisions that are never thinned: as far back as two tabs can be apart and still be merged."""


def save(
    session: Session,
    project: str,
    owner: str,
    *,
    base: int,
    document: dict[str, Any],
    label: str = "",
    run: str | None = None,
) -> Saved:
    """Store a document edited from revision `base`, merged with what came between."""
    row = session.get(ProjectRow, valid_project(project))
    if row is None:
        row = ProjectRow(id=project, owner=owner, revision=0, document={})
        session.add(row)
    elif row.owner != owner:
        raise NotFound("There is no such project.")
    before = len(json.dumps(row.document)) if row.revision else 0
    merged: dict[str, Any] | None = None
    conflicts: list[str] = []
    if row.revision > base > 0:
        start = session.get(RevisionRow, (project, base))
        if start is not None and row.document != document:
            merged, conflicts = merge(start.document, row.document, document)
            merged = None if merged == document else merged
    row.document = merged if merged is not None else document
    row.revision += 1
    row.title = str(row.document.get("title") or "")[:200]
    row.run = run if run is not None else row.run
    row.updated = now()
    row.touched = session.execute(select(func.coalesce(func.max(ProjectRow.touched), 0))).scalar_one() + 1
    session.flush()
    session.add(
        RevisionRow(project=project, revision=row.revision, owner=owner, document=row.document, label=label[:200])
    )
    freed = thin(session, project) if row.revision % 10 == 0 else 0
    return Saved(row.revision, merged, tuple(conflicts), 2 * len(json.dumps(row.document)) - before - freed)


def remove(session: Session, project: str, owner: str) -> None:
    """Delete a project with its history. Its runs stay."""
    row = session.get(ProjectRow, project)
    if row is None or row.owner != owner:
        raise NotFound("There is no such project.")
    session.execute(delete(RevisionRow).where(RevisionRow.project == project))
    session.delete(row)


def thin(session: Session, project: str) -> int:
    """Of old revisions keep one each ten minutes of the last day, one a day before that. How many bytes that freed."""
    query = select(RevisionRow.revision, RevisionRow.created).where(
        RevisionRow.project == project, RevisionRow.label.not_like(f"{NAMED}%")
    )
    revisions = session.execute(query.order_by(RevisionRow.revision.desc())).all()
    gone = too_many([(number, created) for number, created in revisions], at=now())
    if not gone:
        return 0
    these = (RevisionRow.project == project, RevisionRow.revision.in_(gone))
    freed = session.execute(select(func.sum(func.length(cast(RevisionRow.document, Text)))).where(*these)).scalar_one()
    session.execute(delete(RevisionRow).where(*these))
    return int(freed)


def too_many(revisions: list[tuple[int, datetime]], *, at: datetime) -> list[int]:
    """The numbers to drop, of (number, time) from newest to oldest."""
    gone: list[int] = []
    last: tuple[str, int] | None = None
    for number, created in revisions[KEPT_WHOLE:]:
        age = at - created
        span = timedelta(minutes=10) if age < timedelta(days=1) else timedelta(days=1)
        slot = (str(span), int(created.timestamp() // span.total_seconds()))
        if slot == last:
            gone.append(number)
        last = slot
    return gone
