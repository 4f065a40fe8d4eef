"""Groups that ship as samples: plainly called examples while Companion is tried out, and gone when real people use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion.bootstrap import read_catalogue
from companion.doctor import Examined, examine
from companion.errors import KnowledgeError
from companion.library.catalogue import load_groups
from companion.settings import ROOT, Settings, load_settings
from companion.ui.group_card import group_card
from companion.ui.text import load_words

NO_DIRECTORY = Path("there is none")
KNOWLEDGE = ROOT / "knowledge"


def examined(settings: Settings) -> Examined:
    return next(part for part in examine(settings) if part.part == "sample groups")


def test_every_group_that_ships_is_marked_as_a_sample_and_its_card_says_so() -> None:
    words = load_words(ROOT / "prompts")

    groups = load_groups(KNOWLEDGE / "groups.yaml")

    assert {group.is_sample for group in groups} == {True}
    assert {group_card(group, words)["sample"] for group in groups} == {words("groups.sample")}


def test_no_sample_is_led_by_somebody_who_is_in_charge_of_those_who_come() -> None:
    in_charge = re.compile(
        r"charge|supervisor|manager|head of|lead|foreman|leiter|chef|jefe|jefa|encargad|responsable|cadre", re.IGNORECASE
    )
    for_managers = {"First Team, First Year"}  # team leads are led by one of their own, from another site

    groups = load_groups(KNOWLEDGE / "groups.yaml")

    assert {group.name for group in groups if in_charge.search(group.facilitator_role)} == for_managers
    trained = re.compile("peer supporter|entre iguales|kollegialer Unterstützung|soutien entre collègues", re.IGNORECASE)
    assert [group.name for group in groups if not trained.search(group.facilitator_role)] == []


def test_real_people_see_no_sample_and_their_own_groups(tmp_path: Path) -> None:
    for file in KNOWLEDGE.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8").replace("  kind: sample\n", "", 1), "utf-8")

    trying, real = (read_catalogue(tmp_path, NO_DIRECTORY, with_samples=with_samples).groups for with_samples in (True, False))

    assert real == trying[:1]
    assert len(trying) > 1


def test_the_doctor_counts_samples_and_is_not_content_outside_development() -> None:
    count = len(load_groups(KNOWLEDGE / "groups.yaml"))

    assert examined(load_settings()).is_well
    outside = examined(load_settings(environment="production"))
    assert (outside.is_well, f"{count} of {count}" in outside.found) == (False, True)


def test_a_sample_is_marked_in_one_way_only(tmp_path: Path) -> None:
    file = tmp_path / "groups.yaml"
    file.write_text((KNOWLEDGE / "groups.yaml").read_text("utf-8").replace("  kind: sample\n", "  kind: perhaps\n", 1), "utf-8")

    with pytest.raises(KnowledgeError, match="kind"):
        load_groups(file)
