"""A peer reads a module, passes its quiz and practises; a coordinator sees that much and signs off."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_accessibility import FAINT, SMALL, UNNAMED
from test_console_catalogue import DESK, add_coordinator
from walks import PEER_NAME, PEER_PASSWORD, PEER_PSEUDONYM, Server, choose, console_part, sign_in_coordinator

from companion.library.training_course import read_course
from companion.settings import ROOT

MODULE = read_course(ROOT / "knowledge" / "training")[0].modules[7]
LINES = (
    "You've run all night, and still somebody waited.",
    "You should get quixotane curtains.",
    "That sounds so heavy, after five nights like that.",
    "What goes through your head when you lie in bed?",
    "You miss the nurse you used to be.",
)


@pytest.fixture(scope="module")
def school(start_server: Callable[..., Server], state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with accounts of a coordinator and a peer, whose database is its own."""
    state = Path(shutil.copytree(state_dir, tmp_path_factory.mktemp("school") / "state", ignore=shutil.ignore_patterns("*.lock")))
    add_coordinator(state)
    return Server(start_server(COMPANION_STATE_DIR=str(state)).url, state)


def sign_in_learner(page: Page, server: Server) -> Page:
    page.goto(f"{server.url}/peer")
    page.get_by_label("Name").fill(PEER_NAME)
    page.get_by_role("textbox", name="Password").fill(PEER_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Training").click()
    expect(page.get_by_role("heading", name="Training")).to_be_visible()
    return page


def check_looks(page: Page) -> None:
    """Check that nothing reaches beyond the right edge, every control has a name and is large, and text stands out."""
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    assert [page.evaluate(each) for each in (UNNAMED, SMALL, FAINT)] == [[], [], []]


def test_from_reading_a_module_to_practising_five_lines(new_page: Callable[..., Page], school: Server) -> None:
    phone = sign_in_learner(new_page(), school)
    expect(phone.get_by_text("0 of 11 modules passed.")).to_be_visible()
    check_looks(phone)

    # read and answer
    phone.get_by_role("button", name=f"Read: {MODULE.title}").click()
    expect(phone.get_by_role("heading", name=MODULE.title)).to_be_in_viewport()
    expect(phone.get_by_text("No clinician has reviewed this module yet.")).to_be_visible()
    groups = phone.get_by_test_id("stRadio")
    expect(groups).to_have_count(len(MODULE.quiz))
    for place, question in enumerate(MODULE.quiz):
        groups.nth(place).locator("[role=radiogroup] label").nth(question.right).click()
    check_looks(phone)
    phone.get_by_role("button", name="Check my answers").click()
    expect(phone.get_by_text(f"Passed: {len(MODULE.quiz)} of {len(MODULE.quiz)} right.")).to_be_visible()
    phone.get_by_role("button", name="All modules").first.click()
    expect(phone.get_by_text("1 of 11 modules passed.")).to_be_visible()

    # practise
    phone.get_by_text("Practice room", exact=True).click()
    expect(phone.get_by_text("Nobody is there")).to_be_visible()
    check_looks(phone)
    phone.get_by_role("button", name="Practise with Imani").click()
    expect(phone.get_by_role("heading", name="Imani (simulated)")).to_be_visible()
    for number, line in enumerate(LINES, start=1):
        phone.get_by_placeholder("Write to the simulated colleague").fill(line)
        phone.keyboard.press("Enter")
        expect(phone.locator(".said-by-me")).to_have_count(number)
        expect(phone.locator(".said-by-other")).to_have_count(number + 1)
        if number == 2:
            expect(phone.get_by_text("One thing to try.")).to_be_visible()
            expect(phone.get_by_role("button", name="Read: Empathy without rescuing")).to_be_visible()
        else:
            expect(
                phone.locator("[class*=st-key-line_feedback]").filter(has_text="On your line").get_by_text("What worked.")
            ).to_be_visible()
        expect(phone.get_by_text("Nobody is there")).to_have_count(1)
        expect(phone.locator("[class*=st-key-line_feedback]").filter(has_text="On your line")).to_be_in_viewport()
    assert len(set(phone.locator(".said-by-other p").all_inner_texts())) == len(LINES) + 1
    check_looks(phone)
    end = phone.get_by_role("button", name="End this practice")
    if end.count():
        end.click()
    expect(phone.get_by_role("heading", name="How it went")).to_be_visible()

    # what the coordinator sees
    console = sign_in_coordinator(new_page(**DESK), school)
    console_part(console, "Peers")
    choose(console, "Account", PEER_PSEUDONYM)
    expect(console.get_by_text("All modules of the course passed: no.")).to_be_visible()
    expect(console.get_by_text(re.compile("quixotane|used to be"))).to_have_count(0)

    # gone with the page
    phone.reload()
    expect(phone.get_by_label("Name")).to_be_visible()
    assert not any(b"quixotane" in path.read_bytes() for path in school.state_dir.rglob("*") if path.is_file())
