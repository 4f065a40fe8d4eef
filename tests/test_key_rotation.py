"""The server key can be changed while everything stays readable, and the old one is then worth nothing."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from companion.adapters.key_files import keep_first_key, keys_from_file, put_new_key_first
from companion.adapters.sql_cards import SqlCardStore
from companion.bootstrap_keys import open_box, require_cookie_secret, require_key
from companion.bootstrap_people import People, open_people
from companion.errors import NotAllowed, SettingsError
from companion.models import RedactedMessage
from companion.models_meetings import HelpCard
from companion.models_people import Asker, Wish
from companion.models_staff import EMPLOYEE, OPERATOR, AccessEntry, Role
from companion.settings import ROOT, Settings, load_settings

OLD, NEW = (b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
CARD = "d" * 32
LETTER = "Three nights in a row."


def settings_with(folder: Path, keys: str) -> Settings:
    return load_settings(state_dir=folder, secret_key=keys, environment="production")


def people_with(folder: Path, keys: str) -> People:
    return open_people(settings_with(folder, keys))


def fill(people: People) -> list[str]:
    """Store a little of everything that carries a data key; return the employees' tokens."""
    asked = [people.handovers.request(LETTER, urgent=False, country=None, wish=Wish.UNSURE) for _ in range(3)]
    people.feedback.give(is_useful=True, comment=RedactedMessage("good words"))
    people.feedback.give(is_useful=False)
    key = people.box.new_key()
    SqlCardStore(people.database).add(HelpCard(CARD, "2026-11", "sleep", key, people.box.seal(key, "warm broth", f"card:{CARD}")))
    people.access_log.entries.append(AccessEntry(datetime.now(UTC), "Sam", Role.PEER, "opened", "letter"))
    return [each.token for each in asked]


def letters(people: People, tokens: list[str]) -> list[str]:
    found = [people.handovers._find(Asker(token)) for token in tokens]
    return [people.box.open(each.sealed_key, each.sealed_letter, f"letter:{each.id}") for each in found]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "server.keys"
    path.parent.mkdir()
    put_new_key_first(path)
    return path


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Path, list[str]]:
    people = people_with(tmp_path, OLD)
    tokens = fill(people)
    people.close()
    return tmp_path, tokens


# --- rotation ------------------------------------------------------------------------------------------------------


def test_after_rotation_the_old_key_can_be_dropped(filled: tuple[Path, list[str]]) -> None:
    folder, tokens = filled
    both = people_with(folder, f"{NEW},{OLD}")
    counts = both.keys.rotate(OPERATOR)
    both.close()

    people = people_with(folder, NEW)

    assert dict(counts) == {"handovers": 3, "feedback": 1, "access_log": 1, "help_cards": 1, "pair_channels": 0}
    assert letters(people, tokens) == [LETTER] * 3
    first, last = date(2020, 1, 1), date(2100, 1, 1)
    assert [
        people.box.open(e.sealed_key, e.sealed_comment, f"feedback:{e.id}")
        for e in people.feedback.store.entries(first, last)
        if e.sealed_key and e.sealed_comment
    ] == ["good words"]
    (card,) = SqlCardStore(people.database).all()
    assert people.box.open(card.sealed_key, card.sealed_text, f"card:{CARD}") == "warm broth"
    assert people.access_log.is_intact(OPERATOR)
    people.close()


def test_after_rotation_the_old_key_opens_nothing(filled: tuple[Path, list[str]]) -> None:
    folder, tokens = filled
    both = people_with(folder, f"{NEW},{OLD}")
    both.keys.rotate(OPERATOR)
    both.close()

    people = people_with(folder, OLD)

    with pytest.raises(SettingsError, match="add it behind the current one"):
        letters(people, tokens)
    people.close()


def test_a_second_rotation_finds_nothing_left(filled: tuple[Path, list[str]]) -> None:
    people = people_with(filled[0], f"{NEW},{OLD}")
    people.keys.rotate(OPERATOR)

    again = people.keys.rotate(OPERATOR)

    assert set(again.values()) == {0}
    assert people.keys.left(OPERATOR) == 0
    people.close()


def test_an_interrupted_rotation_goes_on_where_it_stopped(filled: tuple[Path, list[str]]) -> None:
    people = people_with(filled[0], f"{NEW},{OLD}")
    shelf = people.keys.shelves["handovers"]
    ref, key = shelf.sealed_otherwise(people.box.key_id, 1)[0]
    shelf.replace_key(ref, key, people.box.reseal(key))

    counts = people.keys.rotate(OPERATOR)

    assert counts["handovers"] == 2
    assert letters(people, filled[1]) == [LETTER] * 3
    people.close()


