"""A copy of the database is made while the server runs, put back after a loss, and tells nobody anything without the key."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from companion.bootstrap_people import People, open_people
from companion.errors import SettingsError, StoreUnavailable
from companion.models_people import Asker, HandoverState, Wish
from companion.models_staff import OPERATOR
from companion.settings import ROOT, load_settings

KEY = b64encode(secrets.token_bytes(32)).decode()
LETTER = "the heron under the lake"


def people_in(folder: Path, key: str = KEY) -> People:
    return open_people(load_settings(state_dir=folder, secret_key=key))


@pytest.fixture
def asked(tmp_path: Path) -> str:
    people = people_in(tmp_path / "var")
    token = people.handovers.request(LETTER, urgent=False, country=None, wish=Wish.UNSURE).token
    people.close()
    return token


def test_a_lost_database_comes_back_from_its_copy(asked: str, tmp_path: Path) -> None:
    serving = people_in(tmp_path / "var")
    serving.database.back_up(tmp_path / "copy.db")
    serving.close()
    shutil.rmtree(tmp_path / "var")

    (tmp_path / "var").mkdir()
    shutil.copy(tmp_path / "copy.db", tmp_path / "var" / "companion.db")
    people = people_in(tmp_path / "var")

    assert people.handovers.status(Asker(asked)).state is HandoverState.FALLBACK_SHOWN
    assert people.access_log.is_intact(OPERATOR)
    assert "schema" in people.database.check()
    people.close()


def test_a_copy_holds_no_word_and_is_readable_for_its_owner_only(asked: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "companion.cli", "backup", str(tmp_path / "copy.db")]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"COMPANION_STATE_DIR": str(tmp_path / "var"), "COMPANION_SECRET_KEY": KEY}, check=False
    )

    copy = (tmp_path / "copy.db").read_bytes()

    assert done.returncode == 0
    assert b"handovers" in copy
    assert LETTER.encode() not in copy
    assert asked.encode() not in copy
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_no_copy_takes_the_place_of_another(asked: str, tmp_path: Path) -> None:
    people = people_in(tmp_path / "var")
    (tmp_path / "copy.db").write_bytes(b"an older copy")

    with pytest.raises(StoreUnavailable, match="name a new file"):
        people.database.back_up(tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_bytes() == b"an older copy"
    people.close()


def test_postgresql_is_left_to_its_own_tool(tmp_path: Path) -> None:
    people = open_people(load_settings(state_dir=tmp_path, database_url="postgresql://nobody@/none?host=/nonexistent"))

    with pytest.raises(SettingsError, match="pg_dump"):
        people.database.back_up(tmp_path / "copy.db")
