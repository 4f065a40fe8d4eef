"""What a person came for stands on their screen at once: the letter, the box below a talk."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from test_training import check_looks
from walks import AT_RISK, Server, in_talk, say, sign_in, write


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


def test_each_of_the_first_four_replies_begins_on_the_screen_and_so_do_the_lines_of_a_crisis(chat: Page) -> None:
    for text in ("i cannot switch off after nights", "what else can i do", "my charge nurse keeps adding shifts", AT_RISK):
        say(chat, text)
        chat.wait_for_function(
            """() => {
              const reply = [...document.querySelectorAll("article.turn")].at(-1).querySelector(".reply p");
              const composer = document.querySelector('[data-testid="stBottom"]');
              const box = reply.getBoundingClientRect();
              return box.top >= 56 && box.bottom <= composer.getBoundingClientRect().top;
            }""",
            timeout=5_000,
        )
    expect(chat.locator("article.turn").last.get_by_text("Call 999").first).to_be_in_viewport()


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


def test_the_desk_is_used_on_a_phone_from_the_queue_to_the_debrief(chat: Page, new_page: Callable[..., Page], server: Server) -> None:
    phone = sign_in(new_page(), server)
    chat.locator("#act-person").click()
    chat.get_by_role("button", name="Send this letter").click()
    expect(phone.get_by_role("button", name="Take this request").first).to_be_visible()
    check_looks(phone)

    phone.get_by_role("button", name="Take this request").first.click()
    box = phone.get_by_placeholder("Write to your colleague")
    expect(box).to_be_in_viewport()
    write(phone, "Write to your colleague", "Hello, I am here.")
    expect(phone.locator(".talk").get_by_text("Hello, I am here.")).to_be_visible()
    check_looks(phone)
    for tool in ("At hand", "Library", "A life may be in danger"):
        phone.get_by_role("button", name=tool).first.click()
        expect(phone.get_by_test_id("stPopoverBody")).to_be_visible()
        check_looks(phone)
        phone.get_by_role("button", name=tool).first.click()  # not Escape: three of them leave the page
        expect(phone.get_by_test_id("stPopoverBody")).to_be_hidden()

    phone.get_by_role("button", name="Close this talk").click()
    phone.get_by_role("button", name="Yes, close").click()
    expect(phone.get_by_text("Two taps, for you.")).to_be_visible()
    check_looks(phone)
    phone.get_by_role("button", name=re.compile("^It was")).first.click()
    expect(phone.get_by_text("Two taps, for you.")).to_be_hidden()
