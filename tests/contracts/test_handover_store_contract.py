"""What every store of hand-overs, staff, feedback and access rows must do, wherever it keeps them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from people_workplace import Workplace, workplace_on
from sqlalchemy import text

from companion.adapters.sql_store import Database
from companion.errors import CompanionError, NotFound, WrongState
from companion.models_people import Act, Asked, Asker, Author, HandoverState, PeerSeat, Wish
from companion.models_staff import AccessEntry, DutyStatus, FeedbackEntry, Role, SignInAttempts, StaffSession
from companion.network.escalation import Move, change
from companion.settings import ROOT

SIX_PEERS = 6
ROUNDS = 15


def ask(workplace: Workplace, *, urgent: bool = False) -> Asked:
    return workplace.handovers.request("I cannot sleep before shifts.", urgent=urgent, country="GB", wish=Wish.LISTEN)


def in_parallel(count: int, act: Callable[[int], object]) -> list[object]:
    """Run `act` in threads that all start at the same moment; errors of ours count as results."""
    barrier = threading.Barrier(count)

    def run(number: int) -> object:
        barrier.wait()
        try:
            return act(number)
        except CompanionError as exc:
            return exc

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


# --- hand-overs ----------------------------------------------------------------------------------------------------


def test_a_hand_over_is_found_by_id_and_by_token_but_not_by_another_token(workplace: Workplace) -> None:
    asked = ask(workplace)

    found = workplace.handovers._find(Asker(asked.token))

    assert workplace.store.get(asked.handover_id) == found
    with pytest.raises(NotFound):
        workplace.handovers._find(Asker(asked.token + "x"))


def test_the_same_token_never_makes_a_second_request(workplace: Workplace) -> None:
    token = secrets.token_urlsafe(32)

    made = in_parallel(4, lambda _: workplace.handovers.request("hello there", urgent=False, country=None, wish=Wish.UNSURE, token=token))

    assert len({asked.handover_id for asked in made if isinstance(asked, Asked)}) == 1
    assert len(workplace.store.waiting()) == 1


def test_an_act_decided_on_an_old_version_is_not_stored(workplace: Workplace) -> None:
    workplace.peer()
    before = workplace.store.get(ask(workplace).handover_id)
    now, times = workplace.clock.now(), workplace.sweeper.times

    first = workplace.store.apply((change(before, Move(Act.REMIND, now), times),))
    second = workplace.store.apply((change(before, Move(Act.WITHDRAW, now), times),))

    assert (first, second) == (True, False)
    assert workplace.store.get(before.id).state is HandoverState.REQUESTED


def test_acts_on_several_hand_overs_are_stored_together_or_not_at_all(workplace: Workplace) -> None:
    workplace.peer()
    one, two = (workplace.store.get(ask(workplace).handover_id) for _ in range(2))
    withdraw = Move(Act.WITHDRAW, workplace.clock.now())
    stale = replace(two, version=two.version + 1)

    stored = workplace.store.apply([change(h, withdraw, workplace.sweeper.times) for h in (one, stale)])

    assert stored is False
    assert workplace.store.get(one.id) == one
    assert [event.act for event in workplace.store.history(one.id)] == [Act.REQUEST]


def test_each_act_leaves_one_event(workplace: Workplace) -> None:
    peer = workplace.peer()
    asked = ask(workplace)
    seat = workplace.handovers.claim(peer, asked.handover_id)
    workplace.handovers.post(seat, "Hello, I am here.")
    workplace.handovers.close(Asker(asked.token))

    history = workplace.store.history(asked.handover_id)

    assert [event.act for event in history] == [Act.REQUEST, Act.CLAIM, Act.ANSWER, Act.CLOSE]
    assert [event.actor for event in history] == [Role.EMPLOYEE, Role.PEER, Role.PEER, Role.EMPLOYEE]


def test_urgent_requests_jump_the_queue(workplace: Workplace) -> None:
    workplace.peer()
    calm = ask(workplace)
    workplace.clock.advance(timedelta(seconds=1))
    urgent = ask(workplace, urgent=True)

    assert [handover.id for handover in workplace.store.waiting()] == [urgent.handover_id, calm.handover_id]


def test_of_peers_who_claim_at_the_same_instant_exactly_one_wins(workplace: Workplace) -> None:
    for turn in range(ROUNDS):
        peers = [workplace.peer(f"Peer {turn} {number}") for number in range(SIX_PEERS)]
        asked = ask(workplace)

        results = in_parallel(SIX_PEERS, lambda number: workplace.handovers.claim(peers[number], asked.handover_id))  # noqa: B023

        seats = [result for result in results if isinstance(result, PeerSeat)]
        assert len(seats) == 1
        assert all(isinstance(result, WrongState) for result in results if result is not seats[0])
        assert workplace.store.get(asked.handover_id).peer_id == seats[0].caller.staff_id
        workplace.handovers.close(seats[0])


# --- messages ------------------------------------------------------------------------------------------------------


def test_messages_sent_at_the_same_instant_get_numbers_without_gaps(workplace: Workplace) -> None:
    peer = workplace.peer()
    asked = ask(workplace)
    seat = workplace.handovers.claim(peer, asked.handover_id)
    sides = (seat, Asker(asked.token))

    in_parallel(8, lambda number: [workplace.handovers.post(sides[number % 2], f"{number}-{i}") for i in range(5)])

    found = workplace.handovers.messages(seat)
    assert [message.seq for message in found] == list(range(1, 41))
    assert len({message.text for message in found}) == 40


def test_a_resend_with_the_same_key_never_doubles(workplace: Workplace) -> None:
    asked = ask(workplace)
    me = Asker(asked.token)

    sent = in_parallel(6, lambda _: workplace.handovers.post(me, "Is anybody there?", client_key="press-1"))

    assert {message.seq for message in sent} == {1}  # type: ignore[attr-defined]
    assert workplace.handovers._find(me).last_seq == 1


def test_messages_after_a_number_are_only_the_newer_ones(workplace: Workplace) -> None:
    me = Asker(ask(workplace).token)
    for words in ("one", "two", "three"):
        workplace.handovers.post(me, words)

    assert [message.text for message in workplace.handovers.messages(me, after=1)] == ["two", "three"]


def test_a_message_for_a_hand_over_that_moved_on_is_not_stored(workplace: Workplace) -> None:
    peer = workplace.peer()
    asked = ask(workplace)
    seat = workplace.handovers.claim(peer, asked.handover_id)
    workplace.handovers.withdraw(asked.token)

    with pytest.raises(WrongState):
        workplace.handovers.post(seat, "Hello?")

    assert workplace.store.messages(asked.handover_id, 0) == ()


def test_presence_keeps_what_is_not_told_anew(workplace: Workplace) -> None:
    asked = ask(workplace)
    first = workplace.clock.now()
    later = first + timedelta(seconds=30)

    workplace.store.touch(asked.handover_id, Author.EMPLOYEE, seen_at=first, typing_at=first, read_seq=3)
    workplace.store.touch(asked.handover_id, Author.EMPLOYEE, seen_at=later, typing_at=None, read_seq=None)

    employee = workplace.store.get(asked.handover_id).employee
    assert (employee.seen_at, employee.typing_at, employee.read_seq) == (later, first, 3)


def test_erasing_removes_everything_about_a_hand_over_and_nothing_else(workplace: Workplace) -> None:
    gone, kept = ask(workplace), ask(workplace)
    for asked in (gone, kept):
        workplace.handovers.post(Asker(asked.token), "hello")

    workplace.handovers.erase(gone.token)

    with pytest.raises(NotFound):
        workplace.handovers.status(Asker(gone.token))
    assert workplace.store.messages(gone.handover_id, 0) == ()
    assert workplace.store.history(gone.handover_id) == ()
    assert {notice.handover_id for notice in workplace.store.notices_due(workplace.clock.now(), 10)} == {kept.handover_id}
    assert len(workplace.store.messages(kept.handover_id, 0)) == 1


# --- timers and notices --------------------------------------------------------------------------------------------


def test_due_hand_overs_come_most_overdue_first(workplace: Workplace) -> None:
    workplace.peer()
    calm, urgent = ask(workplace), ask(workplace, urgent=True)

    due = workplace.store.due(workplace.clock.now() + timedelta(minutes=20), 10)

    assert [handover.id for handover in due] == [urgent.handover_id, calm.handover_id]
    assert workplace.store.due(workplace.clock.now(), 10) == ()


def test_one_notice_is_taken_by_one_instance_only(workplace: Workplace) -> None:
    workplace.peer()
    ask(workplace)
    (notice,) = workplace.store.notices_due(workplace.clock.now(), 10)

    taken = in_parallel(4, lambda _: workplace.store.lease_notice(notice, workplace.clock.now() + timedelta(seconds=20)))

    assert sorted(taken) == [False, False, False, True]  # type: ignore[type-var]
    assert workplace.store.notices_due(workplace.clock.now(), 10) == ()


def test_a_settled_notice_is_never_due_again(workplace: Workplace) -> None:
    workplace.peer()
    ask(workplace)
    (notice,) = workplace.store.notices_due(workplace.clock.now(), 10)

    workplace.store.settle_notice(notice.key)

    assert workplace.store.notices_due(workplace.clock.now() + timedelta(days=1), 10) == ()
    assert workplace.store.count_unsent(0) == 0


def test_two_instances_that_sweep_at_the_same_moment_fire_each_timer_and_notice_once(
    on_database: Workplace, second_instance: Callable[[Workplace], Workplace]
) -> None:
    on_database.peer()
    asked = [ask(on_database) for _ in range(5)]
    instances = [on_database, second_instance(on_database)]
    on_database.clock.advance(timedelta(minutes=16))

    in_parallel(2, lambda number: instances[number].sweeper.sweep())

    assert all(on_database.store.get(a.handover_id).reminders == 1 for a in asked)
    keys = [key for _, _, key in on_database.notifier.sent]
    assert len(keys) == len(set(keys))


def test_a_notice_is_sent_by_the_next_instance_when_the_first_was_killed_before(
    on_database: Workplace, second_instance: Callable[[Workplace], Workplace]
) -> None:
    on_database.peer()
    asked = ask(on_database)

    second_instance(on_database).sweeper.sweep()

    assert len(on_database.notifier.sent) == 1
    assert on_database.handovers.status(Asker(asked.token)).is_notice_delivered


def test_leaving_duty_passes_all_talks_on_in_one_act(workplace: Workplace) -> None:
    peer = workplace.peer()
    seats = [workplace.handovers.claim(peer, ask(workplace).handover_id) for _ in range(2)]
    workplace.handovers.post(seats[0], "Hello.")

    workplace.duty.set_status(peer, DutyStatus.NOT_TODAY)

    assert workplace.store.held_by(str(peer.staff_id)) == ()
    assert {h.state for h in workplace.store.waiting()} == {HandoverState.REQUEUED}
    assert workplace.staff.get(str(peer.staff_id)).status is DutyStatus.NOT_TODAY


# --- staff, feedback, access log -----------------------------------------------------------------------------------


def test_a_username_belongs_to_one_account(workplace: Workplace) -> None:
    workplace.peer("Sam")

    with pytest.raises(AssertionError):
        workplace.peer("Sam")

    assert len(workplace.staff.members()) == 1


def test_a_member_comes_back_as_stored(workplace: Workplace) -> None:
    caller = workplace.peer("Sam", trained=date(2025, 5, 1))

    member = workplace.staff.get(str(caller.staff_id))

    assert (member.pseudonym, member.trained_since, member.roles) == ("Sam", date(2025, 5, 1), frozenset({Role.PEER}))
    assert member.status_since == workplace.clock.now()


def test_suspension_ends_all_sessions_of_a_member(workplace: Workplace) -> None:
    peer, other = workplace.peer("Sam"), workplace.peer("Kim")
    now = workplace.clock.now()
    for number, caller in enumerate((peer, peer, other)):
        workplace.staff.add_session(StaffSession(f"hash {number}", str(caller.staff_id), now, now))

    workplace.duty.suspend(replace(peer, roles=frozenset({Role.COORDINATOR})), str(peer.staff_id))

    sessions = [workplace.staff.session(f"hash {number}") for number in range(3)]
    assert [session.is_revoked for session in sessions if session] == [True, True, False]


def test_attempts_in_parallel_are_all_counted(workplace: Workplace) -> None:
    def count_one(_: int) -> None:
        while not workplace.staff.count_attempt("name", before := workplace.staff.attempts("name"), now, before.count + 1):
            pass

    now = workplace.clock.now()

    in_parallel(6, count_one)

    assert workplace.staff.attempts("name") == SignInAttempts(6, now)


def test_feedback_comes_back_without_the_order_in_which_it_was_given(workplace: Workplace) -> None:
    for entry_id in ("c", "a", "b"):
        workplace.feedback.add(FeedbackEntry(entry_id, date(2026, 11, 2), is_useful=True))
    workplace.feedback.add(FeedbackEntry("d", date(2026, 12, 1), is_useful=False))

    found = workplace.feedback.entries(date(2026, 11, 1), date(2026, 11, 30))

    assert [entry.id for entry in found] == ["a", "b", "c"]


def test_access_rows_are_kept_in_order_and_forgotten_after_their_time(workplace: Workplace) -> None:
    for number in range(3):
        at = workplace.clock.now() + timedelta(days=200 * number)
        workplace.log.append(AccessEntry(at, "Sam", Role.PEER, "opened", "letter", f"ref {number}"))

    forgotten = workplace.log.forget_before(workplace.clock.now() + timedelta(days=100))

    assert forgotten == 1
    assert [entry.ref for entry in workplace.log.recent(10)] == ["ref 2", "ref 1"]
    assert workplace.log.is_intact()


def test_rows_appended_at_the_same_instant_stay_one_chain(on_database: Workplace) -> None:
    entry = AccessEntry(on_database.clock.now(), "Sam", Role.PEER, "opened", "letter")

    in_parallel(6, lambda _: on_database.log.append(entry))

    assert len(on_database.log.recent(10)) == 6
    assert on_database.log.is_intact()


def test_after_a_database_restart_the_next_request_goes_through(postgres: Database) -> None:
    workplace = workplace_on(postgres)
    ask(workplace)
    with postgres.write() as connection:
        others = "pid <> pg_backend_pid() AND application_name = 'companion'"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))

    in_parallel(3, lambda _: ask(workplace))

    assert len(workplace.store.waiting()) == 4


# --- the schema ----------------------------------------------------------------------------------------------------


def test_migrations_make_exactly_the_tables_that_the_code_uses(on_database: Workplace) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from companion.adapters.sql_tables import metadata

    assert on_database.database is not None
    with on_database.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_many_processes_may_migrate_the_same_file_at_once(tmp_path: object) -> None:
    databases = [Database(f"sqlite:///{tmp_path}/companion.db") for _ in range(4)]

    results = in_parallel(4, lambda number: databases[number].check())

    newest = max(step.stem[1:5] for step in (ROOT / "companion" / "adapters" / "migrations" / "versions").glob("m*.py"))
    assert all(f"schema {newest}" in str(result) for result in results)