def test_a_key_that_still_seals_something_is_named_when_it_is_missing(filled: tuple[Path, list[str]]) -> None:
    people = people_with(filled[0], NEW)

    with pytest.raises(SettingsError, match=open_box(settings_with(filled[0], OLD)).key_id):
        people.keys.rotate(OPERATOR)

    people.close()


def test_nobody_but_the_operator_rotates(filled: tuple[Path, list[str]]) -> None:
    people = people_with(filled[0], OLD)

    with pytest.raises(NotAllowed):
        people.keys.rotate(EMPLOYEE)

    people.close()


# --- the key file --------------------------------------------------------------------------------------------------


def test_a_new_key_stands_first_and_the_old_ones_behind(key_file: Path) -> None:
    before = keys_from_file(key_file)

    put_new_key_first(key_file)

    assert keys_from_file(key_file)[1:] == before
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


def test_old_keys_are_taken_out(key_file: Path) -> None:
    put_new_key_first(key_file)
    first = keys_from_file(key_file)[0]

    assert keep_first_key(key_file) == 1

    assert keys_from_file(key_file) == (first,)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_that_others_may_use_is_refused_with_the_remedy(mode: int, key_file: Path) -> None:
    key_file.chmod(mode)

    with pytest.raises(SettingsError, match="chmod 600"):
        keys_from_file(key_file)


def test_a_missing_key_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rotate-keys --new"):
        open_box(load_settings(state_dir=tmp_path, secret_key_file=tmp_path / "none"))


# --- start ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret_key", [None, "", "changeme", b64encode(b"A" * 32).decode()])
def test_outside_development_no_server_starts_without_a_random_key(secret_key: str | None, tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path, environment="production", secret_key=secret_key)

    with pytest.raises(SettingsError, match="openssl rand -base64 32"):
        require_key(settings)


def test_in_development_a_server_starts_without_a_key_and_makes_none_yet(tmp_path: Path) -> None:
    require_key(load_settings(state_dir=tmp_path))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cookie_secret", ["", "changeme", "a" * 64, "0123456789abcdef"])
def test_no_server_starts_with_a_cookie_secret_that_can_be_guessed(cookie_secret: str) -> None:
    with pytest.raises(SettingsError, match="openssl rand -hex 32"):
        require_cookie_secret({"client_id": "companion", "cookie_secret": cookie_secret})


def test_a_random_cookie_secret_passes_and_none_is_needed_without_the_organisations_sign_in() -> None:
    require_cookie_secret({"cookie_secret": "4f8a1c0e9b72d6351e0a7c4498fd2b60a1c3e5f708192a3b4c5d6e7f8091a2b3"})
    require_cookie_secret({})


def test_two_places_for_the_key_are_refused(key_file: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="one of the two"):
        open_box(load_settings(state_dir=tmp_path, secret_key=OLD, secret_key_file=key_file))


# --- the command ---------------------------------------------------------------------------------------------------


def companion(folder: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, object]]:
    own = {"COMPANION_STATE_DIR": str(folder), "COMPANION_ENVIRONMENT": "production"} | environment
    command = [sys.executable, "-m", "companion.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout or "{}") | {"said": done.stderr}


def test_a_key_file_is_made_rotated_and_trimmed_by_the_command(tmp_path: Path) -> None:
    file = {"COMPANION_SECRET_KEY_FILE": str(tmp_path / "server.keys")}
    made = companion(tmp_path, "rotate-keys", "--new", **file)
    people = open_people(load_settings(state_dir=tmp_path, environment="production", secret_key_file=tmp_path / "server.keys"))
    tokens = fill(people)
    people.close()
    renewed = companion(tmp_path, "rotate-keys", "--new", **file)

    code, told = companion(tmp_path, "rotate-keys", "--drop-old", **file)

    assert (made[0], renewed[0], code) == (0, 0, 0)
    assert told["key"] == renewed[1]["new_key"]
    assert told["resealed"] == {"handovers": 3, "feedback": 1, "access_log": 1, "help_cards": 1, "pair_channels": 0}
    assert told["old_keys_dropped"] == 1
    people = open_people(load_settings(state_dir=tmp_path, environment="production", secret_key_file=tmp_path / "server.keys"))
    assert letters(people, tokens) == [LETTER] * 3
    people.close()


def test_serving_outside_development_without_a_key_ends_with_the_remedy(tmp_path: Path) -> None:
    code, told = companion(tmp_path, "serve", "--port", "1")

    assert code == 1
    assert "openssl rand -base64 32" in str(told["said"])
