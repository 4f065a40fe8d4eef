"""The crisis lines and the way out, with parts of the program missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from walks import AT_RISK, Server, past_notice, say

ABOVE_THE_BOX = (
    "link => link.getBoundingClientRect().bottom <= document.querySelector('[data-testid=\"stBottom\"]').getBoundingClientRect().top"
)
"""The box to write in covers what lies lower."""


@pytest.fixture(scope="module")
def without_country(start_server: Callable[..., Server]) -> Server:
    """A server on which nobody has set a country."""
    return start_server(COMPANION_COUNTRY="")


def test_the_crisis_page_is_whole_without_javascript(new_page: Callable[..., Page], server: Server) -> None:
    page = new_page(java_script_enabled=False)

    page.goto(server.url)
    page.get_by_role("link", name="Open the crisis lines").click()

    expect(page.locator('details[open] a[href="tel:116123"]')).to_be_visible()
    expect(page.get_by_role("link", name="findahelpline.com")).to_be_visible()


def test_whoever_worries_about_someone_else_finds_words_on_the_crisis_page_without_javascript(
    new_page: Callable[..., Page], server: Server
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{server.url}/crisis")

    page.get_by_text("Worried about someone else?").click()

    expect(page.get_by_text("Asking does not put the thought there")).to_be_visible()
    expect(page.locator('details[open] a[href="tel:999"]')).to_be_visible()


def test_whoever_worries_about_someone_else_finds_the_same_words_above_the_chat(chat: Page) -> None:
    chat.locator("#act-lines").click()

    chat.get_by_role("dialog").get_by_text("Worried about someone else?").click()

    expect(chat.get_by_role("dialog").get_by_text("Asking does not put the thought there")).to_be_visible()


def test_unknown_country_gets_the_choice_and_no_number(new_page: Callable[..., Page], without_country: Server) -> None:
    page = new_page()
    page.goto(without_country.url)

    page.locator("#act-lines").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_be_visible()
    expect(dialog.get_by_text("call your local emergency number")).to_be_visible()
    assert dialog.locator(".line-call").count() == 0


def test_the_crisis_page_without_a_country_points_to_the_local_emergency_number(
    new_page: Callable[..., Page], without_country: Server
) -> None:
    page = new_page(java_script_enabled=False)

    page.goto(f"{without_country.url}/crisis")

    expect(page.get_by_text("call your local emergency number")).to_be_visible()
    assert page.locator("details[open]").count() == 0


def test_the_crisis_page_without_a_country_puts_the_directory_and_the_countries_of_the_browsers_languages_first(
    new_page: Callable[..., Page], without_country: Server
) -> None:
    page = new_page(java_script_enabled=False, locale="en-NZ")

    page.goto(f"{without_country.url}/crisis")

    expect(page.get_by_role("link", name="findahelpline.com")).to_be_in_viewport()
    expect(page.locator("summary").nth(1)).to_have_text("New Zealand")  # the first is "Worried about someone else?"


@pytest.mark.parametrize(
    ("clock", "language", "offered"),
    [
        ("Europe/Dublin", "en-US", ["Ireland", "United States"]),  # many browsers speak American English everywhere
        ("Asia/Kolkata", "en-IN", ["India"]),
        ("Atlantic/Reykjavik", "en", ["Iceland"]),
        ("UTC", "en", []),
    ],
)
def test_without_a_country_the_browsers_own_is_one_tap_away_and_no_number_is_guessed(
    new_page: Callable[..., Page], without_country: Server, clock: str, language: str, offered: list[str]
) -> None:
    page = new_page(timezone_id=clock, locale=language)
    past_notice(page, without_country)

    say(page, AT_RISK)

    card = page.locator(".turn .crisis")
    expect(card.get_by_role("combobox", name="Which country are you in?")).to_be_in_viewport()
    for needed in [card.get_by_role("link", name="findahelpline.com"), *card.locator("button.country-likely").all()]:
        page.wait_for_function(ABOVE_THE_BOX, arg=needed.element_handle())
    assert card.locator("button.country-likely").all_inner_texts() == offered
    assert card.locator(".line-call").count() == 0
    if offered:
        card.get_by_role("button", name=offered[0]).click()
        expect(card.get_by_text(f"{offered[0]}. In danger right now")).to_be_visible()


def test_a_country_is_one_choice_away(new_page: Callable[..., Page], server: Server) -> None:
    page = new_page()
    page.goto(server.url)
    page.locator("#act-lines").click()

    page.get_by_role("dialog").get_by_role("combobox").select_option("FR")

    expect(page.get_by_role("dialog").locator('a[href="tel:3114"]')).to_be_visible()


def test_broken_lines_file_still_names_the_directory(
    new_page: Callable[..., Page], start_server: Callable[..., Server], tmp_path: object
) -> None:
    page = new_page(java_script_enabled=False)
    server = start_server(COMPANION_KNOWLEDGE_DIR=str(tmp_path))

    page.goto(f"{server.url}/crisis")

    expect(page.get_by_text("Call your local emergency number")).to_be_visible()
    expect(page.get_by_role("link", name="findahelpline.com")).to_be_visible()


def test_the_chat_says_so_when_the_program_cannot_be_built(
    new_page: Callable[..., Page], start_server: Callable[..., Server], tmp_path: object
) -> None:
    page = new_page()
    page.goto(start_server(COMPANION_KNOWLEDGE_DIR=str(tmp_path)).url)
    page.get_by_role("button", name="I have read this").click()

    page.get_by_placeholder("Write here").fill("hello")
    page.keyboard.press("Enter")

    expect(page.locator(".problem")).to_contain_text("Something here did not work")
    expect(page.locator(".crisis")).to_be_visible()


def test_lines_open_after_the_server_is_gone(new_page: Callable[..., Page], start_server: Callable[..., Server]) -> None:
    page = new_page()
    page.goto(start_server().url)
    page.get_by_role("button", name="I have read this").click()
    page.context.set_offline(True)

    page.locator("#act-lines").click()

    expect(page.get_by_role("dialog").locator('a[href="tel:116123"]')).to_be_visible()
