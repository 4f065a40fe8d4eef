"""Accounts, sessions and the role matrix: nobody gets further than the table allows, and nothing is open by mistake."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, delete, update
from starlette.routing import Route

import companion.curation
import companion.insight
import companion.network
from companion.adapters.argon2_passwords import Argon2Passwords
from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.adapters.sql_tables import access_log
from companion.bootstrap_curation import Curation
from companion.bootstrap_meetings import Meetings
from companion.bootstrap_people import People, open_people
from companion.bootstrap_training import Training
from companion.errors import IdentityUnknown, InputRefused, NotAllowed, StoreUnavailable, WrongState
from companion.models import RedactedMessage
from companion.models_people import PeerSeat
from companion.models_staff import EMPLOYEE, OPERATOR, Caller, FeedbackSummary, Identity, NewMember, Role, SignInAttempts
from companion.network.permissions import GRANTS, Permission, by_side, declared_permission, demand, for_anyone, may, requires
from companion.network.staff import block_after
from companion.settings import ROOT, load_settings
from companion.ui.server import own_routes
from companion.ui.staff_pages import PAGE_OF
from companion.ui.text import load_words

PASSWORD = "rain on the tin roof"
INSIDE = {
    # what a service holds or returns, and what runs by itself; no page calls one with a caller
    "Effect", "EffectRun", "EscalationTimes", "History", "Rehearsing", "Review", "Sweeper", "Transition", "Turns", "WrongCodes",
}  # fmt: skip


def public_methods(service: type) -> list[tuple[str, object]]:
    found = inspect.getmembers(service, inspect.isfunction)
    return [(name, method) for name, method in found if not name.startswith("_")]


def all_services() -> list[type]:
    """Return every class with a public method in the three packages that serve people, but for those of `INSIDE`."""
    modules = [
        importlib.import_module(found.name)
        for package in (companion.network, companion.insight, companion.curation)
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    classes = [
        known for module in modules for known in vars(module).values() if isinstance(known, type) and known.__module__ == module.__name__
    ]
    return [known for known in classes if public_methods(known) and known.__name__ not in INSIDE]


SERVICES = all_services()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def people(tmp_path: Path, clock: SetClock) -> Iterator[People]:
    people = open_people(load_settings(state_dir=tmp_path), clock, RecordingNotifier())
    quick = Argon2Passwords(memory_kib=64, passes=1)
    yield replace(people, staff=replace(people.staff, passwords=quick))
    people.close()


@pytest.fixture
def coordinator(people: People) -> Caller:
    people.staff.add_first_coordinator(OPERATOR, "robin", PASSWORD, "Robin")
    return people.staff.sign_in("robin", PASSWORD).caller


def add_peer(people: People, coordinator: Caller, username: str = "sam") -> str:
    new = NewMember(username, PASSWORD, username.title(), frozenset({Role.PEER}), date(2026, 1, 1))
    return people.staff.add_member(coordinator, new).id


def refusal(people: People, username: str, password: str) -> str:
    with pytest.raises(NotAllowed) as caught:
        people.staff.sign_in(username, password)
    return str(caught.value)


# --- the role matrix -----------------------------------------------------------------------------------------------

MATRIX = {
    Permission.ASK_FOR_PERSON: {Role.EMPLOYEE},
    Permission.GIVE_FEEDBACK: {Role.EMPLOYEE},
    Permission.KEEP_CHAT: {Role.EMPLOYEE},
    Permission.JOIN_GROUP: {Role.EMPLOYEE},
    Permission.ROTATE_KEYS: {Role.OPERATOR},
    Permission.ERASE_ON_REQUEST: {Role.OPERATOR},
    Permission.SEE_QUEUE: {Role.PEER},
    Permission.TALK: {Role.PEER},
    Permission.SET_OWN_DUTY: {Role.PEER},
    Permission.SEE_ALARMS: {Role.COORDINATOR},
    Permission.SEE_LOAD: {Role.COORDINATOR},
    Permission.READ_FEEDBACK: {Role.COORDINATOR},
    Permission.CURATE: {Role.COORDINATOR},
    Permission.ASSIGN_LEADERS: {Role.COORDINATOR},
    Permission.LEAD_GROUP: {Role.FACILITATOR},
    Permission.LEARN: {Role.PEER, Role.FACILITATOR},
    Permission.MANAGE_STAFF: {Role.COORDINATOR, Role.OPERATOR},
    Permission.MAKE_FIRST_COORDINATOR: {Role.OPERATOR},
    Permission.VERIFY_ACCESS_LOG: {Role.AUDITOR, Role.OPERATOR},
    Permission.USE_ACCOUNT: {Role.PEER, Role.FACILITATOR, Role.COORDINATOR, Role.AUDITOR},
    Permission.READ_ACCESS_LOG: {Role.EMPLOYEE, Role.PEER, Role.FACILITATOR, Role.COORDINATOR, Role.AUDITOR},
}


def test_every_permission_is_granted_to_exactly_the_roles_of_the_table() -> None:
    granted = {permission: {role for role in Role if permission in GRANTS[role]} for permission in Permission}

    assert granted == MATRIX


def test_no_service_that_the_pages_call_is_left_out() -> None:
    kept = [field.type for holder in (People, Curation, Meetings, Training) for field in fields(holder)]
    found = {service.__name__ for service in SERVICES}

    assert {"TalkFeedback", "QualityDesk", "PeerDesk"} <= found
    # The last is `read_ahead`, which reads the library's texts before anybody asks, and returns nothing.
    outside = {"Sweeper", "Database", "Box", "MeetingCalendar", "CourseFolder", "Practice", "Callable[[], None]"}
    assert {str(name) for name in kept} - found == outside


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_method_declares_its_permission(service: type) -> None:
    methods = public_methods(service)

    assert methods
    assert [name for name, method in methods if declared_permission(method) is None] == []


def test_a_method_without_a_declared_permission_is_found() -> None:
    class Careless:
        def open_everything(self) -> None: ...

    assert [declared_permission(method) for _, method in public_methods(Careless)] == [None]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", [*Role, None])
def test_every_method_that_takes_a_caller_refuses_every_role_without_the_permission(service: type, role: Role | None) -> None:
    caller = Caller(frozenset({role} if role else ()), "somebody")
    empty = object.__new__(service)
    for _, method in public_methods(service):
        permission = declared_permission(method)
        kind = list(inspect.signature(method).parameters)[1:2]  # type: ignore[arg-type]
        if permission is None or may(caller, permission) or kind not in (["caller"], ["side"]):
            continue
        with pytest.raises(NotAllowed):
            method(empty, caller if kind == ["caller"] else PeerSeat(caller, "any"))  # type: ignore[operator]


def test_all_ways_of_marking_a_method_leave_its_permission_on_it() -> None:
    class Marked:
        @requires(Permission.SEE_QUEUE)
        def one(self, caller: Caller) -> None: ...

        @by_side
        def two(self, side: PeerSeat) -> None: ...

        @for_anyone(Permission.GIVE_FEEDBACK)
        def three(self) -> None: ...

    found = [declared_permission(method) for _, method in public_methods(Marked)]
    assert found == [Permission.SEE_QUEUE, Permission.GIVE_FEEDBACK, Permission.TALK]


def test_nobody_may_do_anything_without_a_role() -> None:
    for permission in Permission:
        with pytest.raises(NotAllowed):
            demand(Caller(frozenset()), permission)


# --- accounts ------------------------------------------------------------------------------------------------------


def test_the_first_coordinator_is_made_on_the_server_and_only_once(people: People, coordinator: Caller) -> None:
    assert coordinator.roles == {Role.COORDINATOR}

    with pytest.raises(WrongState):
        people.staff.add_first_coordinator(OPERATOR, "kim", PASSWORD, "Kim")


def test_usernames_are_the_same_in_any_case_and_belong_to_one_account(people: People, coordinator: Caller) -> None:
    add_peer(people, coordinator, "sam")

    with pytest.raises(WrongState):
        add_peer(people, coordinator, " SAM ")


@pytest.mark.parametrize(("password", "reason"), [("short", "password_too_short"), ("x" * 257, "password_too_long")])
def test_a_password_that_is_too_short_or_too_long_is_refused(people: People, coordinator: Caller, password: str, reason: str) -> None:
    with pytest.raises(InputRefused) as caught:
        people.staff.add_member(coordinator, NewMember("kim", password, "Kim", frozenset({Role.PEER})))

    assert caught.value.reason == reason


@pytest.mark.parametrize("roles", [frozenset(), frozenset({Role.OPERATOR}), frozenset({Role.PEER, Role.EMPLOYEE})])
def test_no_account_gets_a_role_that_belongs_to_no_account(people: People, coordinator: Caller, roles: frozenset[Role]) -> None:
    with pytest.raises(NotAllowed):
        people.staff.add_member(coordinator, NewMember("kim", PASSWORD, "Kim", roles))


def test_passwords_are_kept_only_as_argon2id(people: People, coordinator: Caller) -> None:
    account = people.staff.directory.find("robin")

    assert account is not None
    assert account.password_hash.startswith("$argon2id$")
    assert Argon2Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in repr(account) + repr(NewMember("a", PASSWORD, "b", frozenset({Role.PEER})))


# --- signing in ----------------------------------------------------------------------------------------------------


def test_unknown_name_wrong_password_suspension_and_too_many_tries_get_the_same_answer(people: People, coordinator: Caller) -> None:
    sam = add_peer(people, coordinator)
    answers = {refusal(people, "nobody", PASSWORD), refusal(people, "sam", "wrong password!")}
    answers |= {refusal(people, "robin", "wrong password!") for _ in range(7)}
    people.duty.suspend(coordinator, sam)
    answers.add(refusal(people, "sam", PASSWORD))

    assert len(answers) == 1


@pytest.mark.parametrize("username", ["robin", "nobody"])
def test_after_five_tries_even_the_right_password_waits(people: People, coordinator: Caller, clock: SetClock, username: str) -> None:
    for _ in range(5):
        refusal(people, username, "wrong password!")
    refusal(people, username, PASSWORD)

    clock.advance(timedelta(minutes=1))

    if username == "robin":
        assert people.staff.sign_in("robin", PASSWORD).caller == coordinator
    else:
        refusal(people, username, PASSWORD)


def test_the_wait_doubles_and_ends_at_a_quarter_of_an_hour() -> None:
    waits = [block_after(SignInAttempts(count)).total_seconds() / 60 for count in (0, 4, 5, 6, 7, 8, 9, 10_000)]

    assert waits == [0, 0, 1, 2, 4, 8, 15, 15]


def test_a_success_forgets_earlier_tries(people: People, coordinator: Caller) -> None:
    for _ in range(2):
        for _ in range(4):
            refusal(people, "robin", "wrong password!")
        people.staff.sign_in("robin", PASSWORD)


# --- sessions ------------------------------------------------------------------------------------------------------


def test_a_session_speaks_for_its_member_until_signed_out(people: People, coordinator: Caller) -> None:
    token = people.staff.sign_in("robin", PASSWORD).token
    assert people.staff.resume(token) == coordinator

    people.staff.sign_out(token)

    with pytest.raises(NotAllowed):
        people.staff.resume(token)


def test_signing_out_everywhere_ends_every_session_of_that_member_and_nobody_elses(people: People, coordinator: Caller) -> None:
    add_peer(people, coordinator)
    on_phone, on_desk = (people.staff.sign_in("sam", PASSWORD).token for _ in range(2))
    other = people.staff.sign_in("robin", PASSWORD).token

    people.staff.sign_out_everywhere(people.staff.resume(on_desk))

    for token in (on_phone, on_desk):
        with pytest.raises(NotAllowed):
            people.staff.resume(token)
    assert people.staff.resume(other) == coordinator


@pytest.mark.parametrize(("step_minutes", "steps"), [(31, 1), (29, 25)])
def test_a_session_ends_after_half_an_hour_idle_or_twelve_hours_in_use(
    people: People, coordinator: Caller, clock: SetClock, step_minutes: int, steps: int
) -> None:
    token = people.staff.sign_in("robin", PASSWORD).token
    for _ in range(steps - 1):
        clock.advance(timedelta(minutes=step_minutes))
        people.staff.resume(token)
    clock.advance(timedelta(minutes=step_minutes))

    with pytest.raises(NotAllowed):
        people.staff.resume(token)


def test_a_suspended_or_reset_account_is_out_at_once(people: People, coordinator: Caller) -> None:
    sam = add_peer(people, coordinator)
    first = people.staff.sign_in("sam", PASSWORD).token
    people.staff.set_password(coordinator, sam, "another long password")
    second = people.staff.sign_in("sam", "another long password").token
    people.duty.suspend(coordinator, sam)

    for token in (first, second):
        with pytest.raises(NotAllowed):
            people.staff.resume(token)


def test_a_reinstated_account_signs_in_again(people: People, coordinator: Caller) -> None:
    sam = add_peer(people, coordinator)
    people.duty.suspend(coordinator, sam)

    people.duty.reinstate(coordinator, sam)

    assert people.staff.sign_in("sam", PASSWORD).caller.staff_id == sam


def test_no_session_token_stands_in_the_database_files(people: People, coordinator: Caller, tmp_path: Path) -> None:
    token = people.staff.sign_in("robin", PASSWORD).token

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("companion.db*"))

    assert b"robin" in kept
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


def test_the_report_for_employees_tells_the_hour_and_no_hand_over(people: People, coordinator: Caller, clock: SetClock) -> None:
    clock.advance(timedelta(minutes=37))
    people.duty.suspend(coordinator, add_peer(people, coordinator))

    report = people.access_log.report()

    newest = report.entries[0]
    assert (newest.pseudonym, newest.act, newest.ref) == ("Robin", "suspended", None)
    assert (report.entries[0].at.minute, report.entries[0].at.second) == (0, 0)
    assert report.is_whole


@pytest.mark.parametrize("change", [delete(access_log), update(access_log).values(act="opened")], ids=["removed", "altered"])
@pytest.mark.parametrize("number", [1, 2, 4], ids=["oldest", "middle", "newest"])
def test_any_row_altered_or_removed_shows_in_the_report(people: People, coordinator: Caller, change: Update | Delete, number: int) -> None:
    sam = add_peer(people, coordinator)
    people.duty.suspend(coordinator, sam)
    assert len(people.access_log.entries.recent(9)) == 4

    with people.database.write() as connection:
        connection.execute(change.where(access_log.c.number == number))

    assert not people.access_log.report().is_whole


def test_employees_may_read_the_access_log_but_see_no_hand_over_in_it(people: People, coordinator: Caller) -> None:
    people.duty.suspend(coordinator, add_peer(people, coordinator))

    rows = people.access_log.recent(EMPLOYEE)

    assert [(row.pseudonym, row.act, row.kind, row.ref) for row in rows] == [
        ("Robin", "suspended", "account", None),
        ("Robin", "signed_off", "account", None),
        ("Robin", "added_peer", "account", None),
        ("operator", "added_coordinator", "account", None),
    ]


def test_whatever_is_done_to_an_account_stands_in_the_log_without_whose_it_was(people: People, coordinator: Caller) -> None:
    sam = people.staff.add_member(coordinator, NewMember("sam", PASSWORD, "Sam", frozenset({Role.PEER, Role.FACILITATOR}))).id
    people.staff.set_training(coordinator, sam, date(2026, 1, 1))
    people.staff.set_training(coordinator, sam, None)
    people.staff.link_identity(coordinator, sam, "0" * 32)
    people.staff.unlink_identities(OPERATOR, sam)
    people.staff.set_password(coordinator, sam, "another long password")
    people.duty.suspend(coordinator, sam)
    people.duty.reinstate(coordinator, sam)

    rows = people.access_log.recent(EMPLOYEE)

    acts = [
        "added_facilitator",
        "added_peer",
        "signed_off",
        "withdrew_sign_off",
        "linked",
        "unlinked",
        "set_password",
        "suspended",
        "reinstated",
    ]
    assert [row.act for row in reversed(rows)][1:] == acts
    assert "Sam" not in repr(rows)
    words = load_words(ROOT / "prompts")
    assert all(words(f"access.acts.account.{act}") for act in acts)


def test_an_auditor_reads_the_log_to_the_minute_with_counts_and_its_seal(people: People, coordinator: Caller, clock: SetClock) -> None:
    auditor = Caller(frozenset({Role.AUDITOR}), "somebody", "Finch")
    clock.advance(timedelta(minutes=37, seconds=12))
    for name in ("sam", "tern"):
        add_peer(people, coordinator, name)

    review = people.access_log.review(auditor, limit=4)

    assert (review.is_whole, review.kept, len(review.entries)) == (True, 5, 4)
    assert review.entries[0].at == clock.now().replace(second=0, microsecond=0)
    assert dict(review.counts) == {("account", "signed_off"): 2, ("account", "added_peer"): 2}


def test_a_seal_that_is_broken_shows_to_the_auditor(people: People, coordinator: Caller) -> None:
    with people.database.write() as connection:
        connection.execute(update(access_log).values(act="opened"))

    assert not people.access_log.review(Caller(frozenset({Role.AUDITOR}), "somebody", "Finch")).is_whole


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.EMPLOYEE, Role.OPERATOR}])
def test_every_role_of_staff_has_a_page_of_its_own(role: Role) -> None:
    own = {Role.PEER: "SEE_QUEUE", Role.FACILITATOR: "LEAD_GROUP", Role.COORDINATOR: "CURATE", Role.AUDITOR: "VERIFY_ACCESS_LOG"}

    assert may(Caller(frozenset({role})), Permission[own[role]])
    assert any(route.path == f"/{PAGE_OF[role]}" for route in own_routes(load_settings()) if isinstance(route, Route))
    assert load_words(ROOT / "prompts")(f"staff.pages.{role.value}")


# --- feedback ------------------------------------------------------------------------------------------------------


def give(people: People, count: int) -> None:
    for number in range(count):
        comment = RedactedMessage("too long for me, canary-5d1e") if number == 0 else None
        people.feedback.give(is_useful=number % 2 == 0, comment=comment)


def november(people: People, caller: Caller) -> FeedbackSummary:
    return people.feedback.summary(caller, date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(("answers", "useful"), [(9, None), (10, 5)])
def test_feedback_shows_from_ten_answers_on(people: People, coordinator: Caller, clock: SetClock, answers: int, useful: int | None) -> None:
    give(people, answers)
    clock.advance(timedelta(days=10))

    summary = november(people, coordinator)

    assert summary.useful == useful
    assert summary.comments == (("too long for me, canary-5d1e",) if useful else ())


def test_a_month_that_still_grows_or_freely_chosen_days_are_not_shown(people: People, coordinator: Caller) -> None:
    give(people, 12)

    with pytest.raises(InputRefused):
        november(people, coordinator)
    with pytest.raises(InputRefused):
        people.feedback.summary(coordinator, date(2026, 10, 2), date(2026, 10, 31))


def test_a_comment_stands_sealed_in_the_database_files(people: People, tmp_path: Path) -> None:
    give(people, 1)

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("companion.db*"))

    assert b"feedback" in kept
    assert b"canary" not in kept


def test_without_a_database_feedback_says_so(tmp_path: Path) -> None:
    people = open_people(load_settings(state_dir=tmp_path, database_url="postgresql://nobody@/none?host=/nonexistent"))

    with pytest.raises(StoreUnavailable):
        people.feedback.give(is_useful=True)


# --- the sign-in of an organisation ----------------------------------------------------------------------------------

ISSUER = "https://login.example.org"


@pytest.fixture
def joined(people: People) -> People:
    """The services of a deployment that trusts an organisation's sign-in."""
    return replace(people, staff=replace(people.staff, issuer=ISSUER))


