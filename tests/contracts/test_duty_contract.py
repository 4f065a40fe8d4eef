"""Peers on duty, on every kind of store: offers in turn, caps that hold in parallel, passing on with consent, load without names."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta

import pytest
from people_workplace import Workplace

from companion.errors import InputRefused, NotAllowed, WrongState
from companion.models_duty import Hindrance, PeerDeed, PeerRecord
from companion.models_people import Act, Asked, Asker, Audience, Availability, HandoverState, PassTo, PeerSeat, Preference, Wish
from companion.models_staff import Account, Caller, DutyStatus, Role
from companion.network.guardian import LoadGuardian
from companion.network.planning import RosterService

LETTER = "Three nights in a row and I cannot switch off."
COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c" * 32, "Robin")


def ask(workplace: Workplace, *, urgent: bool = False, preference: Preference | None = None) -> Asked:
    preference = preference or Preference()
    return workplace.handovers.request(LETTER, urgent=urgent, country="GB", wish=Wish.LISTEN, preference=preference)


def state(workplace: Workplace, asked: Asked) -> HandoverState:
    return workplace.handovers.status(Asker(asked.token)).state


def at_the_desk(workplace: Workplace, name: str) -> Caller:
    peer = workplace.peer(name)
    workplace.duty.look(peer)
    return peer


def pass_time(workplace: Workplace, *looking: Caller, **span: int) -> None:
    workplace.clock.advance(timedelta(**span))
    for peer in looking:
        workplace.duty.look(peer)
    workplace.sweeper.sweep()


def talk(workplace: Workplace, *, urgent: bool = False) -> tuple[Asked, PeerSeat]:
    asked = ask(workplace, urgent=urgent)
    seat = workplace.handovers.claim(workplace.peer(secrets.token_hex(4)), asked.handover_id)
    workplace.handovers.post(seat, "Hello, I am here.")
    return asked, seat


# --- offers --------------------------------------------------------------------------------------------------------


def test_a_calm_request_is_offered_to_one_peer_at_the_desk_and_hidden_from_the_others(workplace: Workplace) -> None:
    first, second = at_the_desk(workplace, "Alex"), at_the_desk(workplace, "Sam")
    asked = ask(workplace)

    workplace.sweeper.sweep()

    offered = [peer for peer in (first, second) if workplace.handovers.queue(peer)]
    assert state(workplace, asked) is HandoverState.OFFERED
    assert len(offered) == 1
    (other,) = {first, second} - set(offered)
    with pytest.raises(WrongState):
        workplace.handovers.claim(other, asked.handover_id)
    assert workplace.handovers.claim(offered[0], asked.handover_id).caller is offered[0]


def test_an_offer_that_runs_out_goes_to_the_next_and_after_three_to_everybody(workplace: Workplace) -> None:
    peers = [at_the_desk(workplace, f"Peer {number}") for number in range(4)]
    asked = ask(workplace)
    workplace.sweeper.sweep()
    asked_in_turn = []
    for _ in range(3):
        asked_in_turn.append(workplace.store.get(asked.handover_id).offered_to)
        pass_time(workplace, *peers, minutes=3)

    assert len(set(asked_in_turn)) == 3
    assert None not in asked_in_turn
    assert all(workplace.handovers.queue(peer) for peer in peers)
    pass_time(workplace, minutes=6)
    assert workplace.store.get(asked.handover_id).reminders == 1  # the wait of the employee went on all the while


def test_a_declined_offer_goes_to_the_next_at_once_and_never_back(workplace: Workplace) -> None:
    first, second = at_the_desk(workplace, "Alex"), at_the_desk(workplace, "Sam")
    asked = ask(workplace)
    workplace.sweeper.sweep()
    offered_to = workplace.store.get(asked.handover_id).offered_to
    declining, other = (first, second) if offered_to == first.staff_id else (second, first)

    workplace.handovers.decline(declining, asked.handover_id)
    workplace.sweeper.sweep()

    assert workplace.store.get(asked.handover_id).offered_to == other.staff_id
    assert workplace.handovers.queue(declining) == ()
    with pytest.raises(WrongState):
        workplace.handovers.decline(declining, asked.handover_id)


def test_with_nobody_at_the_desk_everybody_on_duty_may_take_it_at_once(workplace: Workplace) -> None:
    peer = workplace.peer("Sam")
    asked = ask(workplace)

    workplace.sweeper.sweep()

    assert state(workplace, asked) is HandoverState.NOTIFIED
    assert workplace.handovers.claim(peer, asked.handover_id)


def test_an_urgent_request_is_open_to_everybody_on_duty_at_once(workplace: Workplace) -> None:
    peers = [at_the_desk(workplace, name) for name in ("Alex", "Sam")]
    ask(workplace, urgent=True)

    workplace.sweeper.sweep()

    assert all(workplace.handovers.queue(peer) for peer in peers)


def test_a_request_that_becomes_urgent_leaves_the_one_it_was_offered_to(workplace: Workplace) -> None:
    peers = [at_the_desk(workplace, name) for name in ("Alex", "Sam")]
    asked = ask(workplace)
    workplace.sweeper.sweep()

    workplace.handovers.hurry(asked.token)

    assert all(workplace.handovers.queue(peer)[0].urgent for peer in peers)


def test_two_instances_offer_a_request_to_one_peer_only(on_database: Workplace, second_instance: Callable[[Workplace], Workplace]) -> None:
    for name in ("Alex", "Sam", "Kim"):
        at_the_desk(on_database, name)
    asked = ask(on_database)
    instances = [on_database, second_instance(on_database)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda instance: instance.sweeper.sweep(), instances))

    offers = [event for event in on_database.store.history(asked.handover_id) if event.act is Act.OFFER]
    assert len(offers) == 1
    assert len(on_database.store.offered_peers(asked.handover_id)) == 1


# --- limits --------------------------------------------------------------------------------------------------------


def test_a_peer_who_is_away_cannot_take_a_request(workplace: Workplace) -> None:
    peer = workplace.peer("Sam", status=DutyStatus.AWAY)
    asked = ask(workplace)

    with pytest.raises(NotAllowed, match=Hindrance.NOT_ON_DUTY):
        workplace.handovers.claim(peer, asked.handover_id)
    workplace.duty.set_status(peer, DutyStatus.ON_DUTY)
    assert workplace.handovers.claim(peer, asked.handover_id)


def test_claims_of_one_peer_in_parallel_never_pass_the_cap(workplace: Workplace) -> None:
    peer = workplace.peer("Sam")
    requests = [ask(workplace) for _ in range(6)]
    barrier = threading.Barrier(len(requests))

    def claim(asked: Asked) -> bool:
        barrier.wait()
        try:
            workplace.handovers.claim(peer, asked.handover_id)
        except (NotAllowed, WrongState):
            return False
        return True

    with ThreadPoolExecutor(len(requests)) as pool:
        won = sum(pool.map(claim, requests))

    assert won == len(workplace.handovers.held(peer)) == 3


def test_the_fifth_request_of_a_day_goes_to_somebody_else(workplace: Workplace) -> None:
    peer = workplace.peer("Sam")
    for _ in range(4):
        workplace.handovers.close(workplace.handovers.claim(peer, ask(workplace).handover_id))

    assert workplace.handovers.hindrance(peer) is Hindrance.DAY_IS_FULL
    assert workplace.duty.availability() is Availability.BUSY
    with pytest.raises(NotAllowed, match=Hindrance.DAY_IS_FULL):
        workplace.handovers.claim(peer, ask(workplace).handover_id)


def test_after_an_urgent_talk_a_peer_rests(workplace: Workplace) -> None:
    asked, seat = talk(workplace, urgent=True)
    workplace.handovers.close(Asker(asked.token))

    assert workplace.handovers.hindrance(seat.caller) is Hindrance.RESTING
    workplace.clock.advance(timedelta(minutes=60))
    assert workplace.handovers.hindrance(seat.caller) is None


def test_coordinators_see_at_once_an_urgent_request_that_nobody_on_duty_can_take(workplace: Workplace) -> None:
    asked, _ = talk(workplace, urgent=True)
    workplace.handovers.close(Asker(asked.token))  # the only peer rests now
    assert workplace.duty.alarms(COORDINATOR) == ()

    ask(workplace)
    urgent = ask(workplace, urgent=True)

    (alarm,) = workplace.duty.alarms(COORDINATOR)
    assert (alarm.handover_id, alarm.urgent) == (urgent.handover_id, True)
    workplace.peer("Kim")  # somebody comes
    assert workplace.duty.alarms(COORDINATOR) == ()


def test_the_only_peer_who_passes_an_urgent_talk_on_leaves_no_silence(workplace: Workplace) -> None:
    asked, seat = talk(workplace, urgent=True)
    workplace.handovers.ask_to_pass(seat.caller, seat.handover_id, PassTo.PEER)
    workplace.handovers.agree_to_pass(asked.token)

    assert [alarm.handover_id for alarm in workplace.duty.alarms(COORDINATOR)] == [asked.handover_id]


def test_urgent_requests_stand_above_those_offered_to_oneself(workplace: Workplace) -> None:
    peer = at_the_desk(workplace, "Alex")
    ask(workplace)
    urgent = ask(workplace, urgent=True)

    assert workplace.handovers.queue(peer)[0].handover_id == urgent.handover_id


def test_nobody_from_the_part_that_the_employee_wants_to_avoid_sees_the_request(workplace: Workplace) -> None:
    near, far, untrained = workplace.peer("Alex"), workplace.peer("Sam"), workplace.peer("Kim", trained=None)
    workplace.staff.set_place(str(untrained.staff_id), "Ward 4", frozenset({"en"}))
    workplace.staff.set_place(str(near.staff_id), "Ward 4", frozenset({"en"}))
    workplace.staff.set_place(str(far.staff_id), "Theatre", frozenset({"en"}))

    asked = ask(workplace, preference=Preference(avoid_unit="Ward 4"))

    assert workplace.duty.units() == ("Theatre", "Ward 4")
    assert workplace.handovers.queue(near) == workplace.handovers.queue(untrained) == ()
    with pytest.raises(WrongState):
        workplace.handovers.claim(near, asked.handover_id)
    assert workplace.handovers.claim(far, asked.handover_id)


def test_a_sign_off_that_ran_out_ends_the_right_to_talk(workplace: Workplace) -> None:
    peer, asked = workplace.peer("Sam"), ask(workplace)
    today = workplace.clock.now().date()
    workplace.staff.set_training(str(peer.staff_id), today - timedelta(days=366), today - timedelta(days=1))

    with pytest.raises(NotAllowed, match=Hindrance.SIGN_OFF_EXPIRED):
        workplace.handovers.claim(peer, asked.handover_id)
    workplace.staff.set_training(str(peer.staff_id), today, today + timedelta(days=364))
    assert workplace.handovers.claim(peer, asked.handover_id)


@pytest.mark.parametrize(("days_left", "is_told"), [(31, False), (30, True), (0, True), (-1, True)])
def test_peer_and_coordinator_are_told_a_month_before_a_sign_off_ends(workplace: Workplace, days_left: int, is_told: bool) -> None:
    peer, guardian = workplace.peer("Sam"), LoadGuardian(workplace.sweeper.turns, workplace.clock)
    today = workplace.clock.now().date()
    last_day = today + timedelta(days=days_left)
    workplace.staff.set_training(str(peer.staff_id), today - timedelta(days=200), last_day)

    (standing,) = guardian.peers(Caller(frozenset({Role.COORDINATOR}), "wren", "Wren"))

    assert guardian.renew_by(peer) == standing.renew_by == (last_day if is_told else None)
    assert standing.is_trained == (days_left >= 0)


def test_a_line_that_two_instances_write_at_once_stands_once(workplace: Workplace) -> None:
    peer = workplace.peer("Sam")
    record = PeerRecord(str(peer.staff_id), PeerDeed.DANGER_AGAIN, workplace.clock.now())

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(workplace.book.add_once, [record] * 8)) == 1
    later = replace(record, at=record.at + timedelta(minutes=5))
    assert workplace.book.add_once(later)
    assert workplace.book.records(record.at - timedelta(seconds=1)) == (record, later)


# --- passing on ----------------------------------------------------------------------------------------------------


def test_a_talk_is_passed_on_only_with_the_consent_of_the_employee(workplace: Workplace) -> None:
    asked, seat = talk(workplace)
    next_peer = workplace.peer("Kim")
    with pytest.raises(WrongState):
        workplace.handovers.agree_to_pass(asked.token)

    workplace.handovers.ask_to_pass(seat.caller, asked.handover_id, PassTo.PEER)
    before = workplace.handovers.status(Asker(asked.token))
    workplace.handovers.agree_to_pass(asked.token)

    assert (before.state, before.pass_asked) == (HandoverState.ACTIVE, PassTo.PEER)
    assert workplace.handovers.queue(seat.caller) == ()
    taken = workplace.handovers.claim(next_peer, asked.handover_id)
    assert workplace.handovers.letter(taken) == LETTER
    assert workplace.handovers.status(Asker(asked.token)).pass_asked is None


def test_an_employee_may_keep_the_peer(workplace: Workplace) -> None:
    asked, seat = talk(workplace)
    workplace.handovers.ask_to_pass(seat.caller, asked.handover_id, PassTo.PEER)

    workplace.handovers.keep_peer(asked.token)

    status = workplace.handovers.status(seat)
    assert (status.state, status.pass_asked) == (HandoverState.ACTIVE, None)


def test_a_talk_is_passed_to_a_coordinator_only_when_one_is_a_trained_peer(workplace: Workplace) -> None:
    asked, seat = talk(workplace)
    with pytest.raises(NotAllowed):
        workplace.handovers.ask_to_pass(seat.caller, asked.handover_id, PassTo.COORDINATOR)
    ordinary, both = workplace.peer("Kim"), workplace.peer("Robin")
    member = workplace.staff.get(str(both.staff_id))
    roles = frozenset({Role.PEER, Role.COORDINATOR})
    robin = Caller(roles, "r" * 32, "Robin the second")
    assert workplace.staff.add(Account(replace(member, id="r" * 32, username="robin2", roles=roles), "no password"))

    workplace.handovers.ask_to_pass(seat.caller, asked.handover_id, PassTo.COORDINATOR)
    workplace.handovers.agree_to_pass(asked.token)

    assert workplace.handovers.queue(ordinary) == ()
    assert workplace.handovers.claim(robin, asked.handover_id)


def test_the_safety_button_makes_a_talk_urgent_and_reaches_coordinators_without_a_word(workplace: Workplace) -> None:
    asked, seat = talk(workplace)
    workplace.sweeper.sweep()
    before = len(workplace.notifier.sent)

    workplace.handovers.raise_danger(seat.caller, asked.handover_id)
    workplace.sweeper.sweep()

    assert workplace.handovers.status(Asker(asked.token)).urgent
    assert [(audience, urgent) for audience, urgent, _ in workplace.notifier.sent[before:]] == [(Audience.DANGER, True)]
    guardian = LoadGuardian(workplace.handovers.turns, workplace.clock)
    assert guardian.peers(COORDINATOR)[0].danger_at == workplace.clock.now()
    assert workplace.handovers.status(seat).state is HandoverState.ACTIVE


# --- load and roster -----------------------------------------------------------------------------------------------


def test_load_counts_without_naming_any_request_and_outlives_its_erasure(workplace: Workplace) -> None:
    asked, seat = talk(workplace)
    workplace.handovers.close(Asker(asked.token))
    workplace.handovers.erase(asked.token)

    records = workplace.book.records(workplace.clock.now() - timedelta(days=1))

    assert [record.deed for record in records] == [PeerDeed.CLAIMED, PeerDeed.ENDED]
    assert {record.staff_id for record in records} == {seat.caller.staff_id}
    assert asked.handover_id not in str(records)


def test_a_coordinator_sees_who_carries_most_and_who_wishes_a_debrief(workplace: Workplace) -> None:
    guardian = LoadGuardian(workplace.handovers.turns, workplace.clock)
    asked, seat = talk(workplace)
    workplace.peer("Aaron")
    workplace.handovers.close(Asker(asked.token))
    guardian.debrief(seat.caller, was_heavy=True, wants_talk=True)

    first, second = guardian.peers(COORDINATOR)

    assert (first.staff_id, first.wants_debrief, first.load.heavy_recent) == (seat.caller.staff_id, True, 1)
    assert (second.pseudonym, second.wants_debrief, second.load.weight) == ("Aaron", False, 0)
    assert guardian.mine(seat.caller).rests_until is not None


def test_a_debrief_that_was_missed_is_asked_again_until_it_is_answered(workplace: Workplace) -> None:
    guardian = LoadGuardian(workplace.handovers.turns, workplace.clock)
    asked, seat = talk(workplace)
    other = workplace.peer("Aaron")
    assert not guardian.awaits_debrief(seat.caller)
    workplace.handovers.close(Asker(asked.token))  # while the peer is away

    assert guardian.awaits_debrief(seat.caller)
    assert not guardian.awaits_debrief(other)
    workplace.clock.advance(timedelta(minutes=1))
    guardian.debrief(seat.caller, was_heavy=False, wants_talk=False)

    assert not guardian.awaits_debrief(seat.caller)
    assert guardian.mine(seat.caller).rests_until is None


def test_after_a_week_a_missed_debrief_is_let_go(workplace: Workplace) -> None:
    guardian = LoadGuardian(workplace.handovers.turns, workplace.clock)
    asked, seat = talk(workplace)
    workplace.handovers.close(Asker(asked.token))

    workplace.clock.advance(timedelta(days=7, seconds=1))

    assert not guardian.awaits_debrief(seat.caller)


def test_the_roster_tells_employees_when_and_coordinators_where_it_is_thin(workplace: Workplace) -> None:
    roster = RosterService(workplace.book, workplace.staff, workplace.clock)  # Monday, 3:00 in UTC
    peer = workplace.peer("Sam")
    assert roster.next_staffed() is None

    shift = roster.plan(peer, weekday=0, starts=time(9), minutes=120, timezone="Europe/London")

    assert roster.next_staffed() == workplace.clock.now() + timedelta(hours=6)
    assert [(gap.starts_at.hour, gap.ends_at.hour) for gap in roster.gaps(COORDINATOR)] == [(3, 9), (11, 3)]
    assert [planned.staff_id for planned in roster.coming(COORDINATOR)] == [peer.staff_id]
    assert roster.mine(peer) == (shift,)
    roster.cancel(peer, shift.id)
    assert roster.mine(peer) == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"weekday": 7}, "not_a_weekday"), ({"minutes": 5}, "not_a_length"), ({"timezone": "Middle/Earth"}, "not_a_timezone")],
)
def test_a_shift_that_cannot_be_is_refused(workplace: Workplace, wrong: dict[str, object], reason: str) -> None:
    roster = RosterService(workplace.book, workplace.staff, workplace.clock)
    right = {"weekday": 0, "starts": time(9), "minutes": 60, "timezone": "UTC"}

    with pytest.raises(InputRefused) as refused:
        roster.plan(workplace.peer("Sam"), **(right | wrong))  # type: ignore[arg-type]

    assert refused.value.reason == reason


def test_the_shift_of_somebody_else_cannot_be_cancelled(workplace: Workplace) -> None:
    roster = RosterService(workplace.book, workplace.staff, workplace.clock)
    shift = roster.plan(workplace.peer("Sam"), weekday=0, starts=time(9), minutes=60, timezone="UTC")

    with pytest.raises(NotAllowed):
        roster.cancel(workplace.peer("Alex"), shift.id)


# --- the notice path -----------------------------------------------------------------------------------------------


def test_the_notice_path_is_tested_once_a_day_by_one_instance(
    on_database: Workplace, second_instance: Callable[[Workplace], Workplace]
) -> None:
    instances = [on_database, second_instance(on_database)]
    for _ in range(3):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda instance: instance.sweeper.sweep(), instances))
        on_database.clock.advance(timedelta(hours=12))

    assert len(on_database.notifier.drills) == 2
    assert on_database.book.notice_health().delivered_at is not None


def test_a_daily_test_that_fails_is_noted(workplace: Workplace) -> None:
    workplace.notifier.is_down = True

    workplace.sweeper.sweep()

    health = workplace.book.notice_health()
    assert (health.failed_at, health.delivered_at) == (workplace.clock.now(), None)


def test_old_load_is_forgotten(workplace: Workplace) -> None:
    peer = workplace.peer("Sam")
    workplace.book.add_record(PeerRecord(str(peer.staff_id), PeerDeed.CLAIMED, workplace.clock.now()))
    workplace.clock.advance(timedelta(days=61))

    workplace.sweeper.sweep()

    assert workplace.book.records(workplace.clock.now() - timedelta(days=365)) == ()
