"""The safety button at the coordinator: it stays until somebody has taken it and said that it is done, and the log says who did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.bootstrap_people import People, open_people
from companion.errors import NotAllowed, NotFound, WrongState
from companion.models_duty import PeerDeed, PeerRecord
from companion.models_people import Asker, Audience, PeerSeat, Wish
from companion.models_staff import EMPLOYEE, OPERATOR, Caller, DutyStatus, NewMember, Role
from companion.network.safety_alerts import STAYS_OPEN
from companion.settings import load_settings

LETTER = "A letter of which no coordinator reads a word."
WREN = Caller(frozenset({Role.COORDINATOR}), "wren-id", "Wren")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def people(tmp_path: Path, clock: SetClock) -> Iterator[People]:
    people = open_people(load_settings(state_dir=tmp_path), clock, RecordingNotifier())
    yield people
    people.close()


@pytest.fixture
def sam(people: People, clock: SetClock) -> Caller:
    new = NewMember("sam", "rain on the tin roof", "Sam", frozenset({Role.PEER}), date(2026, 11, 1))
    member = people.staff.add_member(OPERATOR, new)
    caller = Caller(member.roles, member.id, "Sam")
    people.duty.set_status(caller, DutyStatus.ON_DUTY)
    clock.advance(timedelta(seconds=1))
    return caller


def press(people: People, peer: Caller) -> PeerSeat:
    """Have a peer take a letter, begin the talk and press the button."""
    asked = people.handovers.request(LETTER, urgent=True, country="GB", wish=Wish.LISTEN)
    people.handovers.claim(peer, asked.handover_id)
    seat = PeerSeat(peer, asked.handover_id)
    people.handovers.post(seat, "I am here.", client_key="a key of this message")
    people.handovers.raise_danger(peer, asked.handover_id)
    assert people.handovers.status(Asker(asked.token)).urgent
    return seat


def test_a_pressed_button_names_the_peer_and_no_word_of_the_talk(people: People, sam: Caller, clock: SetClock) -> None:
    seat = press(people, sam)

    (alert,) = people.alerts.open(WREN)

    assert (alert.pseudonym, alert.at, alert.taken_at) == ("Sam", clock.now(), None)
    assert seat.handover_id not in repr(alert)


def test_a_peer_is_told_that_coordinators_know_only_after_the_button_also_in_a_talk_that_came_as_urgent(
    people: People, sam: Caller
) -> None:
    asked = people.handovers.request(LETTER, urgent=True, country="GB", wish=Wish.LISTEN)
    people.handovers.claim(sam, asked.handover_id)
    assert not people.alerts.is_raised(sam)

    people.handovers.raise_danger(sam, asked.handover_id)

    assert people.alerts.is_raised(sam)
    assert len(people.alerts.open(WREN)) == 1


def test_an_alert_stays_when_the_talk_is_over_until_it_is_done(people: People, sam: Caller) -> None:
    people.handovers.close(press(people, sam))

    assert len(people.alerts.open(WREN)) == 1
    people.alerts.take(WREN, sam.staff_id or "")
    people.alerts.close(WREN, sam.staff_id or "")
    assert people.alerts.open(WREN) == ()


def test_everybody_sees_who_took_it_and_only_one_takes_it(people: People, sam: Caller, clock: SetClock) -> None:
    press(people, sam)
    people.alerts.take(WREN, sam.staff_id or "")

    (alert,) = people.alerts.open(WREN)
    assert (alert.taken_by, alert.taken_at) == ("Wren", clock.now())
    with pytest.raises(WrongState):
        people.alerts.take(Caller(WREN.roles, "other-id", "Tern"), sam.staff_id or "")


def test_what_nobody_took_is_not_done_and_what_nobody_pressed_is_not_taken(people: People, sam: Caller) -> None:
    with pytest.raises(NotFound):
        people.alerts.take(WREN, sam.staff_id or "")
    press(people, sam)

    with pytest.raises(WrongState):
        people.alerts.close(WREN, sam.staff_id or "")


def danger_notices(people: People) -> int:
    notifier = people.sweeper.notifier
    assert isinstance(notifier, RecordingNotifier)
    return sum(audience is Audience.DANGER for audience, _, _ in notifier.sent)


def test_coordinators_are_told_again_every_five_minutes_and_after_an_hour_every_hour(people: People, sam: Caller, clock: SetClock) -> None:
    press(people, sam)
    told = []
    for minutes in (0, 4, 1, 5, 50, 5, 54, 1, 60):
        clock.advance(timedelta(minutes=minutes))
        people.sweeper.sweep()
        told.append(danger_notices(people))

    assert told == [1, 1, 2, 3, 4, 4, 4, 5, 6]


def test_an_alert_that_somebody_took_is_not_repeated_until_the_button_is_pressed_again(
    people: People, sam: Caller, clock: SetClock
) -> None:
    seat = press(people, sam)
    people.sweeper.sweep()
    people.alerts.take(WREN, sam.staff_id or "")
    clock.advance(timedelta(minutes=10))
    people.sweeper.sweep()
    assert danger_notices(people) == 1

    people.handovers.raise_danger(sam, seat.handover_id)
    people.sweeper.sweep()
    clock.advance(timedelta(minutes=5))
    people.sweeper.sweep()
    assert danger_notices(people) == 3


def test_an_alert_is_repeated_when_the_talk_is_over_and_never_after_it_has_left_the_page(
    people: People, sam: Caller, clock: SetClock
) -> None:
    people.handovers.close(press(people, sam))
    clock.advance(timedelta(minutes=5))
    people.sweeper.sweep()
    assert danger_notices(people) == 1

    clock.advance(STAYS_OPEN)
    people.sweeper.sweep()
    assert danger_notices(people) == 1


def test_pressing_again_opens_a_new_alert(people: People, sam: Caller, clock: SetClock) -> None:
    press(people, sam)
    people.alerts.take(WREN, sam.staff_id or "")
    clock.advance(timedelta(minutes=5))

    people.load.turns.book.add_record(PeerRecord(sam.staff_id or "", PeerDeed.DANGER, clock.now()))

    (alert,) = people.alerts.open(WREN)
    assert (alert.at, alert.taken_at) == (clock.now(), None)


def test_taking_and_closing_stand_in_the_log_without_whose_talk_it_was(people: People, sam: Caller) -> None:
    seat = press(people, sam)
    people.alerts.take(WREN, sam.staff_id or "")
    people.alerts.close(WREN, sam.staff_id or "")

    rows = [row for row in people.access_log.recent(EMPLOYEE) if row.kind == "safety alert"]

    assert [(row.pseudonym, row.role, row.act) for row in rows] == [
        ("Wren", Role.COORDINATOR, "closed"),
        ("Wren", Role.COORDINATOR, "took"),
    ]
    assert seat.handover_id not in repr(rows)
    assert people.access_log.report().is_whole


def test_an_alert_that_nobody_closed_goes_after_a_week(people: People, sam: Caller, clock: SetClock) -> None:
    press(people, sam)
    clock.advance(STAYS_OPEN + timedelta(minutes=1))

    assert people.alerts.open(WREN) == ()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_coordinators_see_take_and_close(role: Role, people: People, sam: Caller) -> None:
    press(people, sam)
    caller = Caller(frozenset({role}), "somebody", "Somebody")

    for act in (lambda: people.alerts.open(caller), lambda: people.alerts.take(caller, sam.staff_id or ""),
                lambda: people.alerts.close(caller, sam.staff_id or "")):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


def test_seeing_to_an_alert_adds_nothing_to_the_load_of_a_peer(people: People, sam: Caller) -> None:
    press(people, sam)
    before = people.load.mine(sam)

    people.alerts.take(WREN, sam.staff_id or "")
    people.alerts.close(WREN, sam.staff_id or "")

    assert people.load.mine(sam) == before
