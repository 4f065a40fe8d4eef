"""Groups, doors and crisis lines as a coordinator's forms change them: small edits in the file, nothing lost, no number by a slip."""

from __future__ import annotations

import difflib
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from companion.adapters.knowledge_folder import KnowledgeFolder
from companion.adapters.yaml_round_trip import YamlRoundTrip
from companion.curation.catalogue_desk import CatalogueDesk, OpenEntry
from companion.curation.line_desk import Checked, LineDesk, LineForm
from companion.curation.line_rules import CheckReason, lines_to_check
from companion.errors import EditConflict, FormRefused, KnowledgeError, NotAllowed, StoreUnavailable
from companion.library.catalogue import load_crisis_lines, load_doors, load_groups
from companion.models_catalogue import EntryKey, EntryKind
from companion.models_staff import Caller, Role
from companion.settings import ROOT

COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c1", "Wren")
TODAY = date(2026, 11, 24)


@dataclass
class StoppedClock:
    moment: datetime = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass
class Office:
    """A coordinator's desk over a copy of the product's own catalogue."""

    folder: Path
    history: list[tuple[str, str]] = field(default_factory=list)
    refreshed: int = 0
    is_history_down: bool = False

    def __post_init__(self) -> None:
        self.catalogue = CatalogueDesk(KnowledgeFolder(self.folder, self.folder / ".lock"), YamlRoundTrip(), self._record, self._refresh)
        self.lines = LineDesk(self.catalogue, StoppedClock())

    def _record(self, caller: Caller, file: str, before: str, after: str, note: str) -> None:
        if self.is_history_down:
            raise StoreUnavailable("the database did not answer.")
        self.history.append((file, note))

    def _refresh(self) -> None:
        self.refreshed += 1

    def text(self, kind: EntryKind) -> str:
        return (self.folder / kind.file).read_text("utf-8")

    def first(self, kind: EntryKind, country: str = "") -> OpenEntry:
        return self.catalogue.entries(COORDINATOR, kind, country)[0]

    def save_group(self, opened: OpenEntry, **fields: object) -> OpenEntry:
        return self.catalogue.save(COORDINATOR, opened, {**opened.fields, **fields}, "test")

    def save_line(self, opened: OpenEntry, typed_again: str = "", checked: Checked | None = None, **fields: str) -> OpenEntry:
        return self.lines.save(COORDINATOR, opened, LineForm({**opened.fields, **fields}, False, typed_again, checked))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    for kind in EntryKind:
        shutil.copy(ROOT / "knowledge" / kind.file, tmp_path / kind.file)
    return Office(tmp_path)


def test_what_a_save_would_write_is_shown_without_writing_it(office: Office) -> None:
    opened, before = office.first(EntryKind.GROUP), office.text(EntryKind.GROUP)

    shown = office.catalogue.text_with(COORDINATOR, opened, {**opened.fields, "status": "closed"})

    assert (office.text(EntryKind.GROUP), office.history) == (before, [])
    office.save_group(opened, status="closed")
    assert office.text(EntryKind.GROUP) == shown


@pytest.mark.parametrize(("name", "value"), [("name", ""), ("status", "ajar"), ("name", "After the Night Shift")])
def test_what_could_not_be_saved_is_not_shown_either(office: Office, name: str, value: str) -> None:
    opened = office.first(EntryKind.GROUP)

    with pytest.raises(FormRefused):
        office.catalogue.text_with(COORDINATOR, opened, {**opened.fields, name: value})


def changed_lines(before: str, after: str) -> list[str]:
    return [row for row in difflib.ndiff(before.splitlines(), after.splitlines()) if row[0] in "+-"]


# --- small edits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [EntryKind.GROUP, EntryKind.DOOR, EntryKind.COUNTRY])
def test_saving_an_entry_unchanged_leaves_the_file_byte_for_byte(office: Office, kind: EntryKind) -> None:
    before = office.text(kind)

    office.catalogue.save(COORDINATOR, office.first(kind), office.first(kind).fields, "nothing")

    assert office.text(kind) == before
    assert office.history == []


def test_changing_one_field_changes_only_its_line(office: Office) -> None:
    before = office.text(EntryKind.GROUP)

    office.save_group(office.first(EntryKind.GROUP), status="full")

    assert changed_lines(before, office.text(EntryKind.GROUP)) == ["-   status: open", "+   status: full"]


