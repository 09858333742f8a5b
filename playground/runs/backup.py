"""A copy of a home folder, made while it is in use, that is a home folder itself."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url

from playground.runs.database import address
from playground.runs.names import run_file

TRIES = 5
"""How often to begin again because a checkpoint gave way to a newer one between the history's copy and its own."""


class CannotCopy(RuntimeError):
    """Why there is no copy, in one sentence."""


class Copied(NamedTuple):
    """What a copy holds. `missing`: checkpoints that the history lists and the home itself does not have."""

    projects: int
    runs: int
    files: int
    bytes: int
    missing: int


def back_up(home: Path, target: Path) -> Copied:
    """Copy the history as it is at one moment, and every checkpoint it names.

    Nobody has to stop for it. The copy appears under its name when it is whole. Raises CannotCopy and OSError.
    """
    url = make_url(address(home))
    if url.get_backend_name() != "sqlite":
        raise CannotCopy(
            "The history is in a database of its own. Copy it with that database's tools, and then the folder "
            f"{home / 'runs'}."
        )
    history = Path(url.database or "")
    if not history.is_file():
        raise CannotCopy(f"There is no history in {home}. Choose the folder with PLAYGROUND_HOME.")
    if target.exists():
        raise CannotCopy(f"{target} is there already. Name a folder that is not.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    try:
        found = _copy(home, history, unfinished)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return found


def _copy(home: Path, history: Path, target: Path) -> Copied:
    copy = target / "playground.sqlite"
    missing: list[Path] = []
    for _ in range(TRIES):
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(history, timeout=30.0)) as source, closing(sqlite3.connect(copy)) as there:
            source.backup(there)
            there.execute("PRAGMA journal_mode=DELETE")  # all of it in one file
            listed = list(there.execute("SELECT run, file FROM checkpoints"))
            (projects,) = there.execute("SELECT count(*) FROM projects").fetchone()
            (runs,) = there.execute("SELECT count(*) FROM runs").fetchone()
        missing = [run_file(home, run, file) for run, file in listed if not _has(home, target, run, file)]
        if not missing:
            break
    wanted = {run_file(target, run, file) for run, file in listed}
    files = [file for file in (target / "runs").rglob("*") if file.is_file()]
    for file in files:
        if file not in wanted:  # of a try before
            file.unlink()
    kept = [file for file in files if file in wanted]
    size = sum(file.stat().st_size for file in (copy, *kept))
    return Copied(projects, runs, len(kept), size, len(missing))


def _has(home: Path, target: Path, run: str, file: str) -> bool:
    """Whether the copy has this checkpoint, now. A file of this name is never written a second time."""
    there = run_file(target, run, file)
    if there.is_file():
        return True
    there.parent.mkdir(parents=True, exist_ok=True)
    half = there.with_suffix(".half")
    try:
        shutil.copyfile(run_file(home, run, file), half)
    except FileNotFoundError:
        half.unlink(missing_ok=True)
        return False
    half.rename(there)
    return True
