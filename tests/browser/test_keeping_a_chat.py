"""A chat kept under a return code: written down on one page, opened on another, gone when told to go."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from walks import TIRED, Server, past_notice, say


def keep(page: Page) -> str:
    """Keep what is on the page and return the code that it shows."""
    page.get_by_role("button", name="Make a code and keep it").click()
    code = page.locator(".st-key-keep_code code").inner_text().strip()
    page.get_by_role("button", name="I have the code").click()
    return code


def open_code(page: Page, code: str) -> None:
    """Type a return code on a fresh page."""
    page.get_by_role("button", name="I have a return code").click()
    page.get_by_label("Return code").fill(code)
    page.get_by_role("button", name="Open", exact=True).click()


def test_a_kept_chat_comes_back_after_a_reload(chat: Page, server: Server) -> None:
    say(chat, TIRED)
    reply = chat.locator(".reply").inner_text()
    chat.get_by_role("button", name="Keep this chat").click()
    code = keep(chat)
    past_notice(chat, server)

    open_code(chat, code.lower().replace("-", " "))

    expect(chat.locator(".reply")).to_have_text(reply, use_inner_text=True)
    expect(chat.locator(".pill").first).to_have_text("a name, hidden")
    say(chat, "it is still too much")


def test_every_code_that_opens_nothing_gets_the_same_words(chat: Page) -> None:
    answers = []

    for code in ("0000-0000-0000-0000-0000", "hello"):
        open_code(chat, code)
        answers.append(chat.get_by_test_id("stAlert").inner_text())
        chat.get_by_role("button", name="Back", exact=True).click()

    assert len(set(answers)) == 1
    assert "opens nothing" in answers[0]


def test_an_erased_copy_is_gone(chat: Page, server: Server) -> None:
    say(chat, TIRED)
    chat.get_by_role("button", name="Keep this chat").click()
    code = keep(chat)
    chat.get_by_role("button", name="End chat").click()

    chat.get_by_role("button", name="Erase the kept copy now").click()
    expect(chat.get_by_text("The kept copy is erased.")).to_be_visible()

    past_notice(chat, server)
    open_code(chat, code)
    expect(chat.get_by_text("opens nothing")).to_be_visible()


def test_the_page_says_that_a_copy_is_held(chat: Page) -> None:
    say(chat, TIRED)
    chat.get_by_role("button", name="Keep this chat").click()
    keep(chat)

    chat.get_by_role("button", name="What this server holds about you now").click()

    expect(chat.get_by_text("only your return code opens it")).to_be_visible()


def test_a_request_to_a_person_is_found_again_from_another_device(chat: Page, new_page: Callable[..., Page], server: Server) -> None:
    chat.locator("#act-person").click()
    chat.get_by_role("button", name="Send this letter").click()
    chat.get_by_role("button", name="Keep my place").click()
    code = keep(chat)
    other = past_notice(new_page(), server)

    open_code(other, code)

    expect(other.get_by_text("Waiting for a person")).to_be_visible()
    other.get_by_role("button", name="Withdraw my request").click()
    expect(other.get_by_text("Waiting for a person")).to_have_count(0)
