"""A coordinator edits crisis lines and groups in the console, and employees see it without a restart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from walks import COORDINATOR_NAME, COORDINATOR_PASSWORD, Server, choose, console_part, past_notice, say, sign_in_coordinator

from companion.bootstrap_people import open_people
from companion.errors import WrongState
from companion.library.catalogue import load_crisis_lines, load_groups
from companion.models_staff import OPERATOR, NewMember, Role
from companion.settings import ROOT, load_settings

DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the knowledge folder that tests may edit."""
    return Path(shutil.copytree(ROOT / "knowledge", tmp_path_factory.mktemp("catalogue") / "knowledge"))


WORN_OUT = "worn out for months, weekends do nothing, no energy left for anything"


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one question that an edit of groups is tried on."""
    folder = tmp_path_factory.mktemp("questions")
    row = {"id": "1", "split": "dev", "text": WORN_OUT, "groups": ["Running on Empty"]}
    (folder / "groups.jsonl").write_text(json.dumps(row), "utf-8")
    return folder


@pytest.fixture(scope="module")
def edited(start_server: Callable[..., Server], state_dir: Path, knowledge: Path, questions: Path) -> Server:
    """A server on the copy, with a coordinator's account."""
    add_coordinator(state_dir)
    return start_server(COMPANION_KNOWLEDGE_DIR=str(knowledge), COMPANION_PREVIEW_QUESTIONS_DIR=str(questions))


def add_coordinator(state_dir: Path) -> None:
    people = open_people(load_settings(state_dir=state_dir))
    try:
        people.staff.add_first_coordinator(OPERATOR, COORDINATOR_NAME, COORDINATOR_PASSWORD, "Wren")
    except WrongState:
        pass  # another test file was first
    finally:
        people.close()


@pytest.fixture
def console(new_page: Callable[..., Page], edited: Server) -> Page:
    """The console in a desktop browser, signed in."""
    return sign_in_coordinator(new_page(**DESK), edited)


def test_a_confirmed_line_loses_its_warning_for_employees(console: Page, new_page: Callable[..., Page], edited: Server) -> None:
    console_part(console, "Crisis lines")
    console.get_by_role("textbox", name="Hours", exact=True).fill("all day, every day")
    console.get_by_role("textbox", name="Checked by").fill("coordinator")
    console.get_by_role("button", name="I have checked this line").click()
    expect(console.get_by_text("Confirmed. The words")).to_be_visible()

    employee = new_page()
    employee.goto(f"{edited.url}/crisis")

    samaritans = employee.locator("#GB .line").filter(has_text="Samaritans")
    expect(samaritans.get_by_text("confirmed by your organisation on")).to_be_visible()


def test_a_number_that_is_typed_differently_twice_is_not_saved(console: Page, knowledge: Path) -> None:
    before = load_crisis_lines(knowledge / "crisis_lines.yaml").for_country("GB")
    console_part(console, "Crisis lines")
    console.get_by_role("textbox", name="Number, exactly").fill("116 124")
    console.keyboard.press("Tab")
    console.get_by_role("textbox", name="The same number again").fill("116 142")
    console.get_by_role("button", name="Save", exact=True).click()

    expect(console.get_by_text("is not the same both times")).to_be_visible()
    expect(console.get_by_role("textbox", name="Number, exactly")).to_have_value("116 124")
    assert load_crisis_lines(knowledge / "crisis_lines.yaml").for_country("GB") == before


def test_what_closing_a_group_would_change_is_shown_and_nothing_is_saved(console: Page, knowledge: Path) -> None:
    console_part(console, "Groups")
    choose(console, "Is it open?", "closed: meets no more")
    console.get_by_role("button", name="Show what this would change").click()

    expect(console.get_by_text("1 replies get worse")).to_be_visible(timeout=60_000)
    expect(console.get_by_text("Groups: Running on Empty").first).to_be_visible()
    assert load_groups(knowledge / "groups.yaml")[0].status == "open"


def test_a_group_that_is_closed_is_offered_no_more(console: Page, new_page: Callable[..., Page], edited: Server, knowledge: Path) -> None:
    chat = past_notice(new_page(), edited)
    say(chat, WORN_OUT)
    expect(chat.get_by_text("Running on Empty")).to_be_visible()

    console_part(console, "Groups")
    choose(console, "Is it open?", "closed: meets no more")
    console.get_by_role("textbox", name="Who comes (a role or trade, one a line)").fill("night porters\ncooks")
    console.get_by_role("button", name="Save", exact=True).click()
    expect(console.get_by_text("Saved. The chat uses it from now on.")).to_be_visible()

    again = past_notice(new_page(), edited)
    say(again, WORN_OUT)
    expect(again.get_by_text("Running on Empty")).to_have_count(0)
    saved = load_groups(knowledge / "groups.yaml")[0]
    assert (saved.status, saved.roles) == ("closed", ("night porters", "cooks"))