def identity(clock: SetClock, *, issuer: str = ISSUER, subject: str = "4711", minutes_ago: int = 0) -> Identity:
    return Identity(issuer, subject, clock.now() - timedelta(minutes=minutes_ago))


def linked_peer(joined: People, coordinator: Caller, clock: SetClock) -> str:
    staff_id = add_peer(joined, coordinator)
    joined.staff.link_identity(coordinator, staff_id, identity(clock).code)
    return staff_id


def test_a_linked_identity_opens_a_session_with_the_role_of_the_account(joined: People, coordinator: Caller, clock: SetClock) -> None:
    staff_id = linked_peer(joined, coordinator, clock)

    signed_in = joined.staff.sign_in_with_identity(identity(clock))

    assert joined.staff.resume(signed_in.token) == Caller(frozenset({Role.PEER}), staff_id, "Sam")


@pytest.mark.parametrize(
    "other",
    [{"issuer": "https://login.example.com"}, {"minutes_ago": 31}, {"subject": "4712"}],
    ids=["another issuer", "a cookie of half an hour ago", "another person"],
)
def test_no_other_identity_opens_one(joined: People, coordinator: Caller, clock: SetClock, other: dict[str, str]) -> None:
    linked_peer(joined, coordinator, clock)

    with pytest.raises(NotAllowed):
        joined.staff.sign_in_with_identity(identity(clock, **other))  # type: ignore[arg-type]


