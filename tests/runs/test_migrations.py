"""The tables: made from nothing by the migrations, equal to what the code reads, opened again and again."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from playground.runs.database import HEAD, MIGRATIONS, HistoryElsewhere, address, migrate, open_for_writing, version
from playground.runs.models import Table
from playground.runs.store import Store


def test_an_empty_database_becomes_the_present_one(home: Path) -> None:
    engine = open_for_writing(address(home))
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert version(connection) == HEAD
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_the_code_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_history_of_a_later_release_is_left_alone(home: Path) -> None:
    engine = open_for_writing(address(home))
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HistoryElsewhere, match="later release"):
        migrate(engine)
    engine.dispose()
    with pytest.raises(HistoryElsewhere, match="later release"):
        Store(home).runs("ann")


def test_the_setting_names_another_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_DATABASE", f"sqlite:///{home / 'other.db'}")
    engine = open_for_writing(address(home))
    migrate(engine)
    engine.dispose()
    assert (home / "other.db").is_file()
    assert Store(home).runs("ann") == []
