"""A forgotten password: a coordinator gives one for once, its owner chooses another before anything opens, and nobody else's session stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from companion.adapters.argon2_passwords import Argon2Passwords
from companion.adapters.in_memory import SetClock
from companion.bootstrap_people import People, open_people
from companion.errors import InputRefused, NotAllowed, NotFound, PasswordMustChange
from companion.models_staff import EMPLOYEE, OPERATOR, Caller, NewMember, Role
from companion.network.staff import FREE_ATTEMPTS, ONE_TIME_LASTS
from companion.settings import load_settings

OLD, OWN = "rain on the tin roof", "a kettle that sings"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def people(tmp_path: Path, clock: SetClock) -> Iterator[People]:
    people = open_people(load_settings(state_dir=tmp_path), clock)
    yield replace(people, staff=replace(people.staff, passwords=Argon2Passwords(memory_kib=64, passes=1)))
    people.close()


@pytest.fixture
def coordinator(people: People) -> Caller:
    people.staff.add_first_coordinator(OPERATOR, "robin", OLD, "Robin")
    return people.staff.sign_in("robin", OLD).caller


@pytest.fixture
def sam(people: People, coordinator: Caller) -> str:
    new = NewMember("sam", OLD, "Sam", frozenset({Role.PEER}), date(2026, 1, 1))
    return people.staff.add_member(coordinator, new).id


def test_a_one_time_password_opens_nothing_but_the_choice_of_an_own_one(people: People, coordinator: Caller, sam: str) -> None:
    given = people.staff.give_one_time_password(coordinator, sam)

    with pytest.raises(PasswordMustChange):
        people.staff.sign_in("sam", given)
    assert people.staff.choose_password("sam", given, OWN).caller.staff_id == sam
    assert people.staff.sign_in("sam", OWN).caller.staff_id == sam
    with pytest.raises(NotAllowed):
        people.staff.choose_password("sam", given, "yet another one here")


def test_the_old_password_and_every_session_end_at_once(people: People, coordinator: Caller, sam: str) -> None:
    token = people.staff.sign_in("sam", OLD).token

    people.staff.give_one_time_password(coordinator, sam)

    with pytest.raises(NotAllowed):
        people.staff.resume(token)
    with pytest.raises(NotAllowed):
        people.staff.sign_in("sam", OLD)


def test_a_one_time_password_lapses(people: People, coordinator: Caller, sam: str, clock: SetClock) -> None:
    given = people.staff.give_one_time_password(coordinator, sam)
    clock.advance(ONE_TIME_LASTS + timedelta(minutes=1))

    with pytest.raises(NotAllowed) as caught:
        people.staff.choose_password("sam", given, OWN)
    assert not isinstance(caught.value, PasswordMustChange)


def test_it_helps_also_somebody_who_has_tried_too_often(people: People, coordinator: Caller, sam: str) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        with pytest.raises(NotAllowed):
            people.staff.sign_in("sam", "not the right one at all")

    given = people.staff.give_one_time_password(coordinator, sam)

    assert people.staff.choose_password("sam", given, OWN).caller.staff_id == sam


def test_the_log_says_that_it_happened_and_nothing_of_whom_or_what(people: People, coordinator: Caller, sam: str) -> None:
    given = people.staff.give_one_time_password(coordinator, sam)

    entry = people.access_log.recent(EMPLOYEE)[0]
    assert (entry.pseudonym, entry.role, entry.act, entry.kind, entry.ref) == ("Robin", Role.COORDINATOR, "gave_password", "account", None)
    assert given not in repr(entry)


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.PEER, Role.FACILITATOR, Role.AUDITOR])
def test_only_who_keeps_accounts_gives_one(role: Role, people: People, sam: str) -> None:
    with pytest.raises(NotAllowed):
        people.staff.give_one_time_password(Caller(frozenset({role}), "somebody"), sam)


def test_nobody_gives_one_to_themselves_or_to_nobody(people: People, coordinator: Caller) -> None:
    with pytest.raises(NotAllowed):
        people.staff.give_one_time_password(coordinator, coordinator.staff_id or "")
    with pytest.raises(NotFound):
        people.staff.give_one_time_password(coordinator, "unknown")


# --- the own password ----------------------------------------------------------------------------------------------


def test_a_peer_changes_their_own_password_and_other_browsers_are_signed_out(people: People, sam: str) -> None:
    elsewhere = people.staff.sign_in("sam", OLD).token

    here = people.staff.choose_password("sam", OLD, OWN).token

    assert people.staff.resume(here).staff_id == sam
    with pytest.raises(NotAllowed):
        people.staff.resume(elsewhere)


@pytest.mark.parametrize(("chosen", "reason"), [("short", "password_too_short"), ("x" * 257, "password_too_long"), (OLD, "password_same")])
def test_a_password_that_will_not_do_leaves_the_old_one(chosen: str, reason: str, people: People, sam: str) -> None:
    with pytest.raises(InputRefused) as caught:
        people.staff.choose_password("sam", OLD, chosen)

    assert caught.value.reason == reason
    assert people.staff.sign_in("sam", OLD).caller.staff_id == sam


def test_tries_to_change_a_password_count_like_tries_to_sign_in(people: People, sam: str) -> None:
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(NotAllowed):
            people.staff.choose_password("sam", "not the right one at all", OWN)

    with pytest.raises(NotAllowed):
        people.staff.sign_in("sam", OLD)