def test_where_no_issuer_is_trusted_no_identity_counts(people: People, coordinator: Caller, clock: SetClock) -> None:
    linked_peer(people, coordinator, clock)

    with pytest.raises(NotAllowed):
        people.staff.sign_in_with_identity(identity(clock))


def test_a_suspended_or_unlinked_account_is_out_at_once(joined: People, coordinator: Caller, clock: SetClock) -> None:
    staff_id = linked_peer(joined, coordinator, clock)
    token = joined.staff.sign_in_with_identity(identity(clock)).token

    joined.staff.unlink_identities(coordinator, staff_id)

    with pytest.raises(NotAllowed):
        joined.staff.resume(token)
    with pytest.raises(IdentityUnknown):
        joined.staff.sign_in_with_identity(identity(clock))


@pytest.mark.parametrize("code", ["", "abc", "g" * 32, "0" * 33])
def test_what_is_no_code_links_nothing(joined: People, coordinator: Caller, code: str) -> None:
    with pytest.raises(InputRefused):
        joined.staff.link_identity(coordinator, add_peer(joined, coordinator), code)


def test_a_code_may_be_copied_with_its_spaces(joined: People, coordinator: Caller, clock: SetClock) -> None:
    code = identity(clock).code.upper()
    spaced = " ".join(code[at : at + 4] for at in range(0, 32, 4))

    joined.staff.link_identity(coordinator, add_peer(joined, coordinator), spaced)

    assert joined.staff.sign_in_with_identity(identity(clock)).caller.pseudonym == "Sam"
