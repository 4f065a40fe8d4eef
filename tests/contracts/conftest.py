"""Every store, in memory, in SQLite and in PostgreSQL, with the services on top, for the contract tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from people_workplace import Workplace, workplace_of, workplace_on

from companion.adapters.in_memory import MemoryHandoverStore
from companion.adapters.in_memory_duty import MemoryDutyBook
from companion.adapters.in_memory_staff import MemoryAccessLog, MemoryFeedbackStore, MemoryStaffDirectory
from companion.adapters.sql_store import Database


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Database]:
    """Give a migrated PostgreSQL database."""
    database = Database(postgres_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Give a fresh SQLite database."""
    database = Database(f"sqlite:///{tmp_path / 'companion.db'}")
    yield database
    database.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def workplace(request: pytest.FixtureRequest) -> Workplace:
    """Give a workplace on each kind of store."""
    if request.param == "memory":
        directory, book = MemoryStaffDirectory(), MemoryDutyBook()
        return workplace_of(MemoryHandoverStore(directory, book), directory, MemoryFeedbackStore(), MemoryAccessLog(), book, None)
    return workplace_on(request.getfixturevalue(request.param))


@pytest.fixture(params=["sqlite", "postgres"])
def on_database(request: pytest.FixtureRequest) -> Workplace:
    """Give a workplace on each kind of database."""
    return workplace_on(request.getfixturevalue(request.param))


@pytest.fixture
def second_instance() -> Callable[[Workplace], Workplace]:
    """Give a way to start a second process's services on the same database, clock and notifier."""

    def open_again(first: Workplace) -> Workplace:
        assert first.database is not None
        return workplace_on(first.database, first.clock, first.notifier, first.box, empty=False)

    return open_again
