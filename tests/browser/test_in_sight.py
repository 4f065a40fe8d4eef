"""What a person came for stands on their screen at once: the letter, the box below a talk."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from walks import AT_RISK, in_talk, say


def is_in_sight(page: Page, selector: str) -> bool:
    """Tell whether the whole of an element stands on the screen, below the header."""
    box = page.locator(selector).first.bounding_box()
    height = page.evaluate("innerHeight")
    return box is not None and box["y"] >= 56 and box["y"] + box["height"] <= height


# --- a phone ------------------------------------------------------------------------------------------------------------------------------


def test_the_letter_is_in_sight_as_soon_as_a_person_is_asked_for(chat: Page) -> None:
    chat.locator("#act-person").click()
    expect(chat.get_by_label("Letter to the person")).to_be_visible()
    chat.wait_for_timeout(500)

    assert is_in_sight(chat, 'textarea[aria-label="Letter to the person"]')


def test_an_urgent_letter_has_numbers_to_call_above_it_on_one_screen(chat: Page) -> None:
    say(chat, AT_RISK)
    chat.get_by_role("button", name="Talk to a person now").click()
    expect(chat.get_by_label("Letter to the person")).to_be_visible()
    chat.wait_for_timeout(500)

    assert is_in_sight(chat, ".crisis-short a")
    assert is_in_sight(chat, 'textarea[aria-label="Letter to the person"]')
    expect(chat.locator(".crisis-short")).to_contain_text("Call 999")


# --- the peer's desk ----------------------------------------------------------------------------------------------------------------------


def test_what_a_peer_chooses_joins_what_is_being_written_in_the_one_box(chat: Page, peer: Page) -> None:
    in_talk(chat, peer)
    box = peer.get_by_placeholder("Write to your colleague")
    box.fill("I am here.")

    peer.get_by_role("button", name="A life may be in danger").click()
    peer.get_by_role("button", name="Put the line into the box").first.click()

    expect(box).to_have_value("I am here.\n\nSamaritans: 116 123")
    expect(peer.locator("textarea")).to_have_count(1)
    box.press("Enter")
    expect(chat.locator(".talk").get_by_text("Samaritans: 116 123")).to_be_visible()
