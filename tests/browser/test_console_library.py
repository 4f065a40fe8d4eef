"""A coordinator edits an article in the console, sees what it would change, publishes; the chat quotes the new words without a restart."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_console_catalogue import DESK, add_coordinator
from walks import Server, console_part, past_notice, say, sign_in_coordinator

from companion.settings import ROOT

TITLE = "On nights and cannot sleep by day"
FILE = "articles/shift_work/night-shift-sleep-by-day.md"
ASKED = "off nights at 7 and wide awake by 11 every day"
NEW = "- Put a sign with the words day sleeper on the door when you come off nights and are wide awake by 11 every day."


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the knowledge folder that tests may edit."""
    return Path(shutil.copytree(ROOT / "knowledge", tmp_path_factory.mktemp("library") / "knowledge"))


@pytest.fixture(scope="module")
def edited(start_server: Callable[..., Server], state_dir: Path, knowledge: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server on the copy with a state folder of its own, and a coordinator's account."""
    state = Path(shutil.copytree(state_dir, tmp_path_factory.mktemp("library-state") / "state", ignore=shutil.ignore_patterns("*.lock")))
    add_coordinator(state)
    return start_server(COMPANION_KNOWLEDGE_DIR=str(knowledge), COMPANION_STATE_DIR=str(state))


@pytest.fixture
def console(new_page: Callable[..., Page], edited: Server) -> Page:
    """The library in a desktop browser, signed in."""
    page = sign_in_coordinator(new_page(**DESK), edited)
    console_part(page, "Library")
    return page


def open_article(page: Page, title: str = TITLE) -> None:
    page.get_by_role("textbox", name="Search title or file").fill(title)
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"^1 of \d+ files$"))).to_be_visible()
    page.get_by_role("button", name=re.compile(f"^{title}")).click()
    expect(page.get_by_role("heading", name="What people read")).to_be_visible()


def add_line(page: Page, line: str) -> None:
    body = page.get_by_role("textbox", name="The text")
    expect(body).to_have_value(re.compile("## What helps right now"))
    body.fill(body.input_value().replace("## What helps right now\n", f"## What helps right now\n{line}\n", 1))
    body.press("Control+Enter")
    expect(page.get_by_test_id("stMarkdown").filter(has_text=line.removeprefix("- ")).first).to_be_visible()


def wait_until_indexed(server: Server, words: str) -> None:
    """Wait until words stand in the index in use, and then until the server has looked for a new one, which it does each second."""
    index, give_up = server.state_dir / "index", time.monotonic() + 60
    while words not in (index / (index / "CURRENT").read_text("utf-8") / "articles.jsonl").read_text("utf-8"):
        assert time.monotonic() < give_up, "the edit did not reach the index"
        time.sleep(0.2)
    time.sleep(1.5)


