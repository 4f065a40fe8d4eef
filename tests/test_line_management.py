"""Nobody lands in a group of their own manager, as far as the directory of roles knows; where somebody works is stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from companion.adapters.in_memory import SetClock
from companion.adapters.sql_tables import metadata
from companion.bootstrap import App
from companion.bootstrap_meetings import Meetings, groups_wished, open_meetings
from companion.bootstrap_people import People, open_people
from companion.check import check_everything
from companion.errors import KnowledgeError, NotFound, OwnManager
from companion.library.role_directory import load_role_directory
from companion.models_directory import RoleDirectory
from companion.models_meetings import Standing
from companion.models_staff import OPERATOR, Caller, NewMember, Role
from companion.models_wishes import GroupWishes
from companion.session import ChatSession
from companion.settings import Settings

ROLES = """
departments:
  - name: Surgery
  - {name: Ward 3, part_of: Surgery}
  - name: Pharmacy
leads:
  - account: Lark
    manages: [Surgery]
  - group: Running on Empty
    manages: [Pharmacy]
"""
TIRED = "tired for months now and the weekends are too short to rest"
COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c" * 32, "Wren")


def directory(folder: Path, text: str = ROLES) -> Path:
    path = folder / "directory.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def people(app: App, tmp_path: Path) -> Iterator[People]:
    people = open_people(app.settings.model_copy(update={"state_dir": tmp_path}), SetClock())
    yield people
    people.close()


@pytest.fixture
def key(app: App) -> str:
    """The key of the group that Lark leads."""
    return next(group.key for group in app.catalogue.groups if group.status == "open" and group.name != "Running on Empty")


@pytest.fixture
def meetings(app: App, people: People, key: str, tmp_path: Path) -> Iterator[Meetings]:
    """The services where Lark, who manages Surgery, leads a group, and somebody from Pharmacy leads "Running on Empty"."""
    before = app.spoken
    app.spoken = replace(before, catalogue=replace(before.catalogue, roles=load_role_directory(directory(tmp_path))))
    opened = open_meetings(app, people)
    lark = people.staff.add_member(OPERATOR, NewMember("Lark", "rain on the tin roof", "Lark", frozenset({Role.FACILITATOR})))
    opened.facilitation.assign(COORDINATOR, key, lark.id)
    yield opened
    app.spoken = before


# --- the file ----------------------------------------------------------------------------------------------------------


def test_most_have_no_directory_and_nobody_is_asked(tmp_path: Path) -> None:
    roles = load_role_directory(tmp_path / "directory.yaml")

    assert roles == RoleDirectory()
    assert roles.managers_of("Surgery") == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("department", "accounts", "groups"),
    [
        ("Surgery", {"lark"}, set()),
        ("Ward 3", {"lark"}, set()),  # who manages Surgery manages all that is a part of it
        ("Pharmacy", set(), {"running on empty"}),
        ("Kitchen", set(), set()),
    ],
)
def test_whoever_manages_the_whole_manages_its_parts(tmp_path: Path, department: str, accounts: set[str], groups: set[str]) -> None:
    assert load_role_directory(directory(tmp_path)).managers_of(department) == (accounts, groups)


def test_whoever_manages_a_part_is_not_in_charge_of_the_whole(tmp_path: Path) -> None:
    roles = load_role_directory(directory(tmp_path, ROLES.replace("manages: [Surgery]", "manages: [Ward 3]")))

    assert roles.managers_of("Surgery") == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("part_of: Surgery", "part_of: Surgrey"), "“Surgrey”, which is not among the departments"),
        (("manages: [Surgery]", "manages: [Surgrey]"), "“Surgrey”, which is not among the departments"),
        (("name: Pharmacy", "name: surgery"), "stands there twice"),
        (("- name: Surgery", "- {name: Surgery, part_of: Ward 3}"), "leads in a circle"),
        (("group: Running on Empty", "group: Running on Empty\n    account: wren"), "write either `account:`"),
        (("group: Running on Empty", "account: lark"), "put all departments into one entry"),
        (("account: Lark", "acount: Lark"), "write either `account:`|is not known here"),
        (("manages: [Surgery]", "manages: Surgery"), "must be a list"),
        (("  - name: Surgery", "  - name: " + "x" * 81), "at most 80 characters"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_remedy(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(KnowledgeError, match=complaint) as raised:
        load_role_directory(directory(tmp_path, ROLES.replace(*change, 1)))

    assert "directory.yaml, line" in str(raised.value)


def test_check_finds_a_group_that_is_not_listed_and_a_file_that_is_missing(tmp_path: Path) -> None:
    wrong = directory(tmp_path, ROLES.replace("Running on Empty", "Running on Fumes"))

    problems = [finding.problem for finding in check_everything(Settings(directory_file=wrong)) if "directory" in finding.file]
    missing = [finding.problem for finding in check_everything(Settings(directory_file=tmp_path / "roles.yaml")) if "roles" in finding.file]

    assert len(problems) == 1
    assert "running on fumes" in problems[0]
    assert len(missing) == 1
    assert "is missing" in missing[0]


def test_check_finds_nothing_wrong_in_a_sound_file_and_without_one(tmp_path: Path) -> None:
    sound = directory(tmp_path)

    assert not [finding for settings in (Settings(directory_file=sound), Settings()) for finding in check_everything(settings)]


# --- suggesting --------------------------------------------------------------------------------------------------------


def test_a_group_of_ones_own_manager_is_not_suggested_in_the_chat(app: App, meetings: Meetings) -> None:
    session, free = ChatSession(), ChatSession()
    session.works_in, session.led_by_own_manager = "Pharmacy", meetings.own_manager.led_by_manager_of("Pharmacy")

    turn, without = (app.companion.respond(TIRED, each) for each in (session, free))

    assert "Running on Empty" in {match.group.name for match in without.groups}
    assert "Running on Empty" not in {match.group.name for match in turn.groups}


def test_a_group_of_ones_own_manager_is_not_found_by_taps(app: App, meetings: Meetings) -> None:
    session = ChatSession()
    before = {match.group.name for match in groups_wished(app, GroupWishes("burnout"), session)}
    session.led_by_own_manager = meetings.own_manager.led_by_manager_of("Pharmacy")

    assert "Running on Empty" in before
    assert "Running on Empty" not in {match.group.name for match in groups_wished(app, GroupWishes("burnout"), session)}


def test_ending_the_chat_forgets_where_somebody_works() -> None:
    session = ChatSession()
    session.works_in, session.led_by_own_manager = "Pharmacy", frozenset({"night-circle"})

    session.erase()

    assert (session.works_in, session.led_by_own_manager) == (None, frozenset())


# --- joining -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("department", ["Surgery", "Ward 3"])
def test_nobody_joins_a_group_of_their_own_manager(meetings: Meetings, key: str, department: str) -> None:
    with pytest.raises(OwnManager):
        meetings.memberships.join(key, "Heron", department)

    assert meetings.memberships.store.register(key).memberships == ()


@pytest.mark.parametrize("department", [None, "Pharmacy", "Kitchen"])
def test_others_and_who_does_not_say_it_join(meetings: Meetings, key: str, department: str | None) -> None:
    assert meetings.memberships.join(key, "Heron", department).membership.standing is Standing.MEMBER


def test_who_leads_now_counts_and_not_who_led(meetings: Meetings, key: str, people: People) -> None:
    lark = meetings.facilitation.leaders(COORDINATOR, key)[0]
    meetings.facilitation.unassign(COORDINATOR, key, lark.id)

    assert meetings.own_manager.led_by_manager_of("Ward 3") == frozenset()
    assert meetings.memberships.join(key, "Heron", "Ward 3")


def test_a_place_offered_in_the_line_is_not_taken_from_ones_own_manager(meetings: Meetings, key: str) -> None:
    code = meetings.memberships.join(key, "Heron").code

    with pytest.raises(OwnManager):
        meetings.memberships.accept(code, "Ward 3")


def test_an_account_that_is_gone_keeps_nobody_out(app: App, people: People, meetings: Meetings, key: str) -> None:
    roles = replace(app.catalogue.roles, by_account={"nobody": frozenset({"Surgery"})})
    service = replace(meetings.own_manager, directory=lambda: roles)

    assert service.led_by_manager_of("Ward 3") == frozenset()
    with pytest.raises(NotFound):
        meetings.memberships.mine("no code")


def test_where_somebody_works_reaches_no_table(people: People, meetings: Meetings, key: str) -> None:
    meetings.memberships.join(key, "Heron", "Pharmacy")
    with pytest.raises(OwnManager):
        meetings.memberships.join(key, "Otter", "Ward 3")

    with people.database.read() as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert any("Heron" in row for row in rows)
    assert not [row for row in rows if "Pharmacy" in row or "Ward 3" in row]
