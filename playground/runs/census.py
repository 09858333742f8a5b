"""What every owner keeps, counted once for all: by whoever keeps the count from then on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from playground.runs.database import address, open_for_reading
from playground.runs.models import ProjectRow, RevisionRow, RunRow
from playground.runs.names import run_folder


@dataclass
class Kept:
    """What one owner keeps."""

    trained: set[str] = field(default_factory=set)
    """Runs with a step of their own: one that was only looked at keeps nothing, or stands at step 0."""
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    """Bytes of the files of each run."""
    projects: dict[str, int] = field(default_factory=dict)
    """Bytes of each project's document and its earlier states."""


def count(home: Path) -> dict[str, Kept]:
    """What each owner keeps. Reads every run's folder, so it takes a while: not in a loop's thread."""
    kept: dict[str, Kept] = {}
    engine = open_for_reading(address(home))
    try:
        with Session(engine) as session:
            for run, owner, step in session.execute(select(RunRow.id, RunRow.owner, RunRow.step)):
                own = kept.setdefault(owner, Kept())
                own.files[run] = _files(run_folder(home, run))
                if step > 0 and own.files[run]:
                    own.trained.add(run)
            length = func.length(cast(ProjectRow.document, Text))
            for project, owner, size in session.execute(select(ProjectRow.id, ProjectRow.owner, length)):
                kept.setdefault(owner, Kept()).projects[project] = size
            length = func.sum(func.length(cast(RevisionRow.document, Text)))
            earlier = select(RevisionRow.project, RevisionRow.owner, length)
            for project, owner, size in session.execute(earlier.group_by(RevisionRow.project, RevisionRow.owner)):
                own = kept.setdefault(owner, Kept())
                own.projects[project] = own.projects.get(project, 0) + size
    finally:
        engine.dispose()
    return kept


def _files(folder: Path) -> dict[str, int]:
    try:
        return {file.name: file.stat().st_size for file in folder.iterdir()}
    except OSError:  # it never kept anything, or is being removed
        return {}
