"""The peer has to go in the middle of a talk: the employee is told, decides who reads what, and reads times in their own zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from walks import Server, go_on_duty, in_talk, past_notice, write

FAR = "Asia/Kathmandu"
"""Five hours and 45 minutes ahead: no server's own zone looks like it."""


def not_today(peer: Page) -> None:
    peer.get_by_test_id("stButtonGroup").first.get_by_text("Not today", exact=True).click()
    peer.get_by_role("button", name="Yes, not today").click()


def test_the_employee_is_told_that_the_peer_has_left_and_opens_the_talk_to_the_next(
    new_page: Callable[..., Page], server: Server, peer: Page
) -> None:
    chat = past_notice(new_page(timezone_id=FAR), server)
    in_talk(chat, peer)
    write(peer, "Write to your colleague", "Hello, I am here.")
    write(chat, "Write to", "Good that you are here.")
    expect(peer.get_by_text("Good that you are here.")).to_be_visible()
    peer.get_by_role("button", name="Back to the queue", exact=True).click()

    not_today(peer)

    gone = chat.locator(".st-key-broken_off")
    expect(gone).to_contain_text("What you two wrote stays closed to them")
    gone.get_by_text("What you two wrote", exact=True).click()
    expect(gone.get_by_text("Hello, I am here.")).to_be_visible()
    gone.get_by_role("button", name="Let them read it").click()
    expect(gone).to_contain_text("because you opened it")
    now = datetime.now(UTC).astimezone(ZoneInfo(FAR))
    expect(gone).to_contain_text(_lately(now))
    chat.get_by_role("button", name="Withdraw my request").click()
    expect(gone).to_be_hidden()
    go_on_duty(peer)


def _lately(now: datetime) -> re.Pattern[str]:
    """Return what matches a clock time of the last five minutes."""
    return re.compile("|".join(f"{now - timedelta(minutes=ago):%H:%M}" for ago in range(6)))
