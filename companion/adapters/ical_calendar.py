"""A group's meetings as a calendar file (RFC 5545) that tells nobody what they are about.

No group's name, no description, no place, no attendees and no name of this program: whoever shares a calendar or looks over a shoulder
sees a meeting. The time zone travels in the file, so that meetings keep their hour when the clocks change.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from companion.errors import NotFound
from companion.library.meeting_dates import LAST, meetings_from, week_of_month
from companion.models_groups import PeerGroup

_PRODUCT = "-//calendar//EN"
_REMIND_BEFORE = timedelta(minutes=15)
"""Chosen by us: time to finish a sentence and to find a quiet place."""


class IcalCalendar:
    """Write calendar files with the library icalendar; fulfils `MeetingCalendar`."""

    def file(self, group: PeerGroup, now: datetime, *, title: str, reminder: str | None) -> bytes:
        """Return the file, from the next meeting day on. Raises: NotFound when no dates follow from the rhythm."""
        first = next(meetings_from(group.rhythm, now.date()), None)
        if first is None:
            raise NotFound(f"group {group.key} has no first meeting to count from.")
        calendar = Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        calendar.add_component(_event(group, first, now, title, reminder))
        calendar.add_missing_timezones()
        written: bytes = calendar.to_ical()
        return written


def _event(group: PeerGroup, first: datetime, now: datetime, title: str, reminder: str | None) -> Event:
    event = Event()
    event.add("uid", hashlib.sha256(f"meeting {group.key}".encode()).hexdigest()[:32])
    event.add("dtstamp", now)
    event.add("dtstart", first)
    event.add("duration", timedelta(minutes=group.rhythm.minutes))
    event.add("summary", title)
    event.add("class", "PRIVATE")
    event.add("rrule", _rule(group, first))
    if reminder is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", reminder)
        alarm.add("trigger", -_REMIND_BEFORE)
        event.add_component(alarm)
    return event


def _rule(group: PeerGroup, first: datetime) -> dict[str, object]:
    weekday = group.rhythm.weekday[:2].upper()
    if group.rhythm.every == "month":
        which = week_of_month(group.rhythm.starts_on or first.date())
        return {"freq": "monthly", "byday": f"{'-1' if which == LAST else which}{weekday}"}
    return {"freq": "weekly", "interval": 2 if group.rhythm.every == "two weeks" else 1, "byday": weekday}
