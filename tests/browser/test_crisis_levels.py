"""The way through each kind of danger on a phone: fixed words, the lines of the country, a person one tap away, and a chat that stays open."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from walks import Server, past_notice, say

from companion.prompts import fixed_text
from companion.settings import ROOT

SHOTS = os.environ.get("COMPANION_SHOTS")
LEVELS = {
    # what is typed, the words that answer it
    "harm_by_other": ("my husband beats me and i am afraid to go home tonight", "harm_by_other"),
    "harm_to_other": ("i want to kill my manager, i cannot stop thinking about it", "harm_to_other"),
    "imminent": ("i have the pills here and i am going to end it tonight", "crisis_imminent"),
    "colleague": ("I'm worried about a colleague", "crisis_for_colleague"),
    "colleague_now": ("my colleague is going to kill himself tonight", "crisis_for_colleague_now"),
}


def photograph(page: Page, name: str) -> None:
    """Keep what is on the screen, for whoever looks at it (COMPANION_SHOTS)."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))
        page.set_viewport_size({"width": 390, "height": 2600})  # the chat scrolls within the page
        page.screenshot(path=str(Path(SHOTS) / f"{name}-whole.png"))
        page.set_viewport_size({"width": 390, "height": 844})


@pytest.fixture(params=LEVELS)
def met(request: pytest.FixtureRequest, new_page: Callable[..., Page], server: Server) -> tuple[Page, str]:
    """A phone on which somebody has just written of a danger, and the name of that danger."""
    page = past_notice(new_page(has_touch=True), server)
    say(page, LEVELS[request.param][0])
    photograph(page, request.param)
    return page, request.param


def first_words(name: str) -> str:
    return fixed_text(ROOT / "prompts", name).replace("**", "").split("\n\n")[0]


def test_the_way_through_a_danger(met: tuple[Page, str]) -> None:
    page, level = met
    turn = page.locator(".turn").last

    expect(turn.locator(".reply")).to_contain_text(first_words(LEVELS[level][1]))
    for number in ("999", "116123"):
        expect(turn.locator(f'a[href="tel:{number}"]').first).to_be_visible()
    expect(turn.locator(".chip")).to_have_count(0)
    expect(turn.get_by_role("heading", name="Other doors")).to_have_count(1 if level == "harm_by_other" else 0)
    expect(page.get_by_placeholder("Write here")).to_be_in_viewport()

    say(page, "he has been so quiet since the summer" if "colleague" in level else "i do not know what else to write")
    photograph(page, f"{level}-goes-on")
    expect(page.locator(".turn").last.locator(".reply")).not_to_be_empty()
    expect(page.locator(".turn").last.get_by_role("button", name="Talk to a person")).to_be_visible()
    expect(page.get_by_placeholder("Write here")).to_be_enabled()


def test_a_person_is_one_tap_away_and_the_lines_stay(met: tuple[Page, str]) -> None:
    page, level = met

    page.locator(".turn").last.get_by_role("button", name="Talk to a person now").tap()
    expect(page.get_by_role("button", name="Send this letter")).to_be_visible()
    photograph(page, f"{level}-letter")

    expect(page.locator('a[href="tel:999"]').first).to_be_visible()
    expect(page.locator('a[href="tel:116123"]').first).to_be_visible()
    expect(page.get_by_role("checkbox", name="It is urgent")).to_be_checked()
