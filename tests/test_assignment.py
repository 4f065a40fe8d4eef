"""Who may take a request and whose turn it is: volunteers are kept well, and nobody is asked twice while others wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from companion.models_duty import DutyRules, Hindrance, PeerDeed, PeerLoad, PeerRecord
from companion.models_staff import DutyStatus, Role, StaffMember
from companion.network.assignment import Need, hindrance, in_turn, load_of

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
RULES = DutyRules()


def member(name: str = "sam", **changes: object) -> StaffMember:
    able = StaffMember(
        id=name,
        username=name,
        pseudonym=name.title(),
        roles=frozenset({Role.PEER}),
        trained_since=date(2026, 1, 1),
        status=DutyStatus.ON_DUTY,
        status_since=NOW - timedelta(hours=1),
        trained_until=date(2026, 12, 31),
    )
    return replace(able, **changes)  # type: ignore[arg-type]


def did(deed: PeerDeed, name: str = "sam", **ago: float) -> PeerRecord:
    return PeerRecord(name, deed, NOW - timedelta(**ago))


@pytest.mark.parametrize(
    ("who", "load", "need", "reason"),
    [
        (member(), PeerLoad("sam"), Need(), None),
        # the account
        (member(is_suspended=True), PeerLoad("sam"), Need(), Hindrance.SUSPENDED),
        (member(trained_since=None), PeerLoad("sam"), Need(), Hindrance.NOT_TRAINED),
        (member(roles=frozenset({Role.COORDINATOR})), PeerLoad("sam"), Need(), Hindrance.NOT_TRAINED),
        # the sign-off: its last day still counts, the day after does not
        (member(trained_until=date(2026, 11, 26)), PeerLoad("sam"), Need(), None),
        (member(trained_until=date(2026, 11, 25)), PeerLoad("sam"), Need(), Hindrance.SIGN_OFF_EXPIRED),
        (member(trained_since=date(2026, 11, 27)), PeerLoad("sam"), Need(), Hindrance.SIGN_OFF_EXPIRED),
        # duty must be declared, and not yesterday
        (member(status=DutyStatus.AWAY), PeerLoad("sam"), Need(), Hindrance.NOT_ON_DUTY),
        (member(status=DutyStatus.NOT_TODAY), PeerLoad("sam"), Need(), Hindrance.NOT_ON_DUTY),
        (member(status_since=NOW - timedelta(hours=12)), PeerLoad("sam"), Need(), Hindrance.NOT_ON_DUTY),
        # caps
        (member(), PeerLoad("sam", held=2), Need(), None),
        (member(), PeerLoad("sam", held=3), Need(), Hindrance.HOLDS_ENOUGH),
        (member(), PeerLoad("sam", taken_day=3), Need(), None),
        (member(), PeerLoad("sam", taken_day=4), Need(), Hindrance.DAY_IS_FULL),
        (member(), PeerLoad("sam", rests_until=NOW + timedelta(minutes=1)), Need(), Hindrance.RESTING),
        # conflicts
        (member(), PeerLoad("sam"), Need(excluded=frozenset({"sam"})), Hindrance.GAVE_IT_BACK),
        (member(unit="ward 4"), PeerLoad("sam"), Need(avoid_unit="ward 4"), Hindrance.SAME_UNIT),
        (member(unit="ward 5"), PeerLoad("sam"), Need(avoid_unit="ward 4"), None),
        (member(), PeerLoad("sam"), Need(for_coordinator=True), Hindrance.FOR_COORDINATORS),
        (member(roles=frozenset({Role.PEER, Role.COORDINATOR})), PeerLoad("sam"), Need(for_coordinator=True), None),
    ],
)
def test_a_peer_may_take_a_request_only_when_nothing_stands_against_it(
    who: StaffMember, load: PeerLoad, need: Need, reason: Hindrance | None
) -> None:
    assert hindrance(who, load, need, now=NOW, rules=RULES) is reason


@pytest.mark.parametrize(
    ("records", "rests"),
    [
        ([did(PeerDeed.ENDED_URGENT, minutes=59)], True),
        ([did(PeerDeed.HEAVY, minutes=59)], True),
        ([did(PeerDeed.HEAVY, minutes=60)], False),
        ([did(PeerDeed.ENDED, minutes=1)], False),
        ([did(PeerDeed.HEAVY, "alex", minutes=1)], False),
    ],
)
def test_after_an_urgent_or_heavy_talk_a_peer_rests_for_an_hour(records: list[PeerRecord], rests: bool) -> None:
    assert (load_of("sam", 0, records, now=NOW, rules=RULES).rests_until is not None) is rests


def test_the_day_of_a_peer_is_the_last_24_hours_and_not_the_calendar_day() -> None:
    records = [did(PeerDeed.CLAIMED, hours=23), did(PeerDeed.CLAIMED, hours=25)]

    load = load_of("sam", 0, records, now=NOW, rules=RULES)

    assert (load.taken_day, load.taken_recent) == (1, 2)


def test_the_one_who_carried_least_comes_first_then_the_one_who_waited_longest() -> None:
    loads = {
        "busy": PeerLoad("busy", taken_recent=3, last_taken_at=NOW - timedelta(days=6)),
        "recent": PeerLoad("recent", taken_recent=1, last_taken_at=NOW - timedelta(hours=2)),
        "rested": PeerLoad("rested", taken_recent=1, last_taken_at=NOW - timedelta(days=3)),
        "heavy": PeerLoad("heavy", taken_recent=1, heavy_recent=1, last_taken_at=NOW - timedelta(days=5)),
    }
    members = [member(name) for name in (*loads, "new")]

    assert in_turn(members, loads, Need(), now=NOW, rules=RULES) == ("new", "rested", "recent", "heavy", "busy")


def test_a_shared_language_comes_before_a_lighter_load_and_never_shuts_anybody_out() -> None:
    members = [member("light"), member("polish", languages=frozenset({"en", "pl"}))]
    loads = {"polish": PeerLoad("polish", taken_recent=2)}

    assert in_turn(members, loads, Need(language="pl"), now=NOW, rules=RULES) == ("polish", "light")
