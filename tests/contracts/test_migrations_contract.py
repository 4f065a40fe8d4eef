"""Promise P20: a database of any earlier step comes forward with every row, also when the upgrade is killed in the middle."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, MetaData, Table, create_engine, insert, inspect, select, text

from companion.adapters import sql_store
from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import metadata
from companion.settings import ROOT

Rows = dict[str, list[dict[str, Any]]]
STEPS = sorted(path.name[1:5] for path in sql_store._MIGRATIONS.joinpath("versions").glob("m*.py"))
ROWS_EACH = 3


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database in which nothing has been made yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS companion_old"))
        connection.execute(text("CREATE DATABASE companion_old"))
    yield url.replace("/postgres?", "/companion_old?")
    engine.dispose()


def alembic_of(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(sql_store._MIGRATIONS))
    config.attributes["connection"] = connection
    return config


ONE_ROW = frozenset({"alembic_version", "access_seal", "notice_health"})
"""Tables that have their one row from the step that made them."""


def make_old(url: str, step: str) -> Rows:
    """Make a database as it was at an earlier step, with a few rows in every table; return them."""
    database = Database(url)
    with database._engine.connect() as connection:
        command.upgrade(alembic_of(connection), step)
        connection.commit()
        tables = MetaData()
        tables.reflect(connection)
        connection.commit()
        made: Rows = {}
        for table in tables.sorted_tables:
            if table.name not in ONE_ROW:
                made[table.name] = [_row(table, number) for number in range(ROWS_EACH)]
                connection.execute(insert(table), made[table.name])
        connection.commit()
    database.close()
    return made


def _row(table: Table, number: int) -> dict[str, Any]:
    """Return a row of which every value is of its column's kind and fits the rows of the tables it points to."""
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type
        if isinstance(kind, Boolean):
            row[column.name] = bool(number % 2)
        elif isinstance(kind, Integer):
            row[column.name] = number + 1
        elif isinstance(kind, LargeBinary):
            row[column.name] = bytes([number + 1]) * 40
        elif isinstance(kind, DateTime):
            row[column.name] = datetime(2026, 11, number + 1, tzinfo=UTC)
        elif isinstance(kind, Date):
            row[column.name] = date(2026, 11, number + 1)
        else:
            row[column.name] = f"r{number}"
    return row


def rows_now(url: str, old: Rows) -> Rows:
    """Return the rows of the old tables as they are now, with the columns they had."""
    engine = create_engine(Database(url)._url)
    with engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        found = {}
        for name, rows in old.items():
            columns = [tables.tables[name].c[column] for column in rows[0]]
            found[name] = [dict(row._mapping) for row in connection.execute(select(*columns).order_by(columns[0]))]
    engine.dispose()
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_database_of_any_earlier_step_comes_forward_with_every_row(step: str, empty_url: str) -> None:
    old = make_old(empty_url, step)
    database = Database(empty_url)

    database.migrate()

    assert _plain(rows_now(empty_url, old)) == _plain(old)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert database.check()
    database.close()


KILLED = """
import os, signal, sys
from sqlalchemy import event
from companion.adapters.sql_store import Database
database, left = Database(sys.argv[1]), [int(sys.argv[2])]
def count(*_):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(database._engine, "after_cursor_execute", count)
database.migrate()
"""


@pytest.mark.parametrize("statement", [3, 5, 7, 9, 12])
def test_an_upgrade_that_was_killed_goes_through_the_next_time(statement: int, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    old = make_old(url, "0001")
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(statement)], cwd=ROOT, check=False)
    database = Database(url)

    database.migrate()

    assert killed.returncode == -signal.SIGKILL
    assert _plain(rows_now(url, old)) == _plain(old)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    database.close()


def test_a_killed_upgrade_leaves_a_step_whole_or_not_at_all(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    make_old(url, "0001")
    subprocess.run([sys.executable, "-c", KILLED, url, "5"], cwd=ROOT, check=False)

    engine = create_engine(url)
    with engine.connect() as connection:
        step = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        found = set(inspect(connection).get_table_names()) - {"alembic_version", "access_seal"}
    engine.dispose()

    assert found == _tables_of(step, tmp_path)


def _tables_of(step: str, folder: Path) -> set[str]:
    return set(make_old(f"sqlite:///{folder / 'reference.db'}", step))


def test_the_steps_form_one_line() -> None:
    scripts = ScriptDirectory(str(sql_store._MIGRATIONS))

    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == STEPS


def _plain(rows: Rows) -> Rows:
    """Return the rows in an order of their own, times without zone, since SQLite forgets it."""
    plain = {name: [{c: _value(v) for c, v in row.items()} for row in found] for name, found in rows.items()}
    return {name: sorted(found, key=str) for name, found in plain.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None)
    return bytes(value) if isinstance(value, memoryview) else value
