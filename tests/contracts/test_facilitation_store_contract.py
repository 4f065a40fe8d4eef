"""What every store around leading a group must do, wherever it keeps it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from people_workplace import workplace_on

from companion.adapters.in_memory_meetings import MemoryFacilitationStore
from companion.adapters.sql_facilitation import SqlFacilitationStore
from companion.models_meetings import HeldMeeting, UseQuestion
from companion.models_staff import Account, DutyStatus, Role, StaffMember
from companion.ports_meetings import FacilitationStore

NOVEMBER, DECEMBER = date(2026, 11, 3), date(2026, 12, 1)
LARK, TERN = "1" * 32, "2" * 32


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> FacilitationStore:
    if request.param == "memory":
        return MemoryFacilitationStore()
    database = request.getfixturevalue(request.param)
    workplace = workplace_on(database)
    for number, staff_id in enumerate((LARK, TERN)):
        roles, now = frozenset({Role.FACILITATOR}), datetime(2026, 11, 1, tzinfo=UTC)
        member = StaffMember(staff_id, f"lead{number}", f"Lead {number}", roles, None, DutyStatus.AWAY, now)
        assert workplace.staff.add(Account(member, "no password"))
    return SqlFacilitationStore(database)


def test_a_group_may_have_several_leaders_and_each_is_known_with_the_day(store: FacilitationStore) -> None:
    assert store.assign("night-circle", LARK, NOVEMBER)
    assert not store.assign("night-circle", LARK, DECEMBER)
    store.assign("night-circle", TERN, DECEMBER)
    store.assign("another", LARK, DECEMBER)

    assert store.leaders("night-circle") == {LARK: NOVEMBER, TERN: DECEMBER}
    assert store.led_by(LARK) == ("another", "night-circle")


def test_who_leads_no_more_is_not_known_any_more(store: FacilitationStore) -> None:
    store.assign("night-circle", LARK, NOVEMBER)

    assert store.unassign("night-circle", LARK)

    assert not store.unassign("night-circle", LARK)
    assert store.leaders("night-circle") == {}


def test_meetings_come_newest_first_and_a_second_note_of_a_day_replaces_the_first(store: FacilitationStore) -> None:
    for day, count in ((NOVEMBER, 4), (DECEMBER, 2), (NOVEMBER, 5)):
        store.note_meeting("night-circle", HeldMeeting(day, count))

    assert store.meetings("night-circle", 5) == (HeldMeeting(DECEMBER, 2), HeldMeeting(NOVEMBER, 5))
    assert store.meetings("night-circle", 1) == (HeldMeeting(DECEMBER, 2),)
    store.drop_meeting("night-circle", DECEMBER)
    assert store.meetings("night-circle", 5) == (HeldMeeting(NOVEMBER, 5),)


@pytest.mark.parametrize(
    ("answers", "at_five", "at_ten"),
    [(4, [], []), (5, [(3, 5)], []), (9, [(3, 5)], []), (10, [(5, 10)], [(5, 10)]), (13, [(5, 10)], [(5, 10)])],
)
def test_taps_show_only_as_of_the_last_full_step(
    store: FacilitationStore, answers: int, at_five: list[tuple[int, int]], at_ten: list[tuple[int, int]]
) -> None:
    for number in range(answers):
        store.tap("night-circle", "2026-Q4", UseQuestion.OF_USE, is_yes=number % 2 == 0)

    for step, expected in ((5, at_five), (10, at_ten)):
        assert [(taps.yes, taps.all) for taps in store.taps("night-circle", step)] == expected


def test_taps_come_by_quarter_and_question(store: FacilitationStore) -> None:
    for quarter, question in (("2026-Q3", UseQuestion.OF_USE), ("2026-Q4", UseQuestion.OF_USE), ("2026-Q4", UseQuestion.COME_AGAIN)):
        for _ in range(5):
            store.tap("night-circle", quarter, question, is_yes=True)

    shown = [(taps.quarter, taps.question) for taps in store.taps("night-circle", 5)]

    assert shown == [("2026-Q4", UseQuestion.COME_AGAIN), ("2026-Q4", UseQuestion.OF_USE), ("2026-Q3", UseQuestion.OF_USE)]
    assert store.taps("another", 5) == ()
