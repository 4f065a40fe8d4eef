"""The weekly roster: the clock on the wall decides, also in the night when the clocks change."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.models_duty import WeeklyShift
from companion.network.roster import gaps, next_staffed, occurrences

WEEK = timedelta(days=7)


def shift(weekday: int, starts: time, minutes: int, zone: str = "Europe/London", **days: date) -> WeeklyShift:
    return WeeklyShift(f"{weekday}-{starts}", "sam", weekday, starts, minutes, zone, **days)


def round_the_clock(zone: str) -> list[WeeklyShift]:
    return [shift(day, time(hour), 480, zone) for day in range(7) for hour in (6, 14, 22)]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize("month", range(1, 13))
def test_shifts_that_touch_on_the_wall_leave_no_gap_and_no_double_in_any_month(zone: str, month: int) -> None:
    start = datetime(2026, month, 1, tzinfo=UTC)
    end = start + timedelta(days=35)

    found = occurrences(round_the_clock(zone), start, end)

    assert gaps(round_the_clock(zone), start, end) == ()
    assert all(first.ends_at == second.starts_at for first, second in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 10, 24), 9), (date(2026, 3, 28), 7), (date(2026, 7, 4), 8)],  # clocks back, clocks forward, an ordinary night
)
def test_a_night_shift_lasts_as_long_as_the_night_does(day: date, hours: int) -> None:
    noon = datetime.combine(day, time(12), tzinfo=UTC)

    (night,) = occurrences([shift(5, time(22), 480)], noon, noon + timedelta(days=1))

    assert night.ends_at - night.starts_at == timedelta(hours=hours)


def test_the_next_staffed_time_is_the_running_shift_or_the_first_to_come() -> None:
    monday_night = shift(0, time(22), 480)
    sunday, in_the_night = datetime(2026, 11, 29, 12, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC)

    first, running = next_staffed([monday_night], sunday), next_staffed([monday_night], in_the_night)

    assert first == running
    assert first is not None
    assert first.starts_at == datetime(2026, 11, 30, 22, tzinfo=UTC)


def test_without_a_roster_the_whole_week_is_a_gap() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)

    (gap,) = gaps([], now, now + WEEK)

    assert (gap.starts_at, gap.ends_at) == (now, now + WEEK)
    assert next_staffed([], now) is None


def test_a_shift_outside_its_first_and_last_day_does_not_come() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    past = shift(4, time(9), 60, last_day=date(2026, 11, 26))
    later = shift(4, time(10), 60, first_day=date(2026, 12, 4))

    assert [found.starts_at.day for found in occurrences([past, later], now, now + 2 * WEEK)] == [4]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(15, 1440)), max_size=6))
def test_gaps_and_shifts_together_cover_the_span_exactly(drawn: list[tuple[int, int, int]]) -> None:
    start = datetime(2026, 10, 22, tzinfo=UTC)
    end = start + WEEK
    shifts = [shift(day, time(hour), minutes) for day, hour, minutes in drawn]

    minute = start
    covered = [(s.starts_at, s.ends_at) for s in occurrences(shifts, start, end)]
    free = [(g.starts_at, g.ends_at) for g in gaps(shifts, start, end)]
    while minute < end:
        is_covered = any(begins <= minute < ends for begins, ends in covered)
        assert is_covered != any(begins <= minute < ends for begins, ends in free)
        minute += timedelta(minutes=45)
