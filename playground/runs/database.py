"""Where the history lies and how it is opened: SQLite beside the runs, or any other database by its address."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DatabaseError

HEAD = "0003"
"""The newest migration. Known here so that an up-to-date history is opened without loading the migration library."""

MIGRATIONS = Path(__file__).with_name("migrations")


class HistoryElsewhere(RuntimeError):
    """The tables are those of another release. Nothing is read or changed."""

    def __init__(self, found: str) -> None:
        if found < HEAD:
            super().__init__(
                "This history is from an earlier release. Start the playground once; it brings it up to date."
            )
        else:
            super().__init__(
                "This history was written by a later release of the playground. Install that release, "
                "or choose another folder with PLAYGROUND_HOME."
            )


def address(home: Path) -> str:
    """The address of the database: PLAYGROUND_DATABASE, or a file in the home folder."""
    return os.environ.get("PLAYGROUND_DATABASE") or f"sqlite:///{home / 'playground.sqlite'}"


def open_for_writing(url: str, *, patience: float = 2.0) -> Engine:
    """The pen. Only the recorder takes it. `patience`: seconds to wait for another program's lock."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": patience, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        # Python's driver would begin transactions by its own rules and break savepoints; here we begin them.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that began as a reader cannot wait for a lock; it fails at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def open_for_reading(url: str) -> Engine:
    """Eyes only: what comes through here cannot write."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    # A plain path would make an empty file where there is none.
    path = Path(make_url(url).database or "").absolute()
    engine = create_engine(
        f"sqlite:///file:{quote(str(path))}?mode=rw&uri=true", connect_args={"timeout": 5.0, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    return engine


def version(connection: Connection) -> str | None:
    """The migration this database is at; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def migrate(engine: Engine) -> None:
    """Bring the database to the present tables, from whatever earlier release left it."""
    with engine.begin() as connection:
        found = version(connection)
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise HistoryElsewhere(found)
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def why(error: BaseException) -> str:
    """One sentence about a database that does not answer, for a person."""
    cause = ""
    chain: BaseException | None = error
    while chain is not None:  # a full disk ends the transaction, and what follows fails with it for another reason
        cause += str(getattr(chain, "orig", None) or chain).lower() + "\n"
        chain = chain.__context__
    if "locked" in cause or "busy" in cause:
        return "Another program holds the history locked. Nothing is lost; it is written as soon as the lock is gone."
    if "full" in cause or "no space" in cause:
        return "The disk is full. Training goes on, but nothing more is kept until there is room again."
    if "malformed" in cause or "not a database" in cause:
        return (
            "The history is damaged. Training goes on; close the playground and open it again to save what can be read."
        )
    if "readonly" in cause or "read-only" in cause or "unable to open" in cause:
        return (
            "The folder of the history cannot be written. Training goes on; choose another folder with PLAYGROUND_HOME."
        )
    if isinstance(error, DatabaseError):
        return "The history cannot be written at the moment. Nothing is lost; it is tried again every second."
    return "The history cannot be written."
