"""The roster: when somebody is planned to be there. Pure; shifts stand by the clock on the wall, answers are in UTC.

A shift ends by the wall clock too: a night from 22:00 to 06:00 lasts seven or nine hours when the clocks change, and the shift that follows
at 06:00 joins it without a gap and without a double.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from companion.models_duty import CoverageGap, ShiftTime, WeeklyShift

HORIZON = timedelta(days=14)
"""How far ahead the next staffed time is looked for; chosen by us: two rounds of a weekly roster."""
COVERAGE_SPAN = timedelta(days=7)
"""PROMISES, escalation: zero coverage in the next seven days is a warning."""
MINUTES_A_DAY = 24 * 60
_LONGEST = timedelta(days=2)
"""Longer than any shift, so that one which began yesterday is seen."""


def occurrences(shifts: Iterable[WeeklyShift], start: datetime, end: datetime) -> tuple[ShiftTime, ...]:
    """Return the times of all shifts that touch [start, end), earliest first."""
    found = [time for shift in shifts for time in _of_one(shift, start, end)]
    return tuple(sorted(found, key=lambda shift: (shift.starts_at, shift.ends_at, shift.staff_id)))


def next_staffed(shifts: Iterable[WeeklyShift], now: datetime) -> ShiftTime | None:
    """Return the shift that runs now or comes next within two weeks; None when nobody is planned."""
    return next(iter(occurrences(shifts, now, now + HORIZON)), None)


def gaps(shifts: Iterable[WeeklyShift], start: datetime, end: datetime) -> tuple[CoverageGap, ...]:
    """Return the spans of [start, end) in which nobody is planned, earliest first; one gap over all when there is no shift."""
    found, free_from = [], start
    for shift in occurrences(shifts, start, end):
        if shift.starts_at > free_from:
            found.append(CoverageGap(free_from, shift.starts_at))
        free_from = max(free_from, shift.ends_at)
    if free_from < end:
        found.append(CoverageGap(free_from, end))
    return tuple(found)


def _of_one(shift: WeeklyShift, start: datetime, end: datetime) -> Iterable[ShiftTime]:
    zone = ZoneInfo(shift.timezone)
    day, last = (start - _LONGEST).astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        is_valid = (shift.first_day is None or day >= shift.first_day) and (shift.last_day is None or day <= shift.last_day)
        if day.weekday() == shift.weekday and is_valid:
            on_the_wall = datetime.combine(day, shift.starts)
            starts_at = on_the_wall.replace(tzinfo=zone).astimezone(UTC)
            ends_at = (on_the_wall + timedelta(minutes=shift.minutes)).replace(tzinfo=zone).astimezone(UTC)
            if starts_at < end and ends_at > start and ends_at > starts_at:
                yield ShiftTime(shift.staff_id, starts_at, ends_at)
        day += timedelta(days=1)
