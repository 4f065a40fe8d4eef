"""When a group meets, and the calendar file of it: right across the clock change, and silent about what it is for."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from icalendar import Calendar

from companion.adapters.ical_calendar import IcalCalendar
from companion.errors import KnowledgeError, NotFound
from companion.library.catalogue import load_groups
from companion.library.meeting_dates import has_dates, meetings_from, next_meeting
from companion.models_groups import PeerGroup, Rhythm
from companion.settings import ROOT

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
WEEKLY = Rhythm("week", "Tuesday", "12:15", "Europe/London", 45)
FORTNIGHTLY = replace(WEEKLY, every="two weeks", starts_on=date(2026, 12, 8))
MONTHLY = replace(WEEKLY, every="month", starts_on=date(2026, 11, 10))
GROUP = PeerGroup(
    "Living with Loss", "For the bereaved", ("grief",), "the bereaved", WEEKLY, "onsite", 8, "en", "Trained peer", "open", location="Ward 4"
)


def days(rhythm: Rhythm, start: date, count: int) -> list[str]:
    return [f"{each:%m-%d}" for each in islice(meetings_from(rhythm, start), count)]


@pytest.mark.parametrize(
    ("rhythm", "start", "expected"),
    [
        (WEEKLY, date(2026, 11, 26), ["12-01", "12-08", "12-15"]),
        (WEEKLY, date(2026, 12, 1), ["12-01", "12-08", "12-15"]),
        (FORTNIGHTLY, date(2026, 11, 26), ["12-08", "12-22", "01-05"]),
        (FORTNIGHTLY, date(2026, 12, 9), ["12-22", "01-05", "01-19"]),
        (MONTHLY, date(2026, 11, 26), ["12-08", "01-12", "02-09"]),  # every second Tuesday
        (replace(MONTHLY, starts_on=date(2026, 9, 29)), date(2026, 11, 26), ["12-29", "01-26", "02-23"]),  # a fifth one: the last
        (replace(FORTNIGHTLY, starts_on=None), date(2026, 11, 26), []),  # two weeks from when?
    ],
)
def test_the_days_follow_from_the_rhythm(rhythm: Rhythm, start: date, expected: list[str]) -> None:
    assert days(rhythm, start, 3) == expected


def test_a_meeting_that_has_begun_is_not_the_next_one() -> None:
    assert next_meeting(WEEKLY, datetime(2026, 12, 1, 12, 14, tzinfo=UTC)) == datetime(2026, 12, 1, 12, 15, tzinfo=UTC)
    assert next_meeting(WEEKLY, datetime(2026, 12, 1, 12, 15, tzinfo=UTC)) == datetime(2026, 12, 8, 12, 15, tzinfo=UTC)


def test_the_hour_stays_when_the_clocks_change() -> None:
    spring = list(islice(meetings_from(WEEKLY, date(2027, 3, 23)), 2))

    assert [each.astimezone(UTC).hour for each in spring] == [12, 11]


# --- the file ----------------------------------------------------------------------------------------------------------


def file_of(group: PeerGroup = GROUP, reminder: str | None = None) -> bytes:
    return IcalCalendar().file(group, NOW, title="Meeting", reminder=reminder)


@pytest.mark.parametrize(
    ("rhythm", "rule"),
    [
        (WEEKLY, "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU"),
        (FORTNIGHTLY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        (MONTHLY, "FREQ=MONTHLY;BYDAY=2TU"),
        (replace(MONTHLY, starts_on=date(2026, 9, 29)), "FREQ=MONTHLY;BYDAY=-1TU"),
    ],
)
def test_the_rule_repeats_as_the_group_meets(rhythm: Rhythm, rule: str) -> None:
    event = Calendar.from_ical(file_of(replace(GROUP, rhythm=rhythm))).walk("VEVENT")[0]

    assert event["RRULE"].to_ical().decode() == rule
    assert event.decoded("DTSTART") == next(meetings_from(rhythm, NOW.date()))
    assert event.decoded("DURATION") == timedelta(minutes=45)


def test_the_file_brings_its_time_zone_with_the_change_of_clocks() -> None:
    text = file_of().decode()

    assert "DTSTART;TZID=Europe/London:20261201T121500" in text
    zone = Calendar.from_ical(file_of()).walk("VTIMEZONE")[0]
    assert zone["TZID"] == "Europe/London"
    assert {"STANDARD", "DAYLIGHT"} <= {part.name for part in zone.subcomponents}


def test_the_file_tells_nobody_what_it_is_about() -> None:
    text = file_of(reminder="Soon: Meeting").decode()

    assert not re.search(r"loss|grief|bereav|ward|peer|companion|support", text, re.IGNORECASE)
    assert not re.search(r"^(ATTENDEE|ORGANIZER|LOCATION|URL)", text, re.MULTILINE)
    assert "SUMMARY:Meeting" in text


def test_a_second_file_takes_the_place_of_the_first() -> None:
    later = IcalCalendar().file(replace(GROUP, name="Another name", id=GROUP.key), NOW + timedelta(days=9), title="Meeting", reminder=None)

    uids = {str(Calendar.from_ical(each).walk("VEVENT")[0]["UID"]) for each in (file_of(), later)}

    assert len(uids) == 1


@pytest.mark.parametrize(("reminder", "alarms"), [(None, 0), ("Soon: Meeting", 1)])
def test_a_reminder_is_there_when_wanted(reminder: str | None, alarms: int) -> None:
    assert len(Calendar.from_ical(file_of(reminder=reminder)).walk("VALARM")) == alarms


def test_no_file_is_made_up_where_no_dates_follow() -> None:
    with pytest.raises(NotFound):
        file_of(replace(GROUP, rhythm=replace(FORTNIGHTLY, starts_on=None)))


def test_every_group_of_the_shipped_list_has_dates() -> None:
    assert all(has_dates(group.rhythm) for group in load_groups(ROOT / "knowledge" / "groups.yaml"))


def test_a_first_meeting_on_another_weekday_is_named_with_its_remedy(tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = (ROOT / "knowledge" / "groups.yaml").read_text("utf-8")
    (tmp_path / "groups.yaml").write_text(re.sub(r'starts_on: "[^"]+"', 'starts_on: "2026-12-05"', text), "utf-8")

    with pytest.raises(KnowledgeError, match=r"starts_on.*is a Saturday"):
        load_groups(tmp_path / "groups.yaml")
