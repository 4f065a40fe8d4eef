"""Two taps after a talk: counted for the year, shown only in steps of ten, to coordinators alone, and tied to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.bootstrap_people import People, open_people
from companion.errors import NotAllowed
from companion.insight.talk_feedback import TalkTap
from companion.models_staff import Caller, Role
from companion.settings import load_settings

WREN = Caller(frozenset({Role.COORDINATOR}), "wren-id", "Wren")


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    people = open_people(load_settings(state_dir=tmp_path), SetClock(), RecordingNotifier())
    yield people
    people.close()


def tapped(people: People, times: int) -> int:
    for _ in range(times):
        people.talk_feedback.tap(TalkTap.HEARD)
    return people.talk_feedback.of_year(WREN, people.talk_feedback.clock.now().year)[TalkTap.HEARD]


@pytest.mark.parametrize(("taps", "shown"), [(0, 0), (9, 0), (10, 10), (11, 10), (19, 10), (20, 20)])
def test_taps_are_shown_in_steps_of_ten_so_that_nobody_can_be_subtracted_out(people: People, taps: int, shown: int) -> None:
    assert tapped(people, taps) == shown


def test_each_answer_and_each_year_is_counted_apart(people: People) -> None:
    year = people.talk_feedback.clock.now().year
    tapped(people, 10)

    assert dict(people.talk_feedback.of_year(WREN, year)) == {tap: 10 if tap is TalkTap.HEARD else 0 for tap in TalkTap}
    assert set(people.talk_feedback.of_year(WREN, year - 1).values()) == {0}


def test_taps_are_no_referrals_and_the_published_counts_do_not_hold_them(people: People) -> None:
    tapped(people, 10)

    assert "talk" not in repr(people.referrals.published())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_coordinators_read_the_counts(people: People, role: Role) -> None:
    with pytest.raises(NotAllowed):
        people.talk_feedback.of_year(Caller(frozenset({role}), "somebody"), 2026)