def test_changing_the_time_of_a_meeting_keeps_its_form(office: Office) -> None:
    before, opened = office.text(EntryKind.GROUP), office.first(EntryKind.GROUP)

    office.save_group(opened, rhythm={**opened.fields["rhythm"], "time": "07:05"})

    assert len(changed_lines(before, office.text(EntryKind.GROUP))) == 2
    assert load_groups(office.folder / "groups.yaml")[0].rhythm.time == "07:05"


def test_a_role_is_written_on_one_line_and_a_list_of_signs_is_refused_by_field(office: Office) -> None:
    before, opened = office.text(EntryKind.GROUP), office.first(EntryKind.GROUP)

    office.save_group(opened, roles=("night porters", "cooks"))
    with pytest.raises(FormRefused) as refused:
        office.save_group(office.first(EntryKind.GROUP), goals=("sleep*",))

    assert changed_lines(before, office.text(EntryKind.GROUP)) == ["+   roles: [night porters, cooks]"]
    assert refused.value.field == "goals"


def test_comments_of_a_file_survive_an_edit(office: Office) -> None:
    comments = [row for row in office.text(EntryKind.LINE).splitlines() if row.startswith("#")]

    office.save_line(office.first(EntryKind.LINE, "GB"), hours="all day, every day")

    assert [row for row in office.text(EntryKind.LINE).splitlines() if row.startswith("#")] == comments


def test_a_new_group_is_read_by_the_program(office: Office) -> None:
    model = office.first(EntryKind.GROUP)
    new = OpenEntry(EntryKey(EntryKind.GROUP, ""), {})

    office.catalogue.save(
        COORDINATOR, new, {**model.fields, "name": "Lorry Cab Table: north", "description": "No: not a joke # really"}, "new"
    )

    added = load_groups(office.folder / "groups.yaml")[-1]
    assert (added.name, added.description) == ("Lorry Cab Table: north", "No: not a joke # really")


def test_a_renamed_group_keeps_its_place(office: Office) -> None:
    opened = office.catalogue.entries(COORDINATOR, EntryKind.GROUP)[3]

    office.save_group(opened, name="Another Name")

    assert load_groups(office.folder / "groups.yaml")[3].name == "Another Name"


def test_a_save_is_recorded_and_the_program_refreshed(office: Office) -> None:
    office.save_group(office.first(EntryKind.GROUP), status="paused")

    assert office.history == [("groups.yaml", "test")]
    assert office.refreshed == 1


# --- nothing bad is written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"status": "busy"}, "status"),
        ({"capacity": 1}, "capacity"),
        ({"members": 400}, "members"),
        ({"rhythm": {"every": "week", "weekday": "Someday", "time": "12:00", "timezone": "Europe/London", "minutes": 30}}, "weekday"),
        ({"format": "onsite", "location": ""}, "location"),
        ({"language": "English"}, "language"),
        ({"description": ""}, "description"),
    ],
)
def test_a_field_that_the_program_could_not_read_is_refused_by_name(office: Office, fields: dict[str, object], field: str) -> None:
    before = office.text(EntryKind.GROUP)

    with pytest.raises(FormRefused) as refused:
        office.save_group(office.first(EntryKind.GROUP), **fields)

    assert refused.value.field == field
    assert office.text(EntryKind.GROUP) == before


def test_a_name_that_is_taken_is_refused(office: Office) -> None:
    first, second = office.catalogue.entries(COORDINATOR, EntryKind.GROUP)[:2]

    with pytest.raises(FormRefused, match="taken"):
        office.save_group(second, name=first.key.name)


def test_with_the_history_down_nothing_is_changed(office: Office) -> None:
    before, office.is_history_down = office.text(EntryKind.DOOR), True

    with pytest.raises(StoreUnavailable):
        office.save_group(office.first(EntryKind.DOOR), how="Ask at the desk.")

    assert office.text(EntryKind.DOOR) == before


def test_a_damaged_file_is_never_written_over(office: Office) -> None:
    opened = office.first(EntryKind.GROUP)
    (office.folder / "groups.yaml").write_text("- name: [broken", encoding="utf-8")

    with pytest.raises(KnowledgeError, match=r"groups\.yaml"):
        office.save_group(opened, status="full")

    assert office.text(EntryKind.GROUP) == "- name: [broken"


