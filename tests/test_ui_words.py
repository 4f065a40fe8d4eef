"""Every phrase that a page asks for stands in `prompts/fixed/ui.yaml`, and every answer carries strict headers."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from companion.errors import KnowledgeError
from companion.models import EntityType, EvidenceGrade
from companion.models_people import HandoverState
from companion.settings import ROOT, load_settings
from companion.ui.server import StrictHeaders, own_routes
from companion.ui.text import Words, load_words

ASKED = re.compile(r"""(?:words|phrases|branch|entries)\(\s*["']([a-z_]+(?:\.[a-z_]+)+)["']""")
UI = ROOT / "companion" / "ui"
KEYS = sorted({key for folder in (UI, UI / "training") for path in folder.glob("*.py") for key in ASKED.findall(path.read_text())})


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words(ROOT / "prompts")


@pytest.fixture(scope="module")
def browser() -> TestClient:
    return browser_of("GB")


def browser_of(country: str | None) -> TestClient:
    return TestClient(Starlette(routes=own_routes(load_settings(country=country)), middleware=[Middleware(StrictHeaders)]))


@pytest.mark.parametrize("key", KEYS)
def test_each_phrase_is_there(words: Words, key: str) -> None:
    assert words._find(key)


@pytest.mark.parametrize("kind", list(EntityType))
def test_each_kind_of_hidden_detail_has_words(words: Words, kind: EntityType) -> None:
    assert words(f"hidden.kinds.{kind.value}")


@pytest.mark.parametrize("grade", list(EvidenceGrade))
def test_each_evidence_grade_has_words(words: Words, grade: EvidenceGrade) -> None:
    assert words(f"citation.grades.{grade.value}")


@pytest.mark.parametrize("state", list(HandoverState))
def test_each_state_of_a_request_has_words(words: Words, state: HandoverState) -> None:
    assert words(f"held.states.{state.value}")


def test_a_missing_phrase_is_named_with_its_remedy(words: Words) -> None:
    with pytest.raises(KnowledgeError, match=r"chat\.helo.*missing"):
        words("chat.helo")


@pytest.mark.parametrize("path", ["/", "/peer", "/crisis", "/leave", "/ui/style.css", "/ui/shell.js"])
def test_every_page_forbids_other_hosts(browser: TestClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy.replace("https:", "").replace("http:", "")
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/peer", "/crisis", "/leave"])
def test_pages_are_never_kept_by_the_browser(browser: TestClient, path: str) -> None:
    assert browser.get(path).headers["cache-control"] == "no-store"


def test_the_crisis_page_opens_the_country_of_the_organisation(browser: TestClient) -> None:
    page = browser.get("/crisis").text

    assert '<details open id="GB">' in page
    assert page.count("<details open") == 1
    assert 'href="tel:116123"' in page


def test_no_country_opens_none() -> None:
    page = browser_of(None).get("/crisis").text

    assert "<details open" not in page
