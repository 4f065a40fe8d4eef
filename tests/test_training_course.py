"""The course is read module by module; a mistake is named with file, field and remedy, and hides no other module."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sample_training import module_text, write_training

from companion.library.findings import Finding, Severity
from companion.library.training_course import read_course
from companion.models_staff import Role
from companion.models_training import Course
from companion.settings import ROOT

TODAY = date(2026, 11, 26)


def read_with(folder: Path, /, **changed: str) -> tuple[Course, tuple[Finding, ...]]:
    """Read a course of two modules, of which the second has changed facts."""
    write_training(folder)
    (folder / "modules" / "02-listening.md").write_text(module_text("listening", 2, **changed), "utf-8")
    return read_course(folder, TODAY)


def test_modules_come_by_their_order_with_quiz_sources_and_roles(tmp_path: Path) -> None:
    write_training(tmp_path)

    course, findings = read_course(tmp_path, TODAY)

    assert findings == ()
    assert [module.id for module in course.modules] == ["boundaries", "listening", "groups"]
    first = course.modules[0]
    assert (first.minutes, first.sources[0].year, first.reviewed_by_clinician) == (15, 2011, False)
    assert first.quiz[1].choices[first.quiz[1].right] == "Listen"
    assert course.on_duty.startswith("## Boundaries")


def test_a_facilitator_learns_one_module_more_than_a_peer(tmp_path: Path) -> None:
    write_training(tmp_path)
    course, _ = read_course(tmp_path)

    assert [module.id for module in course.for_roles(frozenset({Role.PEER}))] == ["boundaries", "listening"]
    assert [module.id for module in course.for_roles(frozenset({Role.FACILITATOR}))] == ["boundaries", "listening", "groups"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"minutes": "soon"}, "minutes: "),
        ({"for_roles": "[manager]"}, "for_roles, entry 1: "),
        ({"review_by": "2020-01-01"}, "review_by lies before reviewed_on"),
        ({"right": "7"}, "quiz, question 1: right is 7, but the choices are counted from 0 to 2"),
        ({"choices": "[Listen, Listen, Fix]"}, "quiz, question 1: two choices are the same"),
        ({"order": "1"}, "order: 1 is already used by training/modules/01-boundaries.md"),
        ({"id": "boundaries"}, "id: 'boundaries' is already used by training/modules/01-boundaries.md"),
        ({"colour": "blue"}, "colour: Extra inputs are not permitted"),
        ({"reviewed_on": "2026-13-01"}, "the YAML holds a date that does not exist"),
    ],
)
def test_a_mistake_is_named_with_its_field_and_hides_no_other_module(changed: dict[str, str], said: str, tmp_path: Path) -> None:
    course, findings = read_with(tmp_path, **changed)

    assert [module.id for module in course.modules] == ["boundaries", "groups"]
    assert [finding.severity for finding in findings] == [Severity.ERROR]
    assert findings[0].file == "training/modules/02-listening.md"
    assert said in findings[0].problem
    assert findings[0].remedy


def test_a_module_past_its_review_is_still_read_and_named(tmp_path: Path) -> None:
    course, findings = read_with(tmp_path, reviewed_on="2024-01-01", review_by="2025-01-01")

    assert len(course.modules) == 3
    assert [(finding.severity, finding.problem) for finding in findings] == [
        (Severity.WARNING, "review_by: the module was to be reviewed by 2025-01-01.")
    ]


def test_a_note_of_a_few_words_is_no_module(tmp_path: Path) -> None:
    write_training(tmp_path)
    path = tmp_path / "modules" / "02-listening.md"
    path.write_text(path.read_text("utf-8").split("## What")[0] + "Listen well.\n", "utf-8")

    _, findings = read_course(tmp_path)

    assert "fewer than" in findings[0].problem


def test_pages_at_hand_that_are_missing_are_named(tmp_path: Path) -> None:
    write_training(tmp_path)
    (tmp_path / "debrief.md").unlink()

    assert [finding.file for finding in read_course(tmp_path)[1]] == ["training/debrief.md"]


def test_without_a_training_folder_there_is_no_course_and_nothing_to_complain_about(tmp_path: Path) -> None:
    assert read_course(tmp_path / "training") == (Course(), ())


def test_the_course_that_ships_is_sound() -> None:
    _, findings = read_course(ROOT / "knowledge" / "training", TODAY)

    assert [str(finding) for finding in findings if finding.severity is Severity.ERROR] == []
