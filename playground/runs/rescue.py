"""A history that is damaged: it is put aside, never deleted, and what can still be read of it goes into a new one."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

TABLES = ("projects", "project_revisions", "runs", "metrics", "ledger", "checkpoints")
"""Owners of rows first."""
_JSON = ("document", "experiment", "environment", "values", "edit")
_TIMES = ("created", "updated", "sealed_opened")
READ_WHOLE = 64 * 2**20
"""Bytes up to which a history is read through at every start; a larger one only after a death."""


class Rescued(NamedTuple):
    """What became of a damaged history. `kept`: its new name; `rows`: how many of each table were saved."""

    kept: str
    rows: dict[str, int]

    def __str__(self) -> str:
        projects, runs = self.rows.get("projects", 0), self.rows.get("runs", 0)
        return (
            f"The history was damaged. {projects:,} projects and {runs:,} runs could be read and are here; "
            f"the damaged file is kept as {self.kept}."
        )


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file itself is broken, and not that it cannot be had just now."""
    text = str(getattr(error, "orig", None) or error).lower()
    return isinstance(error, DBAPIError | sqlite3.DatabaseError) and any(
        word in text for word in ("malformed", "not a database", "file is encrypted", "damaged")
    )


def sqlite_file(url: str) -> Path | None:
    """The file of a history that lies in one."""
    address = make_url(url)
    is_file = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    return Path(address.database or "") if is_file else None


def check(file: Path | None, engine: Engine, *, unclean: bool) -> None:
    """Raise DatabaseError if the history is damaged. `unclean`: whoever wrote last did not close it."""
    if file is None or not file.is_file():
        return
    size = file.stat().st_size
    with engine.connect() as connection:
        if not unclean and size > READ_WHOLE:
            return
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise sqlite3.DatabaseError(f"The history is damaged: {found}")


def was_left_open(file: Path | None) -> bool:
    """Whether the last writer died: it would have put its journal away."""
    try:
        return file is not None and file.with_name(f"{file.name}-wal").stat().st_size > 0
    except OSError:
        return False


def put_aside(file: Path) -> Path:
    """Give a damaged file, with its journal, a name that nothing here opens. Raises OSError."""
    number = 1
    while (kept := file.with_name(f"{file.stem}.broken-{number}{file.suffix}")).exists():
        number += 1
    for end in ("-wal", "-shm", ""):  # the file last: until it moves, nothing has happened
        part = file.with_name(file.name + end)
        if part.exists():
            part.rename(kept.with_name(kept.name + end))
    return kept


def rescue(kept: Path, into: Path) -> Rescued:
    """Copy what can be read of a damaged history into a new, empty one."""
    rows: dict[str, int] = {}
    with sqlite3.connect(into) as new:
        for table in TABLES:
            names = [str(column[1]) for column in new.execute(f"PRAGMA table_info({table})")]
            count = 0
            for row in _readable(kept, table):
                known = [name for name in names if name in row]
                places = ", ".join("?" * len(known))
                # The names are those of our own tables.
                text = f"INSERT OR IGNORE INTO {table} ({', '.join(_quoted(known))}) VALUES ({places})"  # noqa: S608
                try:
                    count += new.execute(text, [row[name] for name in known]).rowcount
                except sqlite3.DatabaseError:
                    continue  # a row that is no row: a NULL where none may be
            rows[table] = count
        for table in TABLES[1:]:
            owner, column = ("projects", "project") if table == "project_revisions" else ("runs", "run")
            if table != "runs":
                new.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {owner})")  # noqa: S608
    new.close()
    log.warning("history_rescued", extra={"kept": kept.name, "rows": rows})
    return Rescued(kept.name, rows)


def _readable(kept: Path, table: str) -> Iterator[dict[str, Any]]:
    """Rows from the front until the damage, then from the back until the damage."""
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        try:
            old = sqlite3.connect(kept)
            try:
                old.row_factory = sqlite3.Row
                query = f'SELECT rowid AS "its rowid", * FROM {table} ORDER BY rowid {order}'  # noqa: S608
                for row in old.execute(query):
                    values = dict(row)
                    if (number := int(values.pop("its rowid"))) in seen:
                        return
                    seen.add(number)
                    if _is_sound(values):
                        yield values
            finally:
                old.close()
        except (sqlite3.Error, UnicodeDecodeError):
            continue


def _is_sound(row: dict[str, Any]) -> bool:
    """Whether what a row holds can be read back: a damaged page may hold anything."""
    try:
        for name, value in row.items():
            if name in _JSON:
                json.loads(value)
            elif name in _TIMES and value is not None:
                datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return True


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]