@pytest.mark.parametrize("role", [Role.PEER, Role.FACILITATOR, Role.AUDITOR, Role.EMPLOYEE])
def test_only_a_coordinator_may_edit(office: Office, role: Role) -> None:
    with pytest.raises(NotAllowed):
        office.catalogue.save(Caller(frozenset({role})), office.first(EntryKind.GROUP), {}, "no")


# --- two people ---------------------------------------------------------------------------------------------------------


def test_edits_to_different_entries_both_survive(office: Office) -> None:
    mine, theirs = office.catalogue.entries(COORDINATOR, EntryKind.GROUP)[:2]

    office.save_group(theirs, status="paused")
    office.save_group(mine, status="closed")

    assert [group.status for group in load_groups(office.folder / "groups.yaml")[:2]] == ["closed", "paused"]


def test_an_entry_that_somebody_else_changed_is_not_written_over(office: Office) -> None:
    opened = office.first(EntryKind.GROUP)
    office.save_group(opened, members=3)

    with pytest.raises(EditConflict):
        office.save_group(opened, members=5)

    assert load_groups(office.folder / "groups.yaml")[0].members == 3


def test_after_a_conflict_the_entry_as_it_is_now_can_be_fetched_and_saved(office: Office) -> None:
    opened = office.first(EntryKind.GROUP)
    office.save_group(opened, members=3)

    now = office.catalogue.current(COORDINATOR, opened.key)

    assert now is not None
    office.save_group(now, status="full")
    assert load_groups(office.folder / "groups.yaml")[0].members == 3


def test_an_entry_that_was_removed_meanwhile_is_a_conflict(office: Office) -> None:
    opened = office.first(EntryKind.DOOR)
    office.catalogue.remove(COORDINATOR, opened, "moved to the intranet")

    with pytest.raises(EditConflict):
        office.save_group(opened, how="Ask.")


# --- crisis lines --------------------------------------------------------------------------------------------------------


def test_a_changed_number_must_be_typed_twice(office: Office) -> None:
    before = office.text(EntryKind.LINE)

    with pytest.raises(FormRefused, match="not the same"):
        office.save_line(office.first(EntryKind.LINE, "GB"), typed_again="116 132", dial="116 133")

    assert office.text(EntryKind.LINE) == before


def test_a_changed_number_changes_its_link_too(office: Office) -> None:
    office.save_line(office.first(EntryKind.LINE, "GB"), typed_again="0800 111 222", dial="0800-111 222")

    line = load_crisis_lines(office.folder / "crisis_lines.yaml").for_country("GB").lines[0]
    assert (line.dial, line.tel_uri) == ("0800-111 222", "tel:0800111222")


@pytest.mark.parametrize("number", ["+44 116 123", "call 116", "116/123", "", "999 or 112"])
def test_a_number_that_cannot_be_dialled_there_is_refused(office: Office, number: str) -> None:
    with pytest.raises(FormRefused):
        office.save_line(office.first(EntryKind.LINE, "GB"), typed_again=number, dial=number)


def test_a_confirmed_line_says_when_and_by_whom(office: Office) -> None:
    office.save_line(office.first(EntryKind.LINE, "GB"), checked=Checked("coordinator"), hours="all day, every day")

    line = load_crisis_lines(office.folder / "crisis_lines.yaml").for_country("GB").lines[0]
    assert (line.confirmed_on, line.confirmed_by) == (TODAY, "coordinator")


def test_a_line_with_unknown_hours_cannot_be_confirmed(office: Office) -> None:
    with pytest.raises(FormRefused, match="hours"):
        office.save_line(office.first(EntryKind.LINE, "GB"), checked=Checked("coordinator"))


def test_a_new_number_takes_the_confirmation_away(office: Office) -> None:
    opened = office.save_line(office.first(EntryKind.LINE, "GB"), checked=Checked("coordinator"), hours="all day")

    office.save_line(opened, typed_again="116 999", dial="116 999")

    assert not load_crisis_lines(office.folder / "crisis_lines.yaml").for_country("GB").lines[0].is_confirmed