def choose_view(page: Page, name: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()


def test_an_edit_is_previewed_published_and_quoted_without_a_restart(console: Page, new_page: Callable[..., Page], edited: Server) -> None:
    employee = past_notice(new_page(), edited)
    open_article(console)
    add_line(console, NEW)

    choose_view(console, "What this would change")
    console.get_by_role("button", name="Show what this would change").click()
    expect(console.get_by_text("questions asked,")).to_be_visible(timeout=120_000)

    choose_view(console, "Edit")
    console.get_by_role("button", name="Publish", exact=True).click()
    expect(console.get_by_text("Published: ")).to_be_visible(timeout=60_000)

    say(employee, ASKED)
    expect(employee.locator(".turn").get_by_text("Put a sign with the words day sleeper on the door")).to_be_visible()

    choose_view(console, "History")
    expect(console.get_by_text("Wren: published").first).to_be_visible()
    expect(console.locator("ins").filter(has_text="day sleeper").first).to_be_visible()


def test_beside_the_button_stands_what_was_published_and_it_can_be_undone(console: Page, knowledge: Path) -> None:
    title, file = "Saying no when more keeps getting piled on", knowledge / "articles/workload/workload-saying-no.md"
    before = file.read_text("utf-8")
    open_article(console, title)
    add_line(console, "- Hang the list of what nobody will do this week beside the kettle.")
    console.get_by_role("button", name="Publish", exact=True).click()

    said = console.locator(".st-key-document_outcome")
    expect(said).to_contain_text(f"Published: {title}.", timeout=60_000)
    expect(said).to_contain_text("It is searchable now")
    expect(said).to_be_in_viewport()
    assert "beside the kettle" in file.read_text("utf-8")

    said.get_by_role("button", name="Undo this").click()
    expect(said).to_contain_text(f"Undone. {title} stands as it was before.", timeout=60_000)
    expect(console.get_by_role("textbox", name="The text")).not_to_have_value(re.compile("beside the kettle"))
    assert file.read_text("utf-8") == before

    add_line(console, "- Something that is not published.")
    expect(said).to_be_hidden()


def test_a_phone_number_is_found_while_typing_and_cannot_be_published(console: Page, knowledge: Path) -> None:
    title = "Lying awake with a racing mind"
    open_article(console, title)
    add_line(console, "- Ring 0800 111 222 when you lie awake.")

    expect(console.get_by_text("a phone number stands in an article").first).to_be_visible()
    expect(console.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    assert "0800 111 222" not in (knowledge / "articles/sleep/sleep-racing-mind-at-night.md").read_text("utf-8")


def test_two_people_who_edit_the_same_article_get_a_conflict_and_lose_nothing(
    console: Page, new_page: Callable[..., Page], edited: Server, knowledge: Path
) -> None:
    other = sign_in_coordinator(new_page(**DESK), edited)
    console_part(other, "Library")
    title = "Messages out of hours and life on call"
    open_article(console, title)
    open_article(other, title)
    add_line(console, "- Mute the team chat at the end of an on-call week, and tell the team so.")
    add_line(other, "- Swap an on-call night with a colleague before the week begins.")

    console.get_by_role("button", name="Publish", exact=True).click()
    expect(console.get_by_text("Published: ")).to_be_visible(timeout=60_000)
    other.get_by_role("button", name="Publish", exact=True).click()

    expect(other.get_by_text("Somebody else has changed this file since you opened it")).to_be_visible()
    expect(other.locator("ins").filter(has_text="Swap an on-call night").first).to_be_visible()
    assert "Mute the team chat" in (knowledge / "articles/boundaries/messages-and-on-call.md").read_text("utf-8")


def test_a_file_edited_in_the_folder_is_quoted_without_a_restart(new_page: Callable[..., Page], edited: Server, knowledge: Path) -> None:
    employee = past_notice(new_page(), edited)
    say(employee, "hello")
    file = knowledge / "articles/money_worry/money-worry-before-payday.md"
    text = file.read_text("utf-8")
    line = "- Ask the canteen for the leftover lunch list when you are skint four days before payday."
    file.write_text(text.replace("## What helps right now\n", f"## What helps right now\n{line}\n", 1), "utf-8")
    wait_until_indexed(edited, "leftover lunch list")  # what is tested is that no restart is needed

    say(employee, "skint four days before payday")

    expect(employee.locator(".turn").get_by_text("Ask the canteen for the leftover lunch list")).to_be_visible()


def test_an_uploaded_page_becomes_the_text_of_a_new_article(console: Page) -> None:
    console.get_by_role("button", name="New article").click()
    console.get_by_text("Bring in a file").click()
    page = {
        "name": "leaflet.html",
        "mimeType": "text/html",
        "buffer": b"<h2>What helps right now</h2><ul><li>Lie down before the shift.</li></ul>",
    }
    console.locator("input[type=file]").set_input_files(page)
    expect(console.get_by_text("Read: ")).to_be_visible()
    console.get_by_role("textbox", name="Short name of the file").fill("a-new-leaflet")
    console.keyboard.press("Tab")
    console.get_by_role("button", name="Begin", exact=True).click()

    expect(console.get_by_role("textbox", name="The text")).to_have_value(re.compile("Lie down before the shift"))
