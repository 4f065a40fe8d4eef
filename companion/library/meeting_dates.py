"""When a group meets: the dates that follow from its rhythm, in its own time zone, the clock changes of summer and winter included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from companion.models_groups import Rhythm

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_BETWEEN = {"week": 7, "two weeks": 14, "month": 31}
LAST = -1
"""Which such weekday of a month, when the first meeting is on a fifth one: not every month has five, every month has a last."""


def days_between(rhythm: Rhythm) -> int:
    """Return the most days between two meetings."""
    return _DAYS_BETWEEN[rhythm.every]


def has_dates(rhythm: Rhythm) -> bool:
    """Tell whether dates follow: every week they do; every two weeks or once a month only from a first meeting on."""
    return rhythm.every == "week" or rhythm.starts_on is not None


def week_of_month(day: date) -> int:
    """Return which such weekday of its month a day is: 1 to 4, or LAST."""
    number = (day.day - 1) // 7 + 1
    return number if number < 5 else LAST


def meetings_from(rhythm: Rhythm, day: date) -> Iterator[datetime]:
    """Yield the beginnings of all meetings on or after a day, earliest first, in the group's time zone; none when no dates follow."""
    if not has_dates(rhythm):
        return
    hour, minute = (int(part) for part in rhythm.time.split(":"))
    begins_at = time(hour, minute, tzinfo=ZoneInfo(rhythm.timezone))
    first = max(day, rhythm.starts_on) if rhythm.starts_on else day
    for each in _days(rhythm, first):
        yield datetime.combine(each, begins_at)


def next_meeting(rhythm: Rhythm, now: datetime) -> datetime | None:
    """Return the first meeting that begins after now (timezone-aware), or None when no dates follow."""
    here = now.astimezone(ZoneInfo(rhythm.timezone))
    return next((each for each in islice(meetings_from(rhythm, here.date()), 2) if each > here), None)


def _days(rhythm: Rhythm, first: date) -> Iterator[date]:
    if rhythm.every == "month" and rhythm.starts_on is not None:
        yield from _monthly(rhythm.starts_on, first)
        return
    step = days_between(rhythm)
    anchor = rhythm.starts_on or first + timedelta(days=(WEEKDAYS.index(rhythm.weekday) - first.weekday()) % 7)
    ahead = -(-(first - anchor).days // step)
    day = anchor + timedelta(days=max(ahead, 0) * step)
    while True:
        yield day
        day += timedelta(days=step)


def _monthly(anchor: date, first: date) -> Iterator[date]:
    which, year, month = week_of_month(anchor), first.year, first.month
    while True:
        day = _such_weekday(year, month, anchor.weekday(), which)
        if day >= first:
            yield day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _such_weekday(year: int, month: int, weekday: int, which: int) -> date:
    if which == LAST:
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    begin = date(year, month, 1)
    return begin + timedelta(days=(weekday - begin.weekday()) % 7 + 7 * (which - 1))
