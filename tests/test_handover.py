"""A request for a person, from the letter to its deletion: nobody is lost on the way, and nothing is kept that was promised to go."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from companion.adapters.apprise_notifier import AppriseNotifier, notice_text, read_notices
from companion.adapters.crypto_box import AesGcmBox
from companion.adapters.in_memory import MemoryHandoverStore, RecordingNotifier, SetClock
from companion.adapters.in_memory_duty import MemoryDutyBook
from companion.adapters.in_memory_staff import MemoryAccessLog, MemoryStaffDirectory
from companion.bootstrap_keys import open_box
from companion.bootstrap_people import People, open_people
from companion.errors import InputRefused, KnowledgeError, NotAllowed, NotFound, NotifierFailed, SettingsError, StoreUnavailable, WrongState
from companion.models_duty import DutyRules
from companion.models_people import Asked, Asker, Audience, Author, Availability, EarlierTalk, HandoverState, PassTo, PeerSeat, Wish
from companion.models_staff import Account, Caller, DutyStatus, Role, StaffMember
from companion.network.duty import DutyService
from companion.network.escalation import OPEN, TRANSITIONS, EscalationTimes
from companion.network.handovers import HandoverService
from companion.network.sweep import Sweeper, retry_after
from companion.network.turns import Turns
from companion.ports_people import Notifier
from companion.settings import ROOT, load_settings

NOTICES = ROOT / "prompts" / "fixed" / "notice_to_peers.md"
LETTER = "Three nights in a row and I cannot switch off. Canary-7f3a."


@dataclass
class House:
    """Hold the human side on a SQLite file, with a clock and a notifier that a test controls."""

    people: People
    clock: SetClock
    notifier: RecordingNotifier
    folder: Path
    numbers: Iterator[int]

    def peer(self, status: DutyStatus = DutyStatus.ON_DUTY, trained: date | None = date(2026, 1, 1)) -> Caller:
        name = f"Peer {next(self.numbers)}"
        member = StaffMember(secrets.token_hex(16), name, name, frozenset({Role.PEER}), trained, status, self.clock.now())
        assert self.people.staff.directory.add(Account(member, "no password"))
        return Caller(member.roles, member.id, name)

    def ask(self, *, urgent: bool = False) -> Asked:
        return self.people.handovers.request(LETTER, urgent=urgent, country="GB", wish=Wish.LISTEN)

    def talk(self) -> tuple[Asker, PeerSeat]:
        asked = self.ask()
        seat = self.people.handovers.claim(self.peer(), asked.handover_id)
        self.people.handovers.post(seat, "Hello, I am Sam. I am here.")
        return Asker(asked.token), seat

    def state(self, asked: Asked) -> HandoverState:
        return self.people.handovers.status(Asker(asked.token)).state

    def after(self, **span: int) -> None:
        self.clock.advance(timedelta(**span))
        self.people.sweeper.sweep()

    def heard(self) -> list[Audience]:
        return [audience for audience, _, _ in self.notifier.sent]

    def bytes_on_disk(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("companion.db*")))


class Channel(ThreadingHTTPServer):
    """Record what a notice channel receives. is_stalling: never answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ChannelRequest)
        self.received = b""
        self.is_stalling = False
        self.may_end = threading.Event()


