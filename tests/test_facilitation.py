"""Leading a group: only one's own, counts and no people, and a word when it goes quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from companion.adapters.in_memory import SetClock
from companion.bootstrap import App
from companion.bootstrap_meetings import Meetings, open_meetings
from companion.bootstrap_people import People, open_people
from companion.errors import FormRefused, KnowledgeError, NotAllowed, NotFound, WrongState
from companion.library.facilitating import load_facilitating
from companion.library.questions import load_questions, question_of
from companion.models_groups import Rhythm
from companion.models_meetings import HeldMeeting, Quiet, UseQuestion
from companion.models_staff import OPERATOR, Caller, NewMember, Role
from companion.network.facilitation import quiet
from companion.settings import ROOT

PASSWORD = "rain on the tin roof"
TODAY = date(2026, 12, 1)
WEEKLY = Rhythm("week", "Tuesday", "12:15", "Europe/London", 45)
BOTH = dict.fromkeys(UseQuestion, True)


@pytest.fixture
def people(app: App, tmp_path: Path, clock: SetClock) -> Iterator[People]:
    people = open_people(app.settings.model_copy(update={"state_dir": tmp_path}), clock)
    yield people
    people.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def meetings(app: App, people: People, clock: SetClock) -> Meetings:
    opened = open_meetings(app, people)
    memberships = replace(opened.memberships, clock=clock)
    return replace(opened, memberships=memberships, facilitation=replace(opened.facilitation, memberships=memberships))


@pytest.fixture
def group_key(app: App) -> str:
    return next(group.key for group in app.catalogue.groups if group.status == "open" and group.rhythm.every == "week")


COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c" * 32, "Wren")


def caller(people: People, name: str, role: Role = Role.FACILITATOR) -> Caller:
    member = people.staff.add_member(OPERATOR, NewMember(name, PASSWORD, name.title(), frozenset({role})))
    return Caller(member.roles, member.id, member.pseudonym)


@pytest.fixture
def lark(people: People, meetings: Meetings, group_key: str) -> Caller:
    """A facilitator who leads the group."""
    lark = caller(people, "lark")
    meetings.facilitation.assign(COORDINATOR, group_key, lark.staff_id or "")
    return lark


def test_a_facilitator_sees_the_names_people_chose_and_counts(meetings: Meetings, lark: Caller, group_key: str) -> None:
    for name in ("Otter", "Heron"):
        meetings.memberships.join(group_key, name)
    meetings.facilitation.note_meeting(lark, group_key, meetings.memberships.clock.now().date(), 4)

    led = meetings.facilitation.open(lark, group_key)

    assert led.names == ("Heron", "Otter")
    assert [meeting.attendance for meeting in led.meetings] == [4]


def test_another_facilitators_group_is_not_there(people: People, meetings: Meetings, lark: Caller, group_key: str) -> None:
    tern = caller(people, "tern")

    assert meetings.facilitation.mine(tern) == ()
    for act in (
        lambda: meetings.facilitation.open(tern, group_key),
        lambda: meetings.facilitation.note_meeting(tern, group_key, TODAY, 3),
        lambda: meetings.facilitation.drop_meeting(tern, group_key, TODAY),
        lambda: meetings.facilitation.free_place(tern, group_key, "Heron"),
    ):
        with pytest.raises(NotFound):
            act()


def test_who_is_taken_off_a_group_is_out_at_once(meetings: Meetings, lark: Caller, group_key: str) -> None:
    meetings.facilitation.unassign(COORDINATOR, group_key, lark.staff_id or "")

    with pytest.raises(NotFound):
        meetings.facilitation.open(lark, group_key)


def test_only_a_facilitator_can_be_asked_to_lead_a_listed_group(people: People, meetings: Meetings, group_key: str, lark: Caller) -> None:
    peer = caller(people, "sam", Role.PEER)

    with pytest.raises(NotAllowed):
        meetings.facilitation.assign(COORDINATOR, group_key, peer.staff_id or "")
    with pytest.raises(NotFound):
        meetings.facilitation.assign(COORDINATOR, "no-such-group", lark.staff_id or "")


def test_the_coordinator_sees_who_leads_and_no_member(meetings: Meetings, lark: Caller, group_key: str) -> None:
    meetings.memberships.join(group_key, "Heron")

    standing = next(each for each in meetings.facilitation.overview(COORDINATOR) if each.group_key == group_key)

    assert standing.facilitators == ("Lark",)
    assert "Heron" not in repr(standing)


def test_what_staff_do_with_a_group_stands_in_the_access_log_without_its_name(
    people: People, meetings: Meetings, lark: Caller, group_key: str
) -> None:
    meetings.memberships.join(group_key, "Heron")
    meetings.facilitation.free_place(lark, group_key, "Heron")

    entries = people.access_log.report().entries

    assert [(entry.pseudonym, entry.act, entry.kind, entry.ref) for entry in entries[:2]] == [
        ("Lark", "freed a place", "group", None),
        ("Wren", "assigned", "group", None),
    ]


def test_a_freed_place_goes_to_who_waits(meetings: Meetings, lark: Caller, group_key: str) -> None:
    codes = []
    while meetings.memberships.places(group_key).can_join:
        codes.append(meetings.memberships.join(group_key, f"Heron {len(codes)}").code)
    waiting = meetings.memberships.join(group_key, "Otter").code

    meetings.facilitation.free_place(lark, group_key, "Heron 0")

    assert meetings.memberships.accept(waiting)
    with pytest.raises(NotFound):
        meetings.memberships.mine(codes[0])


@pytest.mark.parametrize(("days_ahead", "attendance"), [(1, 3), (0, -1), (0, 501)])
def test_a_meeting_to_come_or_a_wild_number_is_refused(
    meetings: Meetings, lark: Caller, group_key: str, days_ahead: int, attendance: int
) -> None:
    day = meetings.memberships.clock.now().date() + timedelta(days=days_ahead)

    with pytest.raises(FormRefused):
        meetings.facilitation.note_meeting(lark, group_key, day, attendance)


def test_taps_of_members_show_to_the_facilitator_from_five_and_to_others_from_ten(meetings: Meetings, lark: Caller, group_key: str) -> None:
    code = meetings.memberships.join(group_key, "Heron").code
    for _ in range(5):
        meetings.facilitation.tap(code, BOTH)

    standing = next(each for each in meetings.facilitation.overview(COORDINATOR) if each.group_key == group_key)

    assert {(taps.yes, taps.all) for taps in meetings.facilitation.open(lark, group_key).taps} == {(5, 5)}
    assert standing.taps == ()


def test_only_members_tap(meetings: Meetings, app: App) -> None:
    full = next(group.key for group in app.catalogue.groups if group.status == "full")
    waiting = meetings.memberships.join(full, "Heron").code

    with pytest.raises(WrongState):
        meetings.facilitation.tap(waiting, BOTH)
    with pytest.raises(NotFound):
        meetings.facilitation.tap("0000-0000-0000-0000-0000", BOTH)


# --- going quiet -------------------------------------------------------------------------------------------------------


def held(*weeks_ago_and_counts: tuple[int, int]) -> list[HeldMeeting]:
    return [HeldMeeting(TODAY - timedelta(weeks=weeks), count) for weeks, count in weeks_ago_and_counts]


@pytest.mark.parametrize(
    ("meetings", "weeks_led", "expected"),
    [
        ([], 1, None),  # has only just begun
        ([], 2, None),  # exactly twice the rhythm
        ([], 3, Quiet.SILENT),
        (held((1, 5)), 20, None),
        (held((3, 5)), 20, Quiet.SILENT),
        (held((3, 5)), 1, None),  # somebody new leads it
        (held((1, 2)), 20, None),  # once is chance
        (held((0, 2), (1, 2)), 20, Quiet.FEW),
        (held((0, 3), (1, 2)), 20, None),
        (held((0, 2), (1, 3)), 20, None),
    ],
)
def test_a_group_is_quiet_when_few_come_twice_or_nothing_is_noted_for_twice_its_rhythm(
    meetings: list[HeldMeeting], weeks_led: int, expected: Quiet | None
) -> None:
    assert quiet(WEEKLY, meetings, TODAY - timedelta(weeks=weeks_led), TODAY) is expected


def test_silence_tells_nothing_where_nobody_leads() -> None:
    assert quiet(WEEKLY, [], None, TODAY) is None


def test_a_group_that_meets_once_a_month_has_two_months() -> None:
    monthly = replace(WEEKLY, every="month", starts_on=TODAY)

    assert quiet(monthly, [], TODAY - timedelta(days=62), TODAY) is None
    assert quiet(monthly, [], TODAY - timedelta(days=63), TODAY) is Quiet.SILENT


# --- texts -------------------------------------------------------------------------------------------------------------


def test_the_shipped_texts_cover_four_agendas_and_guides_with_content_notes() -> None:
    texts = load_facilitating(ROOT / "knowledge" / "facilitating")

    assert len(texts.agendas) >= 4
    assert len(texts.guides) >= 6
    assert all(guide.note for guide in texts.guides)


def test_a_guide_without_a_content_note_is_named_with_its_remedy(small_knowledge: Path, tmp_path: Path) -> None:
    folder = tmp_path / "facilitating"
    for part in ("agendas", "guides"):
        (folder / part).mkdir(parents=True)
        (folder / part / "one.md").write_text("---\ntitle: One\nminutes: 30\nuse_when: x\nreviewed_on: 2026-11-26\n---\nText.\n", "utf-8")

    with pytest.raises(KnowledgeError, match=r"one\.md:1: content_note is missing; say what it may stir up"):
        load_facilitating(folder)


def test_every_week_of_a_year_has_a_question_of_its_own() -> None:
    questions = load_questions(ROOT / "knowledge" / "questions.yaml")
    asked = [question_of(questions, date(2026, 1, 1) + timedelta(weeks=week)) for week in range(53)]

    assert len(set(asked)) >= 52
    assert question_of(questions, date(2026, 11, 23)) == question_of(questions, date(2026, 11, 29))


def test_too_few_questions_are_named(tmp_path: Path) -> None:
    (tmp_path / "questions.yaml").write_text("- One?\n- Two?\n", "utf-8")

    with pytest.raises(KnowledgeError, match="2 questions; the year needs 52"):
        load_questions(tmp_path / "questions.yaml")


# --- nobody leads it ----------------------------------------------------------------------------------------------------


def test_a_group_that_people_joined_and_nobody_leads_comes_first_for_coordinators(
    meetings: Meetings, people: People, group_key: str
) -> None:
    assert not meetings.facilitation.is_led(group_key)
    meetings.memberships.join(group_key, "Heron")

    first = meetings.facilitation.overview(COORDINATOR)[0]
    assert (first.group_key, first.quiet, first.facilitators) == (group_key, Quiet.UNLED, ())

    meetings.facilitation.assign(COORDINATOR, group_key, caller(people, "lark").staff_id or "")
    assert meetings.facilitation.is_led(group_key)
    assert Quiet.UNLED not in {standing.quiet for standing in meetings.facilitation.overview(COORDINATOR)}


def test_a_group_that_nobody_joined_or_leads_is_no_alarm(meetings: Meetings) -> None:
    assert Quiet.UNLED not in {standing.quiet for standing in meetings.facilitation.overview(COORDINATOR)}
