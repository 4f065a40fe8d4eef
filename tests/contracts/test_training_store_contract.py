"""What every store of passed modules must do, and what the service lets a learner and a coordinator know, on each kind of store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from people_workplace import workplace_on
from sample_training import write_training
from sqlalchemy import delete, inspect, text

from companion.adapters.in_memory import SetClock
from companion.adapters.in_memory_staff import MemoryStaffDirectory
from companion.adapters.in_memory_training import MemoryTrainingStore
from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import staff as staff_table
from companion.adapters.sql_training import SqlTrainingStore
from companion.bootstrap_training import CourseFolder
from companion.errors import NotAllowed, NotFound
from companion.models_staff import Account, Caller, DutyStatus, Role, StaffMember
from companion.network.training import TrainingService
from companion.ports_people import StaffDirectory
from companion.ports_training import TrainingStore

NOVEMBER, DECEMBER = date(2026, 11, 3), date(2026, 12, 1)
LARK, TERN = "1" * 32, "2" * 32
PEER = Caller(frozenset({Role.PEER}), LARK, "Lark")
COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "3" * 32, "Robin")
ALL_RIGHT, TWO_WRONG = (0, 1, 2), (1, 0, 2)


@dataclass
class School:
    """Hold a store with two members in it, and the service on top."""

    store: TrainingStore
    directory: StaffDirectory
    service: TrainingService
    clock: SetClock
    database: Database | None


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def school(request: pytest.FixtureRequest, tmp_path: Path) -> School:
    database, directory, store, clock = None, MemoryStaffDirectory(), None, SetClock()
    if request.param == "memory":
        store = MemoryTrainingStore(directory)
    else:
        database = request.getfixturevalue(request.param)
        directory, store = workplace_on(database).staff, SqlTrainingStore(database)  # type: ignore[assignment]
    for staff_id, name, role in ((LARK, "Lark", Role.PEER), (TERN, "Tern", Role.FACILITATOR)):
        member = StaffMember(staff_id, name.casefold(), name, frozenset({role}), None, DutyStatus.AWAY, datetime(2026, 11, 1, tzinfo=UTC))
        assert directory.add(Account(member, "no password"))
    service = TrainingService(store, directory, CourseFolder(write_training(tmp_path / "training")), clock)
    return School(store, directory, service, clock, database)


# --- the store ------------------------------------------------------------------------------------------------------------------------


def test_passes_are_known_by_member_and_module_with_the_latest_day(school: School) -> None:
    school.store.record_pass(LARK, "boundaries", NOVEMBER)
    school.store.record_pass(LARK, "listening", NOVEMBER)
    school.store.record_pass(LARK, "boundaries", DECEMBER)
    school.store.record_pass(TERN, "groups", NOVEMBER)

    assert school.store.passes_of(LARK) == {"boundaries": DECEMBER, "listening": NOVEMBER}
    assert school.store.all_passes() == {LARK: {"boundaries": DECEMBER, "listening": NOVEMBER}, TERN: {"groups": NOVEMBER}}
    assert school.store.passes_of("nobody") == {}


def test_nobody_unknown_passes_anything(school: School) -> None:
    with pytest.raises(NotFound):
        school.store.record_pass("9" * 32, "boundaries", NOVEMBER)

    assert school.store.all_passes() == {}


def test_passes_go_with_the_account(school: School) -> None:
    if school.database is None:
        pytest.skip("accounts in memory are not erased")
    school.store.record_pass(LARK, "boundaries", NOVEMBER)

    with school.database.write() as connection:
        connection.execute(delete(staff_table).where(staff_table.c.id == LARK))

    assert school.store.all_passes() == {}


def test_the_table_has_no_place_for_answers_tries_or_lines(school: School) -> None:
    if school.database is None:
        pytest.skip("about the database")
    with school.database.read() as connection:
        connection.execute(text("SELECT 1"))
        columns = {column["name"] for column in inspect(connection).get_columns("training_passes")}

    assert columns == {"staff_id", "module_id", "passed_on"}


# --- learners ------------------------------------------------------------------------------------------------------------------------


def test_a_passed_quiz_is_kept_with_its_day_and_only_for_modules_of_the_role(school: School) -> None:
    outcome = school.service.answer(PEER, "boundaries", ALL_RIGHT)

    mine = school.service.mine(PEER)
    assert outcome.passed
    assert [module.id for module in mine.modules] == ["boundaries", "listening"]
    assert mine.passed_on == {"boundaries": school.clock.now().date()}


def test_a_quiz_that_was_not_passed_leaves_no_trace(school: School) -> None:
    outcome = school.service.answer(PEER, "boundaries", TWO_WRONG)

    assert (outcome.right, outcome.needed, outcome.passed) == ((False, False, True), 3, False)
    assert school.store.all_passes() == {}


def test_a_question_left_out_is_wrong(school: School) -> None:
    assert not school.service.answer(PEER, "boundaries", (0, 1, None)).passed


def test_a_module_of_another_role_cannot_be_passed(school: School) -> None:
    with pytest.raises(NotFound):
        school.service.answer(PEER, "groups", ALL_RIGHT)


def test_a_coordinator_does_not_sit_a_quiz_and_a_peer_sees_nobody_else(school: School) -> None:
    with pytest.raises(NotAllowed):
        school.service.answer(COORDINATOR, "boundaries", ALL_RIGHT)
    with pytest.raises(NotAllowed):
        school.service.standings(PEER)


# --- coordinators --------------------------------------------------------------------------------------------------------------------


def test_a_coordinator_sees_whether_all_is_passed_and_since_when_and_nothing_else(school: School) -> None:
    school.service.answer(PEER, "boundaries", ALL_RIGHT)
    assert [(one.pseudonym, one.all_passed) for one in school.service.standings(COORDINATOR)] == [("Lark", False), ("Tern", False)]

    school.clock.advance(timedelta(days=2))
    school.service.answer(PEER, "listening", ALL_RIGHT)

    lark, tern = school.service.standings(COORDINATOR)
    assert (lark.all_passed, lark.finished_on) == (True, school.clock.now().date())
    assert not tern.all_passed
    assert set(lark.__dataclass_fields__) == {"staff_id", "pseudonym", "finished_on", "signed_off_on"}


def test_a_module_that_is_added_later_is_still_to_be_passed(school: School, tmp_path: Path) -> None:
    for module_id in ("boundaries", "listening"):
        school.service.answer(PEER, module_id, ALL_RIGHT)
    assert school.service.standings(COORDINATOR)[0].all_passed

    new = (
        (tmp_path / "training" / "modules" / "02-listening.md")
        .read_text("utf-8")
        .replace("listening", "harm")
        .replace("order: 2", "order: 7")
    )
    (tmp_path / "training" / "modules" / "07-harm.md").write_text(new, "utf-8")

    assert not school.service.standings(COORDINATOR)[0].all_passed


def test_without_a_course_nobody_has_finished(school: School, tmp_path: Path) -> None:
    for path in (tmp_path / "training" / "modules").glob("*.md"):
        path.unlink()

    assert not school.service.standings(COORDINATOR)[0].all_passed
