"""The privacy audit finds nothing in the program as it is, and every leak that is made on purpose."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from companion.audit.canaries import Canary, CanaryKind, make_canaries
from companion.audit.privacy import MODEL, NOTICES, audit_privacy
from companion.audit.report import report_of
from companion.audit.searching import CanarySearch
from companion.bootstrap import App
from companion.prompts import fixed_entries
from companion.settings import ROOT

CANARIES = make_canaries(70, 1)


def found(content: bytes) -> set[int]:
    return {hit.canary.number for hit in CanarySearch(CANARIES).in_bytes(content, "here")}


# --- canaries and the search --------------------------------------------------------------------------------------------------------------


def test_canaries_differ_and_are_the_same_for_the_same_seed() -> None:
    assert len({canary.value.lower() for canary in make_canaries(1000, 1)}) == 1000
    assert make_canaries(70, 1) == CANARIES != make_canaries(70, 2)


@pytest.mark.parametrize("canary", CANARIES[:7], ids=lambda canary: canary.kind.value)
@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text.encode(),
        lambda text: text.upper().encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.b64encode(b"x" + text.encode()),
        lambda text: base64.b64encode(b"xy" + text.encode()),
        lambda text: quote(text, safe="").encode(),
        lambda text: text.encode().hex().encode(),
        lambda text: text.replace(" ", "").encode(),
    ],
    ids=["plain", "capitals", "utf-16", "base64", "base64+1", "base64+2", "url", "hex", "without spaces"],
)
def test_a_canary_is_found_in_every_disguise(canary: Canary, disguise: object) -> None:
    content = b"before \x00\xff" + disguise(canary.value) + b" after"  # type: ignore[operator]

    assert canary.number in found(content)


def test_a_canary_is_found_across_the_border_of_two_chunks() -> None:
    canary = CANARIES[1]

    assert found(b"-" * (4 * 2**20 - 5) + canary.value.encode()) == {canary.number}


def test_ordinary_text_holds_no_canary() -> None:
    words = (ROOT / "README.md").read_bytes() + (ROOT / "knowledge" / "triage_rules.yaml").read_bytes()

    assert found(words) == set()


# --- the audit ------------------------------------------------------------------------------------------------------------------------------


def test_the_program_as_it_is_passes(app: App, tmp_path: Path) -> None:
    audit = audit_privacy(app.settings, tmp_path / "audit", 63)

    assert (audit.leaks, audit.reached_outside, audit.failed) == ((), (), {})
    assert sum(tally.typed for tally in audit.ways.values()) == 63
    assert audit.ways["letter and talk"].reached == audit.ways["letter and talk"].typed > 0
    assert audit.ways["kept chat"].reached == audit.ways["kept chat"].typed > 0
    assert audit.ways["mentoring pair"].reached == audit.ways["mentoring pair"].typed > 0
    assert min(audit.sent_bytes.values()) > 0
    assert "Passed" in report_of(audit, fixed_entries(ROOT / "prompts", "audit"), datetime.now(UTC))


def test_every_leak_made_on_purpose_fails_it(app: App, tmp_path: Path) -> None:
    audit = audit_privacy(app.settings, tmp_path / "audit", 21, plant="all")

    places = {hit.place for hit in audit.leaks}
    assert not audit.has_passed
    assert {MODEL, NOTICES, "state/companion.db"} <= places
    assert any(place.startswith("record/log-") for place in places)
    assert any(place.startswith("temp/upload-") for place in places)
    assert CanaryKind.EMAIL in {hit.canary.kind for hit in audit.model_hits}
    assert "Not passed" in report_of(audit, fixed_entries(ROOT / "prompts", "audit"), datetime.now(UTC), plant="all")
