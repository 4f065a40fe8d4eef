"""The crisis lines and the way out, with parts of the program missing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from walks import Server


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


def test_unknown_country_gets_the_choice_and_no_number(new_page: Callable[..., Page], start_server: Callable[..., Server]) -> None:
    page = new_page()
    page.goto(start_server(COMPANION_COUNTRY="").url)

    page.locator("#act-lines").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_be_visible()
    expect(dialog.get_by_text("call your local emergency number")).to_be_visible()
    assert dialog.locator(".line-call").count() == 0


def test_the_crisis_page_without_a_country_points_to_the_local_emergency_number(
    new_page: Callable[..., Page], start_server: Callable[..., Server]
) -> None:
    page = new_page(java_script_enabled=False)

    page.goto(f"{start_server(COMPANION_COUNTRY='').url}/crisis")

    expect(page.get_by_text("call your local emergency number")).to_be_visible()


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