def test_a_typing_mistake_in_a_form_is_named_and_nothing_is_lost(console: Page) -> None:
    console_part(console, "Groups")
    console.get_by_role("textbox", name="Time (24 hours").fill("25:99")
    console.keyboard.press("Tab")
    console.get_by_role("button", name="Save", exact=True).click()

    expect(console.get_by_text("must be a time from 00:00 to 23:59")).to_be_visible()
    expect(console.get_by_role("textbox", name="Time (24 hours")).to_have_value("25:99")


def test_what_was_typed_survives_a_look_at_another_part(console: Page) -> None:
    console_part(console, "Doors")
    console.get_by_role("textbox", name="How to reach them").fill("Ask at the blue desk on floor two.")
    console.keyboard.press("Tab")
    console_part(console, "Groups")
    expect(console.get_by_role("button", name="Add a group")).to_be_visible()
    console_part(console, "Doors")

    expect(console.get_by_role("textbox", name="How to reach them")).to_have_value("Ask at the blue desk on floor two.")


def test_a_question_can_be_tried_and_says_why_each_passage_came_up(console: Page) -> None:
    console_part(console, "Try it")
    console.get_by_role("textbox", name="A message").fill("boss keeps piling it on, ask dave")
    console.get_by_role("button", name="Try it", exact=True).last.click()

    expect(console.get_by_text("boss keeps piling it on, ask [Person A]")).to_be_visible()
    expect(console.get_by_text("Words in common").first).to_be_visible()
    expect(console.get_by_role("heading", name="The reply")).to_be_visible()


def test_a_peer_is_told_that_the_console_is_not_hers(new_page: Callable[..., Page], edited: Server) -> None:
    page = new_page(**DESK)
    sign_in_coordinator(page, edited, as_peer=True)

    expect(page.get_by_text("This page is for coordinators")).to_be_visible()
    page.get_by_role("button", name="Open the peer desk").click()
    expect(page.get_by_text("Signed in as Heron")).to_be_visible()
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()


def test_an_auditor_who_signs_in_at_the_desk_is_led_to_the_access_log(new_page: Callable[..., Page], edited: Server) -> None:
    page = new_page()
    people = open_people(load_settings(state_dir=edited.state_dir))
    people.staff.add_member(OPERATOR, NewMember("finch", COORDINATOR_PASSWORD, "Finch", frozenset({Role.AUDITOR})))
    people.close()
    page.goto(f"{edited.url}/peer")
    page.get_by_label("Name").fill("finch")
    page.get_by_role("textbox", name="Password").fill(COORDINATOR_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("This page is for peers")).to_be_visible()
    page.get_by_role("button", name="Open the access log").click()
    expect(page.get_by_text("The seal is whole")).to_be_visible()
    expect(page.locator(".facts").filter(has_text="Operator operator made an account for an auditor")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    page.get_by_text("Change my password").click()
    expect(page.get_by_label("Present password")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("For auditors")).to_be_visible()


def test_a_question_becomes_a_test_case_with_two_clicks_and_is_listed_under_quality(console: Page) -> None:
    console_part(console, "Try it")
    console.get_by_role("textbox", name="A message").fill("wide awake after nights, ask sarah whitfield")
    console.get_by_role("textbox", name="Earlier messages").fill("on nights since may")
    console.get_by_role("button", name="Try it", exact=True).last.click()
    expect(console.get_by_role("heading", name="The reply")).to_be_visible()

    console.get_by_role("button", name="Keep as a test case").click()
    choose(console, "What should every measurement look at?", "how it is met")
    console.get_by_role("button", name="Keep it", exact=True).click()
    expect(console.get_by_text("Kept. You have 1 cases")).to_be_visible()

    console.keyboard.press("Escape")
    console_part(console, "Quality")
    console.get_by_text("Your own cases (1)").click()
    expect(console.get_by_text("on nights since may ⏎ wide awake after nights, ask [Person A]")).to_be_visible()
    expect(console.get_by_text("Safety: ordinary message")).to_be_visible()
    expect(console.get_by_role("button", name="Measure everything")).to_be_enabled()
