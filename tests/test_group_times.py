"""The clock of whoever would come: nobody is sent to a meeting at night before one by day, and everybody reads times they can keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.bootstrap import App
from companion.bootstrap_meetings import groups_wished
from companion.library.meeting_times import OwnTime, is_at_night, time_of, works_nights
from companion.models import RedactedMessage
from companion.models_groups import PeerGroup, Rhythm
from companion.models_wishes import GroupWishes, TimeOfDay
from companion.session import ChatSession
from companion.settings import ROOT
from companion.spelling import Spelling, read
from companion.stages.matching import GroupQuery, match_groups, shelve_groups
from companion.ui.group_card import meets_when
from companion.ui.text import load_words

WINTER, SUMMER = datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
RHYTHM = Rhythm("week", "Tuesday", "19:30", "Europe/London", 60)
EVENING = PeerGroup(
    "An evening circle", "For people who are tired after work.", ("burnout",), "all", RHYTHM, "remote", 9, "en", "peer", "open"
)
NOON = replace(EVENING, name="A circle at noon", rhythm=replace(RHYTHM, time="12:15"))
TIRED = "I am so tired after work"


def own(zone: str, now: datetime = WINTER) -> OwnTime:
    return OwnTime(ZoneInfo(zone), now)


@pytest.mark.parametrize(
    ("zone", "now", "begins"),
    [
        ("Europe/London", WINTER, "Tue 19:30"),
        ("Asia/Kolkata", WINTER, "Wed 01:00"),
        ("Asia/Kolkata", SUMMER, "Wed 00:00"),  # London's clock is an hour ahead in summer
        ("America/New_York", WINTER, "Tue 14:30"),
    ],
)
def test_a_meeting_begins_on_the_own_clock(zone: str, now: datetime, begins: str) -> None:
    assert f"{own(zone, now).of(RHYTHM):%a %H:%M}" == begins


@pytest.mark.parametrize("starts_on", [None, date(2026, 12, 8)])
def test_where_no_dates_follow_the_hour_is_still_known(starts_on: date | None) -> None:
    assert f"{own('Asia/Kolkata').of(replace(RHYTHM, every='two weeks', starts_on=starts_on)):%a %H:%M}" == "Wed 01:00"


@pytest.mark.parametrize(("time", "night"), [("22:59", False), ("23:00", True), ("03:00", True), ("05:59", True), ("06:00", False)])
def test_night_is_from_eleven_to_six(time: str, night: bool) -> None:
    assert is_at_night(datetime.fromisoformat(f"2026-12-01T{time}:00+00:00")) is night


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("I am on nights since May", True),
        ("wide awake after the night shift", True),
        ("I do permanent nights", True),
        ("ich habe wieder Nachtdienst", True),
        ("the rota is a mess", False),
        ("sleepless nights because of my boss", False),
        ("we had a night out", False),
    ],
)
def test_who_works_nights_says_so(text: str, works: bool) -> None:
    assert works_nights([read(text, Spelling((), {}, ()))]) is works


@pytest.mark.parametrize(
    ("said", "zone", "first"),
    [
        ((TIRED,), None, EVENING),
        ((TIRED,), "Europe/London", EVENING),
        ((TIRED,), "Asia/Kolkata", NOON),
        (("I work permanent nights", TIRED), "Asia/Kolkata", EVENING),
    ],
)
def test_a_meeting_at_night_comes_after_one_by_day_unless_somebody_works_nights(
    said: tuple[str, ...], zone: str | None, first: PeerGroup, embedder: MiniLMEmbedder
) -> None:
    best = replace(EVENING, asked_as=("i am tired after work", "so tired after work"))
    shelf = shelve_groups((best, NOON), {}, {"similar": "{topics}"}, embedder.embed_passages)
    messages = [RedactedMessage(each) for each in said]
    query = GroupQuery(embedder.embed_message(messages[-1]), (), messages, own_time=own(zone) if zone else None)

    found = match_groups(query, shelf, threshold=0.0, limit=1)

    assert [match.group.name for match in found] == [first.name]


def test_a_group_that_only_meets_at_night_is_still_found(embedder: MiniLMEmbedder) -> None:
    shelf = shelve_groups((EVENING,), {}, {"similar": "{topics}"}, embedder.embed_passages)
    query = GroupQuery(embedder.embed_message(RedactedMessage(TIRED)), (), own_time=own("Asia/Kolkata"))

    assert len(match_groups(query, shelf, threshold=0.0, limit=2)) == 1


def test_the_chat_asks_with_the_zone_that_the_page_told(app: App) -> None:
    """In Auckland everything that London does by day is at night; what it does in the evening is in the morning there."""
    near, far = ChatSession(), ChatSession(timezone="Pacific/Auckland")
    text = "i have been tired for months, and caring for my mum as well, no energy left"

    first = [app.companion.respond(text, session).groups for session in (near, far)]

    by_day = [not is_at_night(own("Pacific/Auckland", app.clock.now()).of(match.group.rhythm)) for match in first[1]]
    assert by_day == sorted(by_day, reverse=True)
    assert first[0][0].group != first[1][0].group


def test_a_wish_for_evenings_is_on_the_own_clock(app: App) -> None:
    session = ChatSession(timezone="America/New_York")

    best = groups_wished(app, GroupWishes("caregiving", times=TimeOfDay.DAYTIME), session)[0]

    assert best.group.name == "Working and Caring"  # 19:30 in London
    assert best.reason.endswith("As you wished, there is a meeting during the day.")


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        (None, "every week, Tuesday at 19:30 (Europe/London), 60 minutes"),
        ("Europe/Lisbon", "every week, Tuesday at 19:30 (Europe/London), 60 minutes"),  # the same hour
        ("Europe/Madrid", "every week, Tuesday at 19:30 (Europe/London), 60 minutes; on your clock Tuesday at 20:30, 1 h later"),
        ("America/New_York", "every week, Tuesday at 19:30 (Europe/London), 60 minutes; on your clock Tuesday at 14:30, 5 h earlier"),
        (
            "Asia/Kolkata",
            "every week, Tuesday at 19:30 (Europe/London), 60 minutes; on your clock Wednesday at 01:00, 5 h 30 min later, at night",
        ),
    ],
)
def test_the_card_names_the_own_time_and_the_difference_where_there_is_one(zone: str | None, when: str) -> None:
    words = load_words(ROOT / "prompts")

    assert meets_when(EVENING, words, own(zone) if zone else None) == when


def test_time_of_a_group_is_its_own_where_nobodys_clock_is_known() -> None:
    assert (time_of(EVENING), time_of(EVENING, own("America/New_York"))) == (TimeOfDay.EVENING, TimeOfDay.DAYTIME)