class ChannelRequest(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        channel = cast(Channel, self.server)
        channel.received += bytes(self.headers) + self.rfile.read(int(self.headers["Content-Length"]))
        if channel.is_stalling:
            channel.may_end.wait(timeout=30)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def channel() -> Iterator[Channel]:
    with Channel() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.may_end.set()
        server.shutdown()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock, notifier = SetClock(), RecordingNotifier()
    people = open_people(load_settings(state_dir=tmp_path), clock, notifier)
    yield House(people, clock, notifier, tmp_path, itertools.count(1))
    people.close()


# --- the state machine; what may follow what is written down in test_handover_states.py ----------------------------


def test_every_state_but_the_last_two_has_a_way_on() -> None:
    left = {state for transition in TRANSITIONS.values() for state in transition.before}

    assert left >= OPEN | {HandoverState.CLOSED}


def test_every_state_can_be_reached() -> None:
    reached = {transition.after for transition in TRANSITIONS.values() if transition.after} | {HandoverState.REQUESTED}

    assert reached == set(HandoverState)


# --- waiting -------------------------------------------------------------------------------------------------------


def test_a_request_reaches_the_peers_on_duty(house: House) -> None:
    house.peer()
    asked = house.ask()

    house.people.sweeper.sweep()

    assert house.heard() == [Audience.ON_DUTY]
    assert house.state(asked) is HandoverState.NOTIFIED


def test_with_nobody_on_duty_the_employee_is_told_at_once_and_the_request_stays_open(house: House) -> None:
    peer = house.peer(status=DutyStatus.AWAY)

    asked = house.ask()

    assert house.people.duty.availability() is Availability.NONE
    assert house.state(asked) is HandoverState.FALLBACK_SHOWN
    house.people.sweeper.sweep()
    assert sorted(house.heard()) == [Audience.ALL_PEERS, Audience.COORDINATORS]
    assert [entry.handover_id for entry in house.people.handovers.queue(peer)] == [asked.handover_id]


def test_who_forgot_to_sign_off_does_not_count_as_on_duty_the_next_day(house: House) -> None:
    house.peer()

    house.clock.advance(timedelta(hours=12))

    assert house.people.duty.availability() is Availability.NONE


@pytest.mark.parametrize(("urgent", "steps"), [(True, (2, 3, 5)), (False, (15, 45, 60))])
def test_an_unclaimed_request_goes_out_in_widening_rings_and_then_to_the_fallback(
    house: House, urgent: bool, steps: tuple[int, ...]
) -> None:
    house.peer()
    asked = house.ask(urgent=urgent)
    rings = []
    for minutes in (0, *steps):
        house.after(minutes=minutes)
        rings.append(house.heard()[-1])

    assert rings == [Audience.ON_DUTY, Audience.ON_DUTY, Audience.ALL_PEERS, Audience.COORDINATORS]
    assert house.state(asked) is HandoverState.FALLBACK_SHOWN


def test_an_urgent_request_alerts_until_somebody_takes_it_even_when_acknowledged(house: House) -> None:
    peer, asked = house.peer(), house.ask(urgent=True)
    house.after(minutes=10)
    coordinator = Caller(frozenset({Role.COORDINATOR}), "c", "Robin")
    house.people.duty.acknowledge(coordinator, asked.handover_id)
    at_fallback = len(house.heard())

    house.after(minutes=5)
    untaken = len(house.heard())
    house.people.handovers.post(house.people.handovers.claim(peer, asked.handover_id), "I am here.")
    house.after(minutes=5)

    assert at_fallback < untaken
    assert len(house.heard()) == untaken


def test_an_acknowledged_calm_request_does_not_alert_again(house: House) -> None:
    house.peer()
    asked = house.ask()
    house.after(minutes=120)
    house.people.duty.acknowledge(Caller(frozenset({Role.COORDINATOR}), "c", "Robin"), asked.handover_id)
    before = len(house.heard())

    house.after(minutes=180)

    assert len(house.heard()) == before


def test_a_claim_without_a_first_reply_goes_back_but_not_to_the_same_peer(house: House) -> None:
    first, second = house.peer(), house.peer()
    asked = house.ask()
    house.people.handovers.claim(first, asked.handover_id)

    house.after(minutes=15)

    assert house.state(asked) is HandoverState.NOTIFIED
    assert house.people.handovers.queue(first) == ()
    with pytest.raises(WrongState):
        house.people.handovers.claim(first, asked.handover_id)
    house.people.handovers.claim(second, asked.handover_id)


def test_the_only_peer_may_take_it_after_all_once_nobody_else_did(house: House) -> None:
    peer = house.peer()
    asked = house.ask()
    house.people.handovers.claim(peer, asked.handover_id)
    house.people.handovers.pass_back(peer, asked.handover_id)

    house.after(minutes=120)

    assert house.people.handovers.claim(peer, asked.handover_id).handover_id == asked.handover_id


def test_a_request_that_nobody_ever_took_is_closed_and_then_erased(house: House) -> None:
    asked = house.ask()

    house.after(days=7)
    closed = house.state(asked)
    house.after(days=7)

    assert closed is HandoverState.CLOSED
    with pytest.raises(NotFound):
        house.state(asked)


# --- the notifier --------------------------------------------------------------------------------------------------


def test_with_the_notifier_down_the_request_stays_open_and_the_employee_is_not_told_that_it_was_delivered(house: House) -> None:
    house.peer()
    house.notifier.is_down = True
    asked = house.ask()

    house.people.sweeper.sweep()

    status = house.people.handovers.status(Asker(asked.token))
    assert status.state is HandoverState.REQUESTED
    assert not status.is_notice_delivered


def test_after_an_hour_of_a_dead_notifier_every_notice_is_delivered_once(house: House) -> None:
    house.peer()
    house.notifier.is_down = True
    asked = house.ask()
    (first,) = house.people.handovers.store.notices_due(house.clock.now(), 10)
    for _ in range(59):
        house.after(minutes=1)
    troubled = house.people.duty.count_troubled_notices(Caller(frozenset({Role.COORDINATOR})))
    house.notifier.is_down = False
    house.after(minutes=2)
    keys = [key for _, _, key in house.notifier.sent]

    assert troubled == 2
    assert first.key in keys
    assert len(keys) == len(set(keys)) == 3
    assert house.people.handovers.status(Asker(asked.token)).is_notice_delivered


def test_retries_wait_one_two_four_up_to_sixty_seconds_with_a_little_spread(house: House) -> None:
    house.peer()
    house.ask()
    (notice,) = house.people.handovers.store.notices_due(house.clock.now(), 1)

    waits = [retry_after(replace(notice, attempts=number)).total_seconds() for number in range(8)]

    for wait, base in zip(waits, (1, 2, 4, 8, 16, 32, 60, 60), strict=True):
        assert base <= wait <= base * 1.25


def test_a_notice_for_a_request_that_was_claimed_meanwhile_is_not_sent(house: House) -> None:
    peer, asked = house.peer(), house.ask()
    house.people.handovers.claim(peer, asked.handover_id)

    house.people.sweeper.sweep()

    assert house.notifier.sent == []


def test_every_notice_has_its_words_and_they_hold_no_placeholder() -> None:
    texts = read_notices(NOTICES)

    for audience, urgent in itertools.product(Audience, (True, False)):
        words = notice_text(texts, audience, urgent=urgent)
        assert "Companion" in words
        assert not set("{}[]<>%") & set(words)


def test_a_missing_notice_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notice_to_peers.md"
    path.write_text("## on_duty\n\nOpen the app.\n", encoding="utf-8")

    with pytest.raises(KnowledgeError, match="on_duty_urgent"):
        read_notices(path)


def test_a_channel_that_nobody_listens_on_fails_the_notice() -> None:
    texts = read_notices(NOTICES)
    notifier = AppriseNotifier("json://127.0.0.1:9/", texts)

    with pytest.raises(NotifierFailed):
        notifier.send(Audience.ON_DUTY, urgent=False, idempotency_key="k")


def test_a_channel_receives_the_fixed_words_and_nothing_about_anybody(house: House, channel: Channel) -> None:
    house.peer()
    asked = house.ask(urgent=True)
    sweeper = house.people.sweeper
    sweeper.notifier = AppriseNotifier(f"json://127.0.0.1:{channel.server_port}/", read_notices(NOTICES))

    sweeper.sweep()

    assert b"An urgent peer request is waiting" in channel.received
    for secret in (b"Canary", b"GB", b"listen", asked.token.encode(), asked.handover_id.encode()):
        assert secret not in channel.received


def test_a_channel_that_never_answers_fails_the_notice(channel: Channel) -> None:
    channel.is_stalling = True
    notifier = AppriseNotifier(f"json://127.0.0.1:{channel.server_port}/", read_notices(NOTICES), limit_s=0.2)

    with pytest.raises(NotifierFailed):
        notifier.send(Audience.ON_DUTY, urgent=False, idempotency_key="k")


def test_one_channel_that_works_is_enough(channel: Channel) -> None:
    urls = f"json://127.0.0.1:9/, json://127.0.0.1:{channel.server_port}/"

    AppriseNotifier(urls, read_notices(NOTICES)).send(Audience.COORDINATORS, urgent=False, idempotency_key="k")

    assert b"not taken in time" in channel.received


def test_coordinators_are_told_at_addresses_of_their_own_where_there_are_some(channel: Channel) -> None:
    with Channel() as theirs:
        threading.Thread(target=theirs.serve_forever, daemon=True).start()
        peers_url, their_url = (f"json://127.0.0.1:{server.server_port}/" for server in (channel, theirs))
        notifier = AppriseNotifier(peers_url, read_notices(NOTICES), coordinator_urls=their_url)
        for audience in Audience:
            notifier.send(audience, urgent=False, idempotency_key=audience.value)
        for worker in [thread for thread in threading.enumerate() if thread.name == "companion-notice"]:
            worker.join(timeout=10)
        theirs.shutdown()

        heard = [[words in server.received for words in (b"is waiting. Please", b"still waiting", b"in time", b"fears", b"daily test")]
                 for server in (channel, theirs)]  # fmt: skip
    assert heard == [[True, True, False, False, True], [False, False, True, True, True]]


def test_addresses_of_coordinators_alone_are_refused_since_no_peer_would_be_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Set both"):
        open_people(load_settings(state_dir=tmp_path, notify_coordinator_urls="json://127.0.0.1:9/"))


def test_a_channel_that_failed_five_times_rests_and_the_others_go_on(channel: Channel) -> None:
    other = Channel()
    other.server_close()  # nobody listens there
    urls = f"json://127.0.0.1:{other.server_port}/, json://127.0.0.1:{channel.server_port}/"
    notifier = AppriseNotifier(urls, read_notices(NOTICES))

    for number in range(6):
        notifier.send(Audience.ON_DUTY, urgent=False, idempotency_key=str(number))

    assert [one.is_resting() for one in notifier._channels] == [True, False]
    assert channel.received.count(b"A peer request is waiting") == 6


def test_with_every_channel_resting_a_notice_is_tried_all_the_same() -> None:
    notifier = AppriseNotifier("json://127.0.0.1:9/", read_notices(NOTICES))
    for number in range(6):
        with pytest.raises(NotifierFailed):
            notifier.send(Audience.ON_DUTY, urgent=False, idempotency_key=str(number))

    assert notifier._worth_trying(Audience.ON_DUTY) == notifier._channels


def test_in_a_running_server_a_notice_leaves_at_once(house: House) -> None:
    left = threading.Event()
    house.people.sweeper.notifier = cast(Notifier, SimpleNamespace(send=lambda *_, **__: left.set()))
    house.peer()
    house.people.sweeper.start()

    house.ask()

    assert left.wait(timeout=30)


def test_a_notice_whose_sender_was_killed_half_way_is_sent_again_under_the_same_key(house: House) -> None:
    house.peer()
    house.ask()
    store = house.people.handovers.store
    (notice,) = store.notices_due(house.clock.now(), 1)
    store.lease_notice(notice, house.clock.now() + timedelta(seconds=20))

    house.after(seconds=19)
    during_lease = list(house.notifier.sent)
    house.after(seconds=1)

    assert during_lease == []
    assert [key for _, _, key in house.notifier.sent] == [notice.key]


def test_an_unknown_channel_is_refused_without_repeating_its_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        AppriseNotifier("nonsense://token-abc@host", {})

    assert "token-abc" not in str(caught.value)


# --- the talk ------------------------------------------------------------------------------------------------------


def test_both_sides_read_the_same_words_in_the_same_order(house: House) -> None:
    asker, seat = house.talk()
    house.people.handovers.post(asker, "Thank you for answering.")

    seen = [[(m.seq, m.author, m.text) for m in house.people.handovers.messages(side)] for side in (asker, seat)]

    assert seen[0] == seen[1]
    assert [author for _, author, _ in seen[0]] == [Author.PEER, Author.EMPLOYEE]
    assert house.people.handovers.letter(seat) == LETTER


def test_the_employee_sees_who_is_there_typing_and_has_read(house: House) -> None:
    asker, seat = house.talk()
    house.people.handovers.post(asker, "Are you there?")
    house.people.handovers.messages(seat)
    house.people.handovers.heartbeat(seat, is_typing=True)

    status = house.people.handovers.status(asker)

    assert status.peer is not None
    assert status.peer.trained_since == date(2026, 1, 1)
    assert (status.other_is_present, status.is_other_typing, status.read_by_other) == (True, True, 2)


def test_a_peer_whose_heartbeat_is_lost_is_shown_as_gone(house: House) -> None:
    asker, seat = house.talk()
    house.people.handovers.heartbeat(seat, is_typing=True)

    house.clock.advance(timedelta(seconds=61))

    status = house.people.handovers.status(asker)
    assert (status.other_is_present, status.is_other_typing) == (False, False)


def test_a_peer_who_vanished_while_the_employee_waits_loses_the_talk_to_another(house: House) -> None:
    asker, _ = house.talk()
    house.clock.advance(timedelta(seconds=1))
    house.people.handovers.post(asker, "Are you there?")

    for _ in range(16):
        house.after(minutes=1)

    assert house.people.handovers.status(asker).state is HandoverState.NOTIFIED


def test_a_silent_employee_is_gently_asked_after_ten_minutes_and_the_talk_is_closed_after_a_day(house: House) -> None:
    asker, _ = house.talk()

    house.after(minutes=10)
    asks = house.people.handovers.status(asker).needs_check_in
    house.after(hours=24)

    assert asks
    assert house.people.handovers.status(asker).state is HandoverState.CLOSED


def test_asking_for_another_peer_hides_the_talk_from_the_first(house: House) -> None:
    asker, seat = house.talk()

    house.people.handovers.ask_for_another(asker.token)

    for read in (house.people.handovers.letter, house.people.handovers.messages, house.people.handovers.status):
        with pytest.raises(NotFound):
            read(seat)


def test_a_peer_cannot_read_what_another_peer_holds(house: House) -> None:
    _, seat = house.talk()
    curious = PeerSeat(house.peer(), seat.handover_id)

    with pytest.raises(NotFound):
        house.people.handovers.letter(curious)


def test_a_peer_cannot_read_on_an_hour_after_the_end_but_the_employee_can(house: House) -> None:
    asker, seat = house.talk()
    house.people.handovers.close(asker)
    assert house.people.handovers.messages(seat)

    house.clock.advance(timedelta(hours=1, seconds=1))

    assert house.people.handovers.messages(asker)
    with pytest.raises(NotFound):
        house.people.handovers.messages(seat)


def test_a_closed_talk_can_be_taken_up_again(house: House) -> None:
    asker, _ = house.talk()
    house.people.handovers.close(asker)

    house.people.handovers.reopen(asker.token)

    assert house.people.handovers.status(asker).state is HandoverState.REQUEUED


def _vanish(house: House, asker: Asker) -> None:
    house.after(seconds=1)
    house.people.handovers.post(asker, "Are you there?")
    for _ in range(16):
        house.after(minutes=1)


def _not_today(house: House, seat: PeerSeat) -> None:
    house.after(seconds=1)
    house.people.duty.set_status(seat.caller, DutyStatus.NOT_TODAY)


def _suspended(house: House, seat: PeerSeat) -> None:
    house.after(seconds=1)
    house.people.duty.suspend(Caller(frozenset({Role.COORDINATOR}), "c", "Robin"), seat.caller.staff_id or "")


def _next_peer(house: House, seat: PeerSeat) -> PeerSeat:
    house.clock.advance(timedelta(seconds=1))
    return house.people.handovers.claim(house.peer(), seat.handover_id)


@pytest.mark.parametrize("way", ["vanished", "not today", "suspended"])
def test_when_the_peer_is_gone_the_employee_is_told_and_the_next_reads_the_letter_alone(house: House, way: str) -> None:
    asker, seat = house.talk()
    {"vanished": lambda: _vanish(house, asker), "not today": lambda: _not_today(house, seat), "suspended": lambda: _suspended(house, seat)}[
        way
    ]()
    told = house.people.handovers.status(asker).earlier_talk

    new = _next_peer(house, seat)

    assert told is EarlierTalk.KEPT
    assert house.people.handovers.letter(new) == LETTER
    assert house.people.handovers.messages(new) == ()
    assert house.people.handovers.messages(asker)


@pytest.mark.parametrize("is_before", [True, False])
def test_the_next_peer_reads_a_talk_that_broke_off_once_the_employee_opens_it(house: House, is_before: bool) -> None:
    asker, seat = house.talk()
    _not_today(house, seat)
    if is_before:
        house.people.handovers.let_read(asker.token)
    new = _next_peer(house, seat)
    if not is_before:
        house.people.handovers.let_read(asker.token)

    assert [message.text for message in house.people.handovers.messages(new)] == ["Hello, I am Sam. I am here."]
    assert house.people.handovers.status(new).earlier_talk is EarlierTalk.OPENED


def test_the_next_peer_reads_what_is_written_with_them(house: House) -> None:
    asker, seat = house.talk()
    _not_today(house, seat)
    new = _next_peer(house, seat)
    house.clock.advance(timedelta(seconds=1))

    house.people.handovers.post(new, "Hello, I am Ada.")
    house.people.handovers.post(asker, "Good to meet you.")

    assert [message.text for message in house.people.handovers.messages(new)] == ["Hello, I am Ada.", "Good to meet you."]


def test_a_talk_that_the_employee_handed_on_is_read_by_the_next_peer(house: House) -> None:
    asker, seat = house.talk()
    house.clock.advance(timedelta(seconds=1))
    house.people.handovers.ask_for_another(asker.token)

    new = _next_peer(house, seat)

    assert house.people.handovers.messages(new)
    assert house.people.handovers.status(asker).earlier_talk is None


def test_a_talk_that_never_broke_off_has_nothing_to_open(house: House) -> None:
    asker, _ = house.talk()

    with pytest.raises(WrongState):
        house.people.handovers.let_read(asker.token)


def test_an_untrained_peer_cannot_claim(house: House) -> None:
    peer, asked = house.peer(trained=None), house.ask()

    with pytest.raises(NotAllowed):
        house.people.handovers.claim(peer, asked.handover_id)


def test_nobody_holds_more_than_three_talks(house: House) -> None:
    peer = house.peer()
    for _ in range(3):
        house.people.handovers.claim(peer, house.ask().handover_id)

    with pytest.raises(NotAllowed):
        house.people.handovers.claim(peer, house.ask().handover_id)


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), (" \n\t", "empty"), ("x" * 4001, "too_long")])
def test_a_message_that_cannot_be_sent_is_refused_with_a_reason(house: House, text: str, reason: str) -> None:
    with pytest.raises(InputRefused) as caught:
        house.people.handovers.post(Asker(house.ask().token), text)

    assert caught.value.reason == reason


