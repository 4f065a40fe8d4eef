"""After a talk with a person: the groups that the chat had suggested open with a tap, and without any there is a way to all of them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from walks import TIRED, Server, end_talk, in_talk, past_notice, say, write


def test_a_group_is_one_tap_away_after_a_talk(chat: Page, peer: Page) -> None:
    say(chat, TIRED)
    name = chat.locator(".group h4").first.inner_text()
    in_talk(chat, peer)
    expect(chat.get_by_text("the next person is asked")).to_be_visible()
    write(peer, "Write to your colleague", "Hello, I am here.")
    expect(chat.get_by_text("Hello, I am here.")).to_be_visible()
    end_talk(chat)

    chat.get_by_role("button", name=f"Look at {name}").click()

    expect(chat.get_by_role("heading", name=name)).to_be_visible()


def test_without_a_suggested_group_there_is_a_way_to_all_of_them(new_page: Callable[..., Page], server: Server, peer: Page) -> None:
    chat = past_notice(new_page(), server)
    in_talk(chat, peer)
    write(peer, "Write to your colleague", "Hello, I am here.")
    end_talk(chat)

    chat.locator(".st-key-after_groups").get_by_role("button", name="All groups").click()

    expect(chat.get_by_role("heading", name="Groups that meet")).to_be_visible()
