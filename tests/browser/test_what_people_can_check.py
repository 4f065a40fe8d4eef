"""What an employee can check for themselves: what a letter gives away, what left for a message, and what staff did."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from scripted_llm import Ok, ScriptedLLM
from walks import TIRED, Server, end_talk, in_talk, past_notice, say

GIVES_AWAY = "I am the only night pharmacist in Leeds, back from maternity leave, and I would like to talk."
REPLY = "It sounds as if the shifts keep coming and rest does not. Check three things before you say yes to an extra shift [1]. What would help?"


def letter(chat: Page, text: str) -> None:
    """Open the letter to a person, write it and press Send."""
    chat.locator("#act-person").click()
    chat.get_by_label("Letter to the person").fill(text)
    chat.get_by_role("button", name="Send this letter").click()


# --- before a letter goes ---------------------------------------------------------------------------------------------------------------


def test_a_letter_that_gives_away_is_pointed_out_and_goes_in_vaguer_words(chat: Page) -> None:
    letter(chat, GIVES_AWAY)

    expect(chat.get_by_text("Before it goes, a thought")).to_be_visible()
    expect(chat.locator(".facts")).to_contain_text("the only night pharmacist")
    chat.get_by_role("button", name="Use the vaguer words").click()
    expect(chat.get_by_label("Letter to the person")).not_to_have_value(GIVES_AWAY)
    chat.get_by_role("button", name="Send this letter").click()

    expect(chat.get_by_role("button", name="Withdraw my request")).to_be_visible()
    chat.get_by_test_id("stExpander").get_by_text("Your letter").click()
    expect(chat.get_by_text("back from leave, and I would like to talk")).to_be_visible()
    chat.get_by_role("button", name="Withdraw my request").click()


def test_a_letter_goes_as_it_is_when_the_person_wants_it(chat: Page) -> None:
    letter(chat, GIVES_AWAY)

    chat.get_by_role("button", name="Send as it is").click()

    expect(chat.get_by_role("button", name="Withdraw my request")).to_be_visible()
    chat.get_by_role("button", name="Withdraw my request").click()


def test_an_urgent_letter_is_never_stopped(chat: Page) -> None:
    chat.locator("#act-person").click()
    chat.get_by_label("Letter to the person").fill(GIVES_AWAY)
    chat.get_by_text("It is urgent").click()
    chat.get_by_role("button", name="Send this letter").click()

    expect(chat.get_by_role("button", name="Withdraw my request")).to_be_visible()
    chat.get_by_role("button", name="Withdraw my request").click()


# --- while the server starts ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedLLM]:
    """A scripted model server for this file."""
    with ScriptedLLM() as server:
        yield server


@pytest.fixture(scope="module")
def modelled(start_server: Callable[..., Server], model: ScriptedLLM) -> Server:
    """A server that nobody has opened yet, with a model behind it."""
    return start_server(OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="test-key", OPENAI_MODEL="scripted")


def test_a_letter_begun_while_the_server_starts_keeps_its_words(new_page: Callable[..., Page], modelled: Server) -> None:
    page = past_notice(new_page(), modelled)
    page.locator("#act-person").click()
    box = page.get_by_label("Letter to the person")
    box.fill(GIVES_AWAY)

    expect(page.get_by_role("button", name="Send this letter")).to_be_enabled()

    expect(box).to_have_value(GIVES_AWAY)


# --- what left --------------------------------------------------------------------------------------------------------------------------


def test_a_curated_turn_says_that_nothing_left(chat: Page) -> None:
    say(chat, TIRED)

    chat.get_by_role("button", name="What left").click()

    expect(chat.locator(".left")).to_contain_text("Nothing left this server")
    expect(chat.locator(".left pre")).to_contain_text("Person A")
    assert "whitfield" not in chat.locator(".left pre").inner_text().casefold()


def test_a_turn_of_the_model_shows_the_very_bytes_that_it_received(
    new_page: Callable[..., Page], modelled: Server, model: ScriptedLLM
) -> None:
    model.will(Ok(REPLY))
    page = past_notice(new_page(), modelled)
    say(page, TIRED)

    page.get_by_role("button", name="What left").click()

    body = model.requests[-1].body
    expect(page.locator(".left")).to_contain_text(f"To 127.0.0.1, {len(body):,} bytes")
    assert page.locator(".left pre").inner_text() == body.decode()


# --- what staff did ---------------------------------------------------------------------------------------------------------------------


def test_what_staff_did_can_be_read_from_the_page_about_what_is_held(chat: Page, peer: Page) -> None:
    in_talk(chat, peer)
    end_talk(chat)
    chat.get_by_role("button", name="Back to the conversation").click()

    chat.get_by_role("button", name="What this server holds").click()
    chat.get_by_role("button", name="What staff did").click()

    expect(chat.get_by_text("This log has not been altered")).to_be_visible()
    expect(chat.locator(".facts").filter(has_text="Peer Heron took a request")).to_be_visible()
