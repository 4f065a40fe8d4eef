"""Crisis lines, doors, groups and topics: what ships is sound, and a mistake is named with its line and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion.errors import KnowledgeError
from companion.library.catalogue import CrisisLines, load_crisis_lines, load_doors, load_groups, load_topics
from companion.models import CrisisLine
from companion.settings import ROOT

KNOWLEDGE = ROOT / "knowledge"
GOOD_LINE = """directory: {name: Find A Helpline, url: "https://findahelpline.com"}
countries:
  - code: GB
    country: United Kingdom
    emergency: "999"
    lines:
      - name: Samaritans
        dial: "116 123"
        tel_uri: "tel:116123"
        hours: not checked
        languages: [en]
        audience: anyone
        source: test
        confidence: A
"""
GOOD_GROUP = """- name: Night owls
  description: A circle after nights.
  topics: [shift_work]
  for_whom: Night staff
  rhythm: {every: week, weekday: Monday, time: "07:30", timezone: Europe/London, minutes: 30}
  format: remote
  capacity: 10
  members: 4
  language: en
  facilitator_role: Nurse
  status: open
"""


@pytest.fixture(scope="module")
def crisis_lines() -> CrisisLines:
    return load_crisis_lines(KNOWLEDGE / "crisis_lines.yaml")


@pytest.fixture(scope="module")
def all_lines(crisis_lines: CrisisLines) -> list[CrisisLine]:
    return [line for country in crisis_lines.countries for line in country.lines]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


# --- what ships


def test_every_tel_uri_has_the_digits_that_are_dialled(all_lines: list[CrisisLine]) -> None:
    wrong = [line.name for line in all_lines if re.sub(r"[^\d*]", "", line.dial) != re.sub(r"^(tel|sms):", "", line.tel_uri)]

    assert wrong == []


def test_no_line_is_written_with_a_country_code(all_lines: list[CrisisLine]) -> None:
    assert not any("+" in line.dial + line.tel_uri for line in all_lines)


def test_no_line_of_the_lowest_confidence_is_shown(all_lines: list[CrisisLine]) -> None:
    assert {line.confidence for line in all_lines} == {"A", "B"}


def test_no_line_claims_to_be_confirmed_before_a_coordinator_did(all_lines: list[CrisisLine]) -> None:
    assert not any(line.is_confirmed for line in all_lines)


def test_emergency_numbers_are_short_digits(crisis_lines: CrisisLines) -> None:
    assert all(re.fullmatch(r"\d{3,4}", country.emergency) for country in crisis_lines.countries)


@pytest.mark.parametrize(
    ("country", "dial"),
    [("US", "988"), ("GB", "116 123"), ("FR", "3114"), ("DE", "0800 111 0 111"), ("IN", "14416"), ("NO", "22 40 00 40"), ("ES", "024")],
)
def test_known_lines_stand_as_they_are_dialled(country: str, dial: str, crisis_lines: CrisisLines) -> None:
    found = crisis_lines.for_country(country)

    assert found is not None
    assert dial in [line.dial for line in found.lines]


@pytest.mark.parametrize("unknown", [None, "", "XX", "IT", "Great Britain"])
def test_an_unknown_country_gets_nobody_elses_lines(unknown: str | None, crisis_lines: CrisisLines) -> None:
    assert crisis_lines.for_country(unknown) is None
    assert crisis_lines.directory.url == "https://findahelpline.com"


def test_a_country_is_found_in_small_letters(crisis_lines: CrisisLines) -> None:
    found = crisis_lines.for_country(" gb ")

    assert found is not None
    assert found.code == "GB"


def test_groups_and_doors_name_topics_that_exist() -> None:
    slugs = {topic.slug for topic in load_topics(KNOWLEDGE / "topics.yaml")}
    named = {slug for group in load_groups(KNOWLEDGE / "groups.yaml") for slug in group.topics}
    named |= {slug for door in load_doors(KNOWLEDGE / "doors.yaml") for slug in door.topics}

    assert named <= slugs


def test_groups_cover_every_topic_within_scope() -> None:
    slugs = {topic.slug for topic in load_topics(KNOWLEDGE / "topics.yaml")} - {"out_of_scope"}

    assert slugs <= {slug for group in load_groups(KNOWLEDGE / "groups.yaml") for slug in group.topics}


# --- mistakes


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('"tel:116123"', '"tel:116124"', r"line 9, .*Samaritans.*tel_uri.*other digits than `dial`"),
        ('"116 123"', '"+44 116 123"', r"line 8, .*dial.*never with \+"),
        ('"tel:116123"', '"tel:+44116123"', r"line 9, .*tel_uri"),
        ('"tel:116123"', '"sms:116123"', r"line 7, .*text.*is needed"),
        ("confidence: A", "confidence: C", r"line 14, .*confidence.*must be one of A, B"),
        ("hours: not checked", "hour: not checked", r"line 10, .*'hour'.*is not known here"),
        ("hours: not checked\n        ", "", r"line 7, .*'hours'.*missing"),
        ("code: GB", "code: UKK", r"line 3, .*code.*two capital letters"),
        ('emergency: "999"', 'emergency: "+44 999"', r"line 5, .*emergency"),
        ("source: test", "source: test\n        confirmed_on: 2026-11-23", r"confirmed_by belong together"),
        ("source: test", "source: test\n        confirmed_on: 2026-02-31\n        confirmed_by: me", r"no day of the calendar"),
        ("languages: [en]", "languages: en", r"line 11, .*languages.*must be a list"),
        ("source: test", "source: test\n        source: twice", r"line 14, .*'source': stands twice"),
        ("countries:", "countries", r"crisis_lines\.yaml, line \d+.*not valid YAML"),
    ],
)
def test_a_mistake_in_a_crisis_line_is_named(good: str, bad: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, "crisis_lines.yaml", GOOD_LINE.replace(good, bad))

    with pytest.raises(KnowledgeError, match=message):
        load_crisis_lines(path)


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("status: open", "status: opened", r"line 11, .*Night owls.*status.*must be one of"),
        ('time: "07:30"', 'time: "7.30"', r"line 5, .*rhythm.*time.*00:00 to 23:59"),
        ("Europe/London", "London", r"line 5, .*timezone.*such as Europe/London"),
        ("members: 4", "members: 11", r"line 8, .*members.*more than `capacity`"),
        ("format: remote", "format: onsite", r"location.*is needed"),
        ("language: en", "language: English", r"language.*small letters"),
        ("status: open", "status: open\n  roles: nurses", r"line 12, .*Night owls.*'roles'.*must be a list"),
        ("status: open", "status: open\n  role: [nurses]", r"line 12, .*'role'.*is not known here.*roles"),
        ("status: open", "status: open\n  roles: [nurse*]", r"line 12, .*'roles'.*'nurse\*'.*plain words without signs"),
        ("status: open", "status: open\n  goals: [to be with my]", r"line 12, .*'goals'.*nobody could be heard to say"),
        ("status: open", "status: open\n  projects: [the one that we all have had]", r"line 12, .*'projects'.*at most 6 words"),
        ("status: open", "status: open\n  roles: [nurses, Nurses]", r"line 12, .*'roles'.*'nurses' twice"),
        ("status: open", f"status: open\n  roles: [{', '.join(f'role {n}' for n in range(13))}]", r"line 12, .*'roles'.*more than 12"),
    ],
)
def test_a_mistake_in_a_group_is_named(good: str, bad: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, "groups.yaml", GOOD_GROUP.replace(good, bad))

    with pytest.raises(KnowledgeError, match=message):
        load_groups(path)


def test_a_group_may_say_who_comes_what_they_want_and_what_they_are_part_of(tmp_path: Path) -> None:
    facets = "  roles: [night porters, sister's deputies]\n  goals: [sleep by day]\n  projects: [the new rota system]\n"

    (group,) = load_groups(written(tmp_path, "groups.yaml", GOOD_GROUP + facets))

    assert group.roles == ("night porters", "sister's deputies")
    assert (group.goals, group.projects) == (("sleep by day",), ("the new rota system",))


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "groups.yaml", GOOD_GROUP.replace("open", "opened") + GOOD_GROUP.replace("capacity: 10", "capacity: ten"))

    with pytest.raises(KnowledgeError) as caught:
        load_groups(path)

    assert len(str(caught.value).splitlines()) == 2


def test_two_groups_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "groups.yaml", GOOD_GROUP + GOOD_GROUP)

    with pytest.raises(KnowledgeError, match="Night owls stands more than once"):
        load_groups(path)


@pytest.mark.parametrize("content", ["", "# only a comment\n", "just words", "{a: 1}", "\x00", "- 1\n- 2\n"])
def test_a_file_that_is_no_list_of_groups_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = written(tmp_path, "groups.yaml", content)

    with pytest.raises(KnowledgeError, match=r"groups\.yaml"):
        load_groups(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"doors\.yaml: the file is missing"):
        load_doors(tmp_path / "doors.yaml")


def test_norway_is_not_read_as_no(tmp_path: Path) -> None:
    path = written(tmp_path, "crisis_lines.yaml", GOOD_LINE.replace("code: GB", "code: NO"))

    assert load_crisis_lines(path).for_country("NO") is not None


@pytest.mark.parametrize("text", ["[" * 50_000, "".join(" " * depth + "a:\n" for depth in range(3_000))], ids=["brackets", "indentation"])
def test_entries_nested_without_end_are_refused_and_break_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "groups.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(KnowledgeError, match=r"groups\.yaml"):
        load_groups(path)