def test_opening_a_letter_is_written_to_the_access_log_that_its_writer_can_read(house: House) -> None:
    asker, seat = house.talk()
    for _ in range(3):
        house.people.handovers.letter(seat)

    rows = house.people.access_log.about_mine(asker.token)

    assert [(row.pseudonym, row.act, row.kind) for row in rows] == [("Peer 1", "claimed", "request"), ("Peer 1", "opened", "letter")]


# --- what is kept --------------------------------------------------------------------------------------------------


def test_no_word_of_a_talk_and_no_token_stands_in_the_database_files(house: House) -> None:
    asker, seat = house.talk()
    house.people.handovers.post(asker, "Canary-message-51c2")

    kept = house.bytes_on_disk()

    assert seat.handover_id.encode() in kept
    for secret in (b"Canary", b"Three nights", b"I am here", asker.token.encode()):
        assert secret not in kept


@pytest.mark.parametrize("way", ["erase", "retention"])
def test_after_erasure_not_even_the_sealed_bytes_are_left(house: House, way: str) -> None:
    asker, seat = house.talk()
    handover = house.people.handovers._find(asker)
    stored = house.people.handovers.store.messages(handover.id, 0)
    traces = [handover.sealed_letter, handover.sealed_key.sealed, *(message.sealed_text for message in stored)]
    assert all(trace in house.bytes_on_disk() for trace in traces)
    if way == "erase":
        house.people.handovers.erase(asker.token)
    else:
        house.people.handovers.close(seat)
        house.after(days=7)

    assert not any(trace in house.bytes_on_disk() for trace in traces)


