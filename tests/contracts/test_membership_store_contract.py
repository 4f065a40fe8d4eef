"""What every store of memberships must do, wherever it keeps them, and that a group never holds more people than places."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from people_workplace import workplace_on

from companion.adapters.in_memory import SetClock
from companion.adapters.in_memory_meetings import MemoryMembershipStore
from companion.adapters.sql_meetings import SqlMembershipStore
from companion.models_meetings import Membership, PseudonymLook, Register, Seats, Standing
from companion.network.meetings import MembershipService
from companion.ports_meetings import MembershipStore

ANN = Membership("1" * 32, "night-circle", "a" * 64, "Heron", Standing.MEMBER, date(2027, 5, 31))
BOB = Membership("2" * 32, "night-circle", "b" * 64, "Otter", Standing.WAITING, date(2027, 6, 30), place=1)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> MembershipStore:
    if request.param == "memory":
        return MemoryMembershipStore()
    database = request.getfixturevalue(request.param)
    workplace_on(database)
    return SqlMembershipStore(database)


def holding(store: MembershipStore, *memberships: Membership) -> Register:
    before = store.register("night-circle")
    assert store.replace(before, replace(before, memberships=memberships))
    return store.register("night-circle")


def test_a_group_nobody_joined_has_an_empty_register(store: MembershipStore) -> None:
    assert store.register("night-circle") == Register("night-circle")
    assert store.find("a" * 64) is None


def test_memberships_come_back_as_stored_by_group_and_by_code(store: MembershipStore) -> None:
    register = holding(store, ANN, BOB)

    assert set(register.memberships) == {ANN, BOB}
    assert store.find("b" * 64) == BOB
    assert store.register("another").memberships == ()


def test_a_change_adds_alters_and_removes_at_once(store: MembershipStore) -> None:
    holding(store, ANN, BOB)
    moved_up = replace(BOB, standing=Standing.OFFERED, offered_until=date(2026, 12, 8))

    register = holding(store, moved_up)

    assert register.memberships == (moved_up,)
    assert store.find(ANN.token_hash) is None


def test_a_register_that_changed_meanwhile_is_not_written_over(store: MembershipStore) -> None:
    before = store.register("night-circle")
    holding(store, ANN)

    assert not store.replace(before, replace(before, memberships=(BOB,)))

    assert store.register("night-circle").memberships == (ANN,)


def test_memberships_that_nobody_came_back_to_are_forgotten_and_no_others(store: MembershipStore) -> None:
    holding(store, ANN, BOB)

    assert store.forget_before(date(2027, 6, 1)) == 1

    assert store.register("night-circle").memberships == (BOB,)


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
def test_of_many_who_join_at_the_same_instant_exactly_as_many_get_in_as_there_are_places(store: MembershipStore) -> None:
    seats = Seats(5, takes_people=True, has_list=True)
    service = MembershipService(store, SetClock(), lambda _: seats, lambda _: 0, lambda _: PseudonymLook.FINE)
    barrier = threading.Barrier(16)

    def join(number: int) -> Standing:
        barrier.wait()
        return service.join("night-circle", f"Heron {number}").membership.standing

    with ThreadPoolExecutor(16) as pool:
        standings = list(pool.map(join, range(16)))

    assert standings.count(Standing.MEMBER) == 5
    register = store.register("night-circle")
    assert sum(each.standing is Standing.MEMBER for each in register.memberships) == 5
    assert sorted(each.place or 0 for each in register.waiting) == list(range(1, 12))
