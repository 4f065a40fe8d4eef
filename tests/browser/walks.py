"""What people do on the pages, and the names that several tests share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

PEER_NAME, PEER_PASSWORD, PEER_PSEUDONYM = "mira", "a long enough password", "Heron"
COORDINATOR_NAME, COORDINATOR_PASSWORD = "wren", "another long password"
TIRED = "i have 3 shifts in a row and my charge nurse sarah whitfield keeps adding more, can't switch off"
_ANSWER_WITHIN_MS = 120_000
"""The first answer of a fresh server waits for its models; nothing is measured here."""
AT_RISK = "everyone would be better off without me"


@dataclass(frozen=True)
class Server:
    """Hold a running server. url: without a slash at the end."""

    url: str
    state_dir: Path


def past_notice(page: Page, server: Server) -> Page:
    """Open the chat and accept the notice."""
    page.goto(server.url)
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_placeholder("Write here")).to_be_visible()
    return page


def unfold(page: Page, title: str) -> None:
    """Open a part that is folded up, and wait until it has grown; while it grows, what stands in it slips away under a tap."""
    page.get_by_text(title).click()
    part = page.locator("details", has=page.get_by_text(title))
    part.evaluate(
        """part => new Promise(done => {
          let still = 0;
          const look = () => {
            still = part.open && !part.style.overflow && !part.getAnimations({ subtree: true }).length ? still + 1 : 0;
            still < 5 ? setTimeout(look, 50) : done();
          };
          look();
        })"""
    )


def say(page: Page, text: str) -> None:
    """Send a message and wait until it is answered."""
    answered = page.locator('.turn[data-state="done"]').count()
    page.get_by_placeholder("Write here").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator('.turn[data-state="done"]')).to_have_count(answered + 1, timeout=_ANSWER_WITHIN_MS)


def sign_in(page: Page, server: Server) -> Page:
    """Open the peer desk as the peer, on duty."""
    page.goto(f"{server.url}/peer")
    page.get_by_label("Name").fill(PEER_NAME)
    page.get_by_role("textbox", name="Password").fill(PEER_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    go_on_duty(page)
    return page


def go_on_duty(page: Page) -> None:
    """Set the status of the peer who is signed in to on duty, unless it is; the page says so when the server knows."""
    away = page.get_by_text("You are not on duty")
    expect(page.get_by_text("Lines first when a life is in danger").or_(page.get_by_role("heading", name="Waiting")).first).to_be_visible()
    if away.is_visible():
        page.get_by_test_id("stButtonGroup").first.get_by_text("On duty", exact=True).click()
        expect(away).to_be_hidden()


def in_talk(chat: Page, peer: Page) -> None:
    """Send a letter from the chat and have the peer, who is signed in, take it."""
    chat.locator("#act-person").click()
    chat.get_by_role("button", name="Send this letter").click()
    peer.get_by_role("button", name="Take this request").first.click()
    expect(chat.get_by_role("heading", name=f"You are talking with {PEER_PSEUDONYM}")).to_be_visible()


def end_talk(chat: Page) -> None:
    """End the talk from the employee's side."""
    chat.get_by_role("button", name="End this talk").click()
    chat.get_by_role("button", name="Yes, end it").click()
    expect(chat.get_by_role("heading", name="The talk has ended")).to_be_visible()


def write(page: Page, placeholder: str, text: str) -> None:
    """Send a message to the other side of a talk."""
    page.get_by_placeholder(placeholder).fill(text)
    page.keyboard.press("Enter")


def sign_in_coordinator(page: Page, server: Server, *, as_peer: bool = False) -> Page:
    """Open the coordinator's console, signed in as the coordinator, or as the peer who has no business there."""
    page.goto(f"{server.url}/coordinator")
    page.get_by_label("Name").fill(PEER_NAME if as_peer else COORDINATOR_NAME)
    page.get_by_role("textbox", name="Password").fill(PEER_PASSWORD if as_peer else COORDINATOR_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    return page


def console_part(page: Page, name: str) -> None:
    """Choose a part of the console."""
    page.get_by_test_id("stButtonGroup").first.get_by_text(name, exact=True).click()


def choose(page: Page, field: str, option: str, within: Locator | None = None) -> None:
    """Choose an option of a field; the list is opened again when a page that was still being drawn has closed it.

    within: the part of the page that holds the field, where others have one of the same name.
    """
    wanted = page.get_by_role("option", name=option)
    for _ in range(10):
        (within or page).get_by_role("combobox", name=field).click()
        try:
            wanted.click(timeout=3_000)
            return
        except TimeoutError:
            page.keyboard.press("Escape")
    wanted.click()