def test_sqlite_is_set_to_survive_power_loss_and_to_overwrite_what_is_deleted(house: House) -> None:
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout")

    with house.people.database.read() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert found == ["wal", 2, 1, 1, 5000]


def test_a_sealed_text_cannot_be_moved_to_another_place_or_altered() -> None:
    box = AesGcmBox((secrets.token_bytes(32),))
    key = box.new_key()
    sealed = box.seal(key, "words", "letter:1")

    for bytes_found, place in ((sealed, "letter:2"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "letter:1"), (b"", "letter:1")):
        with pytest.raises(StoreUnavailable):
            box.open(key, bytes_found, place)


def test_a_new_server_key_opens_what_the_old_one_sealed_and_reseals_it() -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    key = AesGcmBox((old,)).new_key()
    sealed = AesGcmBox((old,)).seal(key, "words", "letter:1")

    resealed = AesGcmBox((new, old)).reseal(key)

    assert AesGcmBox((new,)).open(resealed, sealed, "letter:1") == "words"
    with pytest.raises(SettingsError):
        AesGcmBox((new,)).open(key, sealed, "letter:1")


@pytest.mark.parametrize(
    "secret_key", [None, "", "changeme", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="]
)
def test_outside_development_a_missing_or_guessable_key_refuses_to_start(tmp_path: Path, secret_key: str | None) -> None:
    with pytest.raises(SettingsError):
        open_box(load_settings(state_dir=tmp_path, environment="production", secret_key=secret_key))


def test_in_development_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first, second = (open_box(load_settings(state_dir=tmp_path / "var")) for _ in range(2))

    assert first.key_id == second.key_id
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o777 == 0o600


# --- faults --------------------------------------------------------------------------------------------------------


def test_opening_the_human_side_touches_no_database(tmp_path: Path) -> None:
    people = open_people(load_settings(state_dir=tmp_path, database_url="postgresql://nobody@/none?host=/nonexistent"))

    with pytest.raises(StoreUnavailable) as caught:
        people.handovers.request(LETTER, urgent=True, country=None, wish=Wish.LISTEN)

    assert "Canary" not in str(caught.value)


WRITER = """
import sys
import threading
from companion.bootstrap_people import open_people
from companion.models_people import Asker
from companion.settings import load_settings
people = open_people(load_settings(state_dir=sys.argv[1]))
for number in range(100_000):
    print(people.handovers.post(Asker(sys.argv[2]), f"message {number}").text, flush=True)
"""


def test_every_acknowledged_message_is_there_once_after_a_kill(house: House) -> None:
    token = house.ask().token
    command = [sys.executable, "-c", WRITER, str(house.folder), token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        acknowledged = [line.strip() for line in itertools.islice(writer.stdout, 60)]
        writer.kill()

    kept = [message.text for message in house.people.handovers.messages(Asker(token))]

    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) == len(set(kept))
    assert "schema" in house.people.database.check()


class BrokenStore(MemoryHandoverStore):
    """A store in which something breaks that nobody thought of, each time it is asked what is due."""

    def __init__(self, staff: MemoryStaffDirectory) -> None:
        super().__init__(staff)
        self.asked = threading.Semaphore(0)

    def due(self, *_: object) -> NoReturn:
        self.asked.release()
        raise ZeroDivisionError


def test_timers_go_on_after_something_broke_that_nobody_thought_of() -> None:
    staff = MemoryStaffDirectory()
    store = BrokenStore(staff)
    turns = Turns(store, staff, MemoryDutyBook(), DutyRules())
    sweeper = Sweeper(store, turns, MemoryAccessLog(), RecordingNotifier(), SetClock(), EscalationTimes())
    sweeper.start()

    first = store.asked.acquire(timeout=10)
    sweeper.wake()
    second = store.asked.acquire(timeout=10)
    sweeper.stop()

    assert (first, second) == (True, True)


# --- no dead end ---------------------------------------------------------------------------------------------------


class AnyCourseOfEvents(RuleBasedStateMachine):
    """Let employees, peers, coordinators, the clock and a failing notifier do anything in any order. The last peer is a coordinator, too."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.notifier, staff, log = SetClock(), RecordingNotifier(), MemoryStaffDirectory(), MemoryAccessLog()
        book = MemoryDutyBook()
        self.store = MemoryHandoverStore(staff, book)
        turns = Turns(self.store, staff, book, DutyRules())
        self.sweeper = Sweeper(self.store, turns, log, self.notifier, self.clock, EscalationTimes())
        box = AesGcmBox((secrets.token_bytes(32),))
        self.service = HandoverService(self.store, staff, box, log, self.clock, EscalationTimes(), turns, self.sweeper.wake)
        self.duty = DutyService(self.store, staff, log, self.clock, EscalationTimes(), turns, self.sweeper.wake)
        peer = frozenset({Role.PEER})
        self.peers = [Caller(roles, str(n), f"Peer {n}") for n, roles in enumerate((peer, peer, peer | {Role.COORDINATOR}))]
        for caller in self.peers:
            name, since = caller.pseudonym, date(2026, 1, 1)
            staff.add(Account(StaffMember(str(caller.staff_id), name, name, caller.roles, since, DutyStatus.ON_DUTY, self.clock.now()), ""))
        self.coordinator = Caller(frozenset({Role.COORDINATOR}), "wren", "Wren")
        self.asked: list[Asked] = []
        self.is_swept = False
        """Whether the timers have just run: a peer's or an employee's act may leave something due until they run again."""

    @rule(urgent=st.booleans())
    def ask(self, urgent: bool) -> None:
        self.is_swept = False
        self.asked.append(self.service.request(LETTER, urgent=urgent, country=None, wish=Wish.UNSURE))

    @rule(
        data=st.data(),
        name=st.sampled_from(["withdraw", "keep_waiting", "hurry", "ask_for_another", "reopen", "erase", "agree_to_pass", "keep_peer"]),
    )
    def employee_acts(self, data: st.DataObject, name: str) -> None:
        self._try(lambda asked: getattr(self.service, name)(asked.token), data)

    @rule(
        data=st.data(),
        number=st.integers(0, 2),
        name=st.sampled_from(["claim", "claim", "decline", "pass_back", "post", "ask_to_pass", "raise_danger", "close"]),
        to=st.sampled_from(PassTo),
    )
    def peer_acts(self, data: st.DataObject, number: int, name: str, to: PassTo) -> None:
        caller = self.peers[number]

        def act(asked: Asked) -> None:
            seat = PeerSeat(caller, asked.handover_id)
            if name == "post":
                self.service.post(seat, "hello")
            elif name == "close":
                self.service.close(seat)
            elif name == "ask_to_pass":
                self.service.ask_to_pass(caller, asked.handover_id, to)
            else:
                getattr(self.service, name)(caller, asked.handover_id)

        self._try(act, data)

    @rule(data=st.data())
    def coordinator_sees_to_it(self, data: st.DataObject) -> None:
        self._try(lambda asked: self.duty.acknowledge(self.coordinator, asked.handover_id), data)

    @rule(number=st.integers(0, 2), name=st.sampled_from(["suspend", "reinstate", "reinstate"]))
    def coordinator_locks_or_unlocks(self, number: int, name: str) -> None:
        self.is_swept = False
        getattr(self.duty, name)(self.coordinator, str(number))

    @rule(number=st.integers(0, 2), status=st.sampled_from(DutyStatus), looks=st.booleans())
    def peer_comes_and_goes(self, number: int, status: DutyStatus, looks: bool) -> None:
        self.is_swept = False
        self.duty.set_status(self.peers[number], status)
        if looks:
            self.duty.look(self.peers[number])

    @rule(minutes=st.sampled_from([0, 1, 3, 5, 15, 60, 24 * 60, 8 * 24 * 60]), is_down=st.booleans())
    def time_passes(self, minutes: int, is_down: bool) -> None:
        self.notifier.is_down = is_down
        self.clock.advance(timedelta(minutes=minutes))
        for _ in range(3):  # a server sweeps every five seconds; after a jump of the clock one sweep ends an offer, the next one the wait
            self.sweeper.sweep()
        self.is_swept = True

    @invariant()
    def nobody_waits_longer_than_promised(self) -> None:
        """PROMISES: told that nobody is free after 10 or 120 minutes; taken without an answer, or left by the peer, for 3 or 15 at most."""
        now = self.clock.now()
        for handover in self.store.due(now + timedelta(days=3650), 1000) if self.is_swept else ():
            to_fallback, to_answer = (timedelta(minutes=minutes) for minutes in ((10, 3) if handover.urgent else (120, 15)))
            if handover.state.value in {"requested", "notified", "offered", "requeued"}:
                assert now - handover.waiting_since < to_fallback
            elif handover.state is HandoverState.CLAIMED:
                assert now - handover.state_since < to_answer
            elif handover.state is HandoverState.ACTIVE:
                said = [side.wrote_at or handover.state_since for side in (handover.employee, handover.peer)]
                seen = max(handover.peer.seen_at or said[1], *said)
                assert said[0] <= said[1] or now - seen < to_answer
                assert now - max(said) < timedelta(hours=24)

    @invariant()
    def nobody_is_forgotten(self) -> None:
        for handover in self.store.due(self.clock.now() + timedelta(days=3650), 1000):
            assert handover.due_at <= self.clock.now() + timedelta(days=7)
            assert (handover.peer_id is None) == (handover.state not in {HandoverState.CLAIMED, HandoverState.ACTIVE}) or handover.closed_at

    def teardown(self) -> None:
        for _ in range(40):
            self.clock.advance(timedelta(days=1))
            self.sweeper.sweep()
        assert self.store.due(self.clock.now() + timedelta(days=3650), 1000) == ()

    def _try(self, act: Callable[[Asked], object], data: st.DataObject) -> None:
        if self.asked:
            self.is_swept = False
            asked = data.draw(st.sampled_from(self.asked))
            with contextlib.suppress(WrongState, NotFound, NotAllowed):
                act(asked)


AnyCourseOfEvents.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TestNobodyIsLost = AnyCourseOfEvents.TestCase
