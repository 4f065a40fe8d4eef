"""What an employee and a peer live through, in a true browser against a true server."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from walks import AT_RISK, PEER_PSEUDONYM, TIRED, Server, end_talk, in_talk, past_notice, say, sign_in, write


def test_the_notice_stands_before_the_first_input(new_page: Callable[..., Page], server: Server) -> None:
    page = new_page()

    page.goto(server.url)

    expect(page.get_by_text("I am software, not a person")).to_be_visible()
    expect(page.get_by_placeholder("Write here")).to_have_count(0)


def test_the_reply_names_nobody_and_is_cited(chat: Page) -> None:
    say(chat, TIRED)

    reply = chat.locator(".reply").inner_text()
    assert reply.strip()
    assert "sarah" not in reply.casefold()
    assert "whitfield" not in reply.casefold()
    assert chat.locator(".chip").count() >= 1


def test_a_citation_opens_its_passage_in_place(chat: Page) -> None:
    say(chat, TIRED)

    chat.locator(".chip").first.click()

    passage = chat.locator(".passage")
    expect(passage.locator("blockquote")).not_to_be_empty()
    expect(passage).to_contain_text("Rests on")
    expect(passage).to_contain_text("Last checked on")
    expect(passage).to_contain_text("Where it comes from")


def test_what_was_hidden_is_shown_and_can_be_undone(chat: Page) -> None:
    say(chat, TIRED)
    pill = chat.locator(".pill").first
    expect(pill).to_have_text("a name, hidden")

    pill.click()
    expect(chat.locator(".pill-detail")).to_contain_text("sarah whitfield")
    chat.get_by_role("button", name="Do not hide this").click()

    expect(chat.locator(".pill").first).to_have_text("a name, shown from your next message on")


def test_another_word_can_be_hidden(chat: Page) -> None:
    say(chat, "the lighthouse lamp keeps me awake at night")

    chat.get_by_role("button", name="Hide another word").click()
    chat.locator("button.word", has_text="lighthouse").click()

    expect(chat.locator(".pill", has_text="a word you chose, hidden")).to_be_visible()


def test_a_group_card_says_when_how_many_and_why(chat: Page) -> None:
    say(chat, TIRED)

    card = chat.locator(".group").first
    expect(card).to_contain_text("When")
    expect(card).to_contain_text("How many")
    expect(card).to_contain_text("Why this one")


def test_at_risk_brings_lines_and_a_person_and_no_advice(chat: Page) -> None:
    say(chat, AT_RISK)

    crisis = chat.locator(".crisis")
    expect(crisis.locator('a[href="tel:116123"]')).to_be_visible()
    expect(crisis).to_contain_text("not yet confirmed by your organisation")
    expect(crisis.get_by_role("button", name="Talk to a person now")).to_be_visible()
    assert chat.locator(".chip, .group").count() == 0
    expect(chat.get_by_placeholder("Write here")).to_be_enabled()


def test_at_risk_asks_for_a_person_urgently(chat: Page) -> None:
    say(chat, AT_RISK)

    chat.get_by_role("button", name="Talk to a person now").click()

    expect(chat.get_by_role("checkbox", name="It is urgent")).to_be_checked()
    expect(chat.locator('.crisis-short a[href="tel:116123"]')).to_be_in_viewport()


def test_a_peer_answers_in_a_second_browser(chat: Page, new_page: Callable[..., Page], server: Server) -> None:
    peer = sign_in(new_page(viewport={"width": 1440, "height": 900}), server)
    say(chat, TIRED)

    chat.locator("#act-person").click()
    assert "sarah" not in chat.get_by_label("Letter to the person").input_value().casefold()
    chat.get_by_role("button", name="Send this letter").click()
    expect(chat.get_by_text("Waiting for a person")).to_be_visible()
    peer.get_by_role("button", name="Take this request").first.click()
    write(peer, "Write to your colleague", "I read your letter. Three in a row is a lot.")

    expect(chat.get_by_text("Three in a row is a lot.")).to_be_visible()
    expect(chat.get_by_role("heading", name=f"You are talking with {PEER_PSEUDONYM}")).to_be_visible()
    write(chat, f"Write to {PEER_PSEUDONYM}", "thank you, it really is")
    expect(peer.get_by_text("thank you, it really is")).to_be_visible()
    end_talk(chat)


def test_a_request_can_be_withdrawn(chat: Page) -> None:
    chat.locator("#act-person").click()
    chat.get_by_role("button", name="Send this letter").click()

    chat.get_by_role("button", name="Withdraw my request").click()

    expect(chat.get_by_text("Waiting for a person")).to_have_count(0)


def test_leaving_replaces_the_page_and_back_brings_nothing_back(new_page: Callable[..., Page], server: Server) -> None:
    page = new_page()
    page.goto(f"{server.url}/crisis")
    past_notice(page, server)
    say(page, TIRED)

    page.locator("#act-leave").click()

    page.wait_for_url("**/leave")
    expect(page).to_have_title("Calendar")
    page.go_back()
    expect(page).to_have_url(f"{server.url}/crisis")


def test_escape_pressed_three_times_leaves(chat: Page) -> None:
    for _ in range(3):
        chat.keyboard.press("Escape")

    chat.wait_for_url("**/leave")


def test_ending_erases_and_says_so(chat: Page) -> None:
    say(chat, TIRED)

    chat.get_by_role("button", name="End chat").click()

    expect(chat.get_by_role("heading", name="The chat is erased")).to_be_visible()
    assert "shifts" not in chat.locator("#root").inner_text()


def test_what_the_server_holds_is_counted_from_the_chat(chat: Page) -> None:
    say(chat, TIRED)

    chat.get_by_role("button", name="What this server holds about you now").click()

    rows = chat.locator(".facts div")
    expect(rows.filter(has_text="Messages of yours in memory")).to_contain_text("1")
    expect(rows.filter(has_text="Hidden details")).to_contain_text("1")
    expect(rows.filter(has_text="Request to a person")).to_contain_text("none")


def test_an_ended_talk_is_named_until_it_is_erased(chat: Page, peer: Page) -> None:
    in_talk(chat, peer)
    end_talk(chat)
    chat.get_by_role("button", name="Back to the conversation").click()
    chat.get_by_role("button", name="What this server holds about you now").click()
    request = chat.locator(".facts div").filter(has_text="Request to a person")
    expect(request).to_contain_text("1: closed")
    expect(chat.get_by_text("Your words go nowhere else")).to_have_count(0)

    chat.get_by_role("button", name="Erase the letter and the talk now").click()

    expect(request).to_contain_text("none")
    expect(peer.get_by_text("This talk is no longer with you")).to_be_visible()


def test_a_new_request_is_possible_after_a_talk_and_ending_the_chat_erases_the_old_one(chat: Page, peer: Page) -> None:
    in_talk(chat, peer)
    end_talk(chat)
    chat.get_by_role("button", name="Back to the conversation").click()
    chat.locator("#act-person").click()
    chat.get_by_role("button", name="Send this letter").click()
    expect(chat.get_by_text("Waiting for a person")).to_be_visible()

    chat.get_by_role("button", name="End chat").click()

    chat.get_by_role("button", name="Withdraw my request").click()
    chat.get_by_role("button", name="Start a new chat").click()
    chat.get_by_role("button", name="I have read this").click()
    chat.get_by_role("button", name="What this server holds about you now").click()
    expect(chat.locator(".facts div").filter(has_text="Request to a person")).to_contain_text("none")


def test_refused_messages_get_kind_words(chat: Page) -> None:
    chat.get_by_placeholder("Write here").fill("word " * 20_000)
    chat.keyboard.press("Enter")

    expect(chat.locator(".problem")).to_contain_text("That could not be read")
    assert "Traceback" not in chat.locator("#root").inner_text()


def test_typed_html_stays_text(chat: Page) -> None:
    say(chat, "<img src=x onerror=alert(1)> **work** <b>never</b> stops")

    expect(chat.locator(".mine-text")).to_contain_text("<img src=x onerror=alert(1)>")
    assert chat.locator(".mine img, .reply img").count() == 0
