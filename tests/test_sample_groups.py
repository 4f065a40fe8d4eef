"""Groups that ship as samples: plainly called examples while Companion is tried out, and gone when real people use it."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from companion.bootstrap import build, read_catalogue
from companion.bootstrap_meetings import group_of, open_meetings
from companion.bootstrap_people import open_people
from companion.doctor import Examined, examine
from companion.errors import KnowledgeError, WrongState
from companion.library.catalogue import load_groups
from companion.models_meetings import Places
from companion.settings import ROOT, Settings, load_settings
from companion.ui.group_card import group_card
from companion.ui.group_page import event_words
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


def test_outside_development_nobody_can_join_a_sample_even_with_its_key(tmp_path: Path) -> None:
    sample = load_groups(KNOWLEDGE / "groups.yaml")[0]
    settings = load_settings(
        state_dir=tmp_path, environment="production", secret_key=SecretStr(b64encode(secrets.token_bytes(32)).decode())
    )
    app, people = build(settings), open_people(settings)
    memberships = open_meetings(app, people).memberships

    with pytest.raises(WrongState):
        memberships.join(sample.key, "Heron")

    assert group_of(app, sample.key) is None
    assert memberships.places(sample.key) == Places(0, 0, 0, can_join=False, can_wait=False)
    people.close()


def test_a_calendar_entry_says_that_it_is_an_example_and_a_real_ones_says_nothing() -> None:
    page: Any = SimpleNamespace(words=load_words(ROOT / "prompts"))
    sample = load_groups(KNOWLEDGE / "groups.yaml")[0]

    assert "nobody meets" in event_words(page, sample)
    assert event_words(page, replace(sample, is_sample=False)) == "Meeting"


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