def test_an_emergency_number_must_be_typed_twice(office: Office) -> None:
    opened = office.first(EntryKind.COUNTRY)

    with pytest.raises(FormRefused, match="not the same"):
        office.lines.save_country(COORDINATOR, opened, {**opened.fields, "emergency": "112"}, "122")


def test_a_country_keeps_its_lines_when_its_emergency_number_changes(office: Office) -> None:
    opened = office.first(EntryKind.COUNTRY)
    lines = load_crisis_lines(office.folder / "crisis_lines.yaml").for_country(opened.key.name).lines

    office.lines.save_country(COORDINATOR, opened, {**opened.fields, "emergency": "112"}, "112")

    country = load_crisis_lines(office.folder / "crisis_lines.yaml").for_country(opened.key.name)
    assert (country.emergency, country.lines) == ("112", lines)


def test_a_country_with_its_first_line_can_be_added(office: Office) -> None:
    model = office.first(EntryKind.LINE, "GB")
    italy = OpenEntry(EntryKey(EntryKind.COUNTRY, ""), {})

    office.lines.save_country(COORDINATOR, italy, {"code": "IT", "country": "Italy", "emergency": "112"}, "112")
    new_line = OpenEntry(EntryKey(EntryKind.LINE, "", "IT"), {})
    office.lines.save(COORDINATOR, new_line, LineForm({**model.fields, "name": "A line", "dial": "02 1234"}, False, "021234"))

    country = load_crisis_lines(office.folder / "crisis_lines.yaml").for_country("IT")
    assert [line.tel_uri for line in country.lines] == ["tel:021234"]


def test_a_country_that_still_has_lines_is_not_removed(office: Office) -> None:
    with pytest.raises(FormRefused, match="still listed"):
        office.lines.remove_country(COORDINATOR, office.first(EntryKind.COUNTRY), "we have nobody there any more")


def test_a_line_is_removed_only_with_a_reason(office: Office) -> None:
    opened = office.first(EntryKind.LINE, "GB")

    with pytest.raises(FormRefused, match="reason"):
        office.lines.remove(COORDINATOR, opened, "  ")

    office.lines.remove(COORDINATOR, opened, "closed for good, says its own site")
    assert opened.key.name not in [line.name for line in load_crisis_lines(office.folder / "crisis_lines.yaml").for_country("GB").lines]


# --- what to check -------------------------------------------------------------------------------------------------------


def test_the_own_country_stands_first_on_the_list_to_check() -> None:
    lines = load_crisis_lines(ROOT / "knowledge" / "crisis_lines.yaml")

    listed = lines_to_check(lines.countries, "GB", TODAY)

    assert listed[0].country.code == "GB"
    assert len(listed) == sum(len(country.lines) for country in lines.countries)


@pytest.mark.parametrize(
    ("confirmed_on", "hours", "reasons"),
    [
        (None, "not checked", {CheckReason.NEVER_CONFIRMED, CheckReason.HOURS_UNKNOWN}),
        (None, "all day", {CheckReason.NEVER_CONFIRMED}),
        (date(2026, 1, 5), "all day", {CheckReason.CONFIRMED_LONG_AGO}),
        (date(2026, 11, 1), "Not checked", {CheckReason.HOURS_UNKNOWN}),
    ],
)
def test_the_list_says_why_a_line_is_on_it(confirmed_on: date | None, hours: str, reasons: set[CheckReason]) -> None:
    country = load_crisis_lines(ROOT / "knowledge" / "crisis_lines.yaml").for_country("GB")
    line = replace(country.lines[0], confirmed_on=confirmed_on, hours=hours, confidence="A")

    (listed,) = lines_to_check([replace(country, lines=(line,))], None, TODAY)

    assert set(listed.reasons) == reasons


def test_a_line_checked_in_full_last_month_is_not_listed() -> None:
    country = load_crisis_lines(ROOT / "knowledge" / "crisis_lines.yaml").for_country("GB")
    line = replace(country.lines[0], confirmed_on=date(2026, 10, 30), hours="all day", confidence="B")

    assert lines_to_check([replace(country, lines=(line,))], None, TODAY) == ()


def test_the_doors_stay_readable_after_an_edit(office: Office) -> None:
    office.save_group(office.first(EntryKind.DOOR), how='Press "Talk": it is free, # no name needed.')

    assert load_doors(office.folder / "doors.yaml")[0].how == 'Press "Talk": it is free, # no name needed.'
