"""The way through a crisis on a phone: lines, somebody near, a person; no library until it is asked for; the published protocol."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from walks import AT_RISK, Server, say

ORDINARY = "my manager keeps moving the deadline and checks every step i do"


def test_after_a_crisis_message_one_tap_answers_and_another_brings_the_library_back(chat: Page) -> None:
    say(chat, AT_RISK)
    expect(chat.get_by_role("link", name="Call 116 123")).to_be_visible()

    chat.get_by_role("button", name="I am alone").click()
    expect(chat.locator(".turn").get_by_text("Being alone with this is a lot")).to_be_visible()

    say(chat, ORDINARY)
    turn = chat.locator(".turn").last
    expect(turn.locator(".chip")).to_have_count(0)
    expect(turn.get_by_role("link", name="Call 116 123")).to_be_visible()
    expect(turn.get_by_role("button", name="Talk to a person now")).to_be_visible()

    chat.get_by_role("button", name="Go on with ideas from the library").click()
    expect(chat.locator(".turn").last.locator(".chip").first).to_be_visible()


def test_the_protocol_is_published_and_needs_no_javascript(new_page: Callable[..., Page], server: Server) -> None:
    page = new_page(java_script_enabled=False)

    page.goto(f"{server.url}/crisis")
    page.get_by_role("link", name="What Companion does when a life may be in danger").click()

    expect(page.get_by_role("heading", name="What happens then")).to_be_visible()
    expect(page.get_by_role("heading", name="How many chats, by year")).to_be_visible()
