"""A group on a phone: see it beside a reply, join it under a made-up name, put it into a calendar, come back with the code, leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from icalendar import Calendar
from playwright.sync_api import Page, expect
from walks import AT_RISK, Server, choose, past_notice, say, unfold

WORN_OUT = "i have been tired for months and weekends don't help, no energy left for anything"
GROUP = "Running on Empty"


def see_group(page: Page) -> None:
    """Open the page of the group that is suggested."""
    say(page, WORN_OUT)
    page.get_by_role("button", name=f"See this group: {GROUP}").click()
    expect(page.get_by_role("heading", name=GROUP)).to_be_visible()


def join(page: Page, name: str) -> None:
    """Agree to the rules and join under a name."""
    page.get_by_text("I have read this and will keep to it").click()
    page.get_by_label("The name you want to go by").fill(name)
    page.get_by_role("button", name="Join this group").click()


def test_from_a_suggestion_to_a_place_a_calendar_file_a_card_and_out_again(
    chat: Page, new_page: Callable[..., Page], server: Server, tmp_path: Path
) -> None:
    see_group(chat)
    join(chat, "Cloudberry")
    code = chat.locator(".st-key-keep_code code").inner_text().strip()
    expect(chat.get_by_text("You are in this group as Cloudberry.")).to_be_visible()
    expect(chat.get_by_text("Nobody meets here, nobody leads it, and nobody waits for you.")).to_be_visible()
    expect(chat.get_by_text("This is an example, and nobody meets then.")).to_be_visible()
    expect(chat.get_by_text("Nobody is named here yet who leads this group.")).to_be_visible()
    expect(chat.get_by_text("Question of the week")).to_be_visible()

    unfold(chat, "Put it into a calendar")
    with chat.expect_download() as waiting:
        chat.get_by_role("button", name="Download the calendar file").click()
    waiting.value.save_as(tmp_path / "file.ics")
    assert waiting.value.suggested_filename == "meeting.ics"
    assert "SUMMARY:Example\\, nobody meets" in (tmp_path / "file.ics").read_text("utf-8")  # the groups that ship are samples
    assert Calendar.from_ical((tmp_path / "file.ics").read_bytes()).walk("VEVENT")
    assert chat.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")

    chat.get_by_text("What helped me", exact=True).click()
    chat.get_by_label("Your card").fill("what helped was that sarah whitfield walked home with me after the late shift")
    chat.get_by_role("button", name="Hand it in").click()
    expect(chat.get_by_text("Handed in. Thank you.")).to_be_visible()
    chat.get_by_role("button", name="Say thanks to the group").click()
    expect(chat.get_by_text("Counted. Thank you.")).to_be_visible()

    chat.locator(".st-key-group_ways").get_by_role("button", name="All groups").click()
    expect(chat.get_by_role("heading", name="Your groups on this page")).to_be_visible()
    expect(chat.get_by_test_id("stCaptionContainer").get_by_text("An example. No such group meets here yet.")).to_be_visible()

    other = past_notice(new_page(), server)
    other.get_by_role("button", name="All groups").click()
    other.get_by_text("I have a group code").click()
    other.get_by_label("Group code").fill(code.lower())
    other.get_by_role("button", name="Open", exact=True).click()
    other.get_by_role("button", name="Leave this group").click()
    other.get_by_role("button", name="Yes, leave").click()
    expect(other.get_by_text("You have left the group.")).to_be_visible()


def test_far_away_the_card_and_the_page_of_a_group_name_the_own_hour(new_page: Callable[..., Page], server: Server) -> None:
    far = past_notice(new_page(timezone_id="Asia/Kolkata"), server)

    say(far, WORN_OUT)
    expect(far.locator(".group dd").filter(has_text="on your clock Tuesday at 17:45, 5 h 30 min later")).to_be_visible()
    far.get_by_role("button", name=f"See this group: {GROUP}").click()

    expect(far.get_by_text("12:15 (Europe/London); on your clock Tuesday at 17:45, 5 h 30 min later")).to_be_visible()


def test_who_asks_for_others_gets_the_door_to_all_groups_and_after_telling_more_the_group_that_fits(chat: Page) -> None:
    asks = "can you put me in touch with others?"
    say(chat, asks)
    door = chat.locator(".turn").last.get_by_role("button", name="All groups")
    expect(door).to_be_visible()
    expect(chat.locator(".group h4")).to_have_count(0)

    say(chat, WORN_OUT)
    say(chat, asks)
    expect(chat.locator(".turn").last.locator(".group h4").filter(has_text=GROUP)).to_be_visible()
    chat.locator(".turn").last.get_by_role("button", name="All groups").click()

    expect(chat.get_by_role("heading", name="Groups that meet")).to_be_visible()
    expect(chat.get_by_text("Same Team, Hard Days", exact=True)).to_be_visible()


def test_who_asks_for_a_group_that_does_not_exist_reads_so_and_can_let_a_coordinator_know(chat: Page) -> None:
    say(chat, "is there a group for people who keep bees?")

    turn = chat.locator(".turn").last
    expect(turn.get_by_text("I find none that fits that")).to_be_visible()
    expect(turn.locator(".group h4")).to_have_count(0)
    expect(turn.get_by_role("button", name="All groups")).to_be_visible()
    expect(turn.get_by_role("button", name="Find a group in a few taps")).to_have_count(1)
    turn.get_by_role("button", name="Tell a coordinator that you would like such a group").click()
    expect(turn.get_by_text("Counted. A coordinator sees it once ten people have wished for it.")).to_be_visible()


def test_a_full_group_that_alone_fits_is_shown_with_its_waiting_list(chat: Page) -> None:
    say(chat, "workmate hasnt spoken to me in a fortnight")

    expect(chat.locator(".group h4").filter(has_text="Same Team, Hard Days")).to_be_visible()
    expect(chat.locator(".group dd").filter(has_text="It is full just now, and there is a waiting list.")).to_be_visible()
    chat.get_by_role("button", name="See it and wait for a place: Same Team, Hard Days").click()
    expect(chat.get_by_role("button", name="Wait for a place")).to_be_visible()


def test_after_a_message_at_risk_no_small_question_is_asked(chat: Page) -> None:
    see_group(chat)
    expect(chat.get_by_text("Nobody is named here yet who leads this group")).to_be_visible()
    join(chat, "Larch")
    expect(chat.get_by_text("Question of the week")).to_be_visible()
    chat.get_by_role("button", name="Back to the conversation").click()

    say(chat, AT_RISK)
    chat.get_by_role("button", name="All groups").first.click()
    chat.get_by_role("button", name=GROUP, exact=True).click()

    expect(chat.get_by_text("You are in this group as Larch.")).to_be_visible()
    expect(chat.get_by_text("Question of the week")).to_have_count(0)


def test_a_name_that_looks_real_is_pointed_out_and_the_person_decides(chat: Page) -> None:
    see_group(chat)

    join(chat, "Sarah Whitfield")
    expect(chat.get_by_text("This looks like somebody's name.")).to_be_visible()
    chat.get_by_role("button", name="It is made up, use it").click()

    expect(chat.get_by_text("You are in this group as Sarah Whitfield.")).to_be_visible()


def test_not_this_one_leads_to_the_next_or_to_a_wish_and_a_few_taps_find_another(chat: Page) -> None:
    say(chat, WORN_OUT)
    cards = chat.get_by_role("button", name="Not this one")
    for _ in range(6):
        if not cards.count():
            break
        shown = chat.locator(".group h4").all_inner_texts()
        cards.first.click()
        expect(chat.locator(".group h4").filter(has_text=shown[0])).to_have_count(0)
    expect(chat.get_by_text("Then none of the groups fits what you wrote.")).to_be_visible()
    chat.get_by_role("button", name="Tell a coordinator").click()
    expect(chat.get_by_text("Counted. A coordinator sees it")).to_be_visible()

    chat.get_by_role("button", name="Find a group in a few taps").click()
    chat.get_by_text("grief", exact=True).click()
    chat.get_by_text("Being listened to", exact=True).click()
    expect(chat.get_by_text("Empty Chair", exact=True)).to_be_visible()
    assert chat.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def begin_mentoring(page: Page, side: str, name: str) -> None:
    """Begin to look for somebody."""
    page.get_by_role("button", name="All groups").click()
    page.get_by_role("button", name="Mentoring, two who meet a few times").click()
    page.get_by_text(side, exact=True).click()
    page.get_by_text("sleep", exact=True).click()
    page.get_by_label("The name you want to go by").fill(name)
    page.get_by_role("button", name="Begin to look").click()
    page.get_by_role("button", name="I have the code").click()


def test_two_are_offered_to_each_other_and_meet_when_both_say_yes(chat: Page, new_page: Callable[..., Page], server: Server) -> None:
    other = past_notice(new_page(), server)
    begin_mentoring(chat, "I would like to help", "Driftwood")
    begin_mentoring(other, "I would like to be helped", "Cobble")

    other.get_by_role("button", name="Yes, 4 meetings").click()
    expect(other.get_by_text("You said yes to Driftwood.")).to_be_visible()
    chat.get_by_role("button", name="All groups").click()
    chat.get_by_role("button", name="Mentoring, two who meet a few times").click()
    chat.get_by_role("button", name="Yes, 5 meetings").click()

    expect(chat.get_by_text("You are meeting with Cobble. 0 of 4 meetings are behind you.")).to_be_visible()
    chat.get_by_placeholder("Write to Cobble").fill("Tuesday at noon, by the river?")
    chat.keyboard.press("Enter")
    expect(chat.get_by_text("Tuesday at noon, by the river?")).to_be_visible()
    other.get_by_role("button", name="All groups").click()
    other.get_by_role("button", name="Mentoring, two who meet a few times").click()
    expect(other.get_by_text("Tuesday at noon, by the river?")).to_be_visible()
    assert chat.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    for page in (chat, other):
        page.get_by_role("button", name="Be forgotten").click()
        expect(page.get_by_role("button", name="Begin to look")).to_be_visible()


ROLES = """
departments: [{name: Pharmacy}, {name: Kitchen}]
leads: [{group: Running on Empty, manages: [Pharmacy]}]
"""


def test_who_says_where_they_work_is_kept_out_of_their_own_managers_group(
    start_server: Callable[..., Server], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "roles.yaml").write_text(ROLES, "utf-8")
    page = past_notice(new_page(), server := start_server(COMPANION_DIRECTORY_FILE=str(tmp_path / "roles.yaml")))
    say(page, WORN_OUT)
    page.get_by_role("button", name="All groups").click()
    page.get_by_text("Keep me out of my own manager's group").click()
    choose(page, "Where do you work?", "Pharmacy")
    expect(page.get_by_text("Left out for you.")).to_be_visible()

    page.get_by_role("button", name=f"Look at {GROUP}").click()
    expect(page.get_by_text("Whoever leads this group is in charge of the department you named")).to_be_visible()
    expect(page.get_by_role("button", name="Join this group")).to_have_count(0)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    page.get_by_role("button", name="Back to the conversation").click()
    expect(page.locator(".group h4").filter(has_text=GROUP)).to_have_count(0)

    other = past_notice(new_page(), server)
    see_group(other)
    expect(other.get_by_role("button", name="Join this group")).to_be_visible()
