"""A coordinator edits what Companion itself says: crisis words keep pointing at the lines, and the chat says the new words without a restart."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_console_catalogue import DESK, add_coordinator
from walks import Server, console_part, past_notice, say, sign_in_coordinator

from companion.settings import ROOT

NEW = "I am software through and through."
PLANTED = "banned:\n  - {id: no_bed, pattern: 'bed', why: a planted fault}\n"


@pytest.fixture(scope="module")
def edited(start_server: Callable[..., Server], state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server on a copy of the prompts with a state folder of its own, and a coordinator's account."""
    prompts = shutil.copytree(ROOT / "prompts", tmp_path_factory.mktemp("words") / "prompts")
    questions = tmp_path_factory.mktemp("words-questions")
    asked = {"id": "1", "split": "dev", "text": "off nights at 7 and wide awake by 11 every day", "relevant": ["night-shift-sleep-by-day"]}
    (questions / "retrieval.jsonl").write_text(json.dumps(asked), "utf-8")
    state = Path(shutil.copytree(state_dir, tmp_path_factory.mktemp("words-state") / "state", ignore=shutil.ignore_patterns("*.lock")))
    add_coordinator(state)
    return start_server(COMPANION_PROMPTS_DIR=str(prompts), COMPANION_STATE_DIR=str(state), COMPANION_PREVIEW_QUESTIONS_DIR=str(questions))


@pytest.fixture
def console(new_page: Callable[..., Page], edited: Server) -> Page:
    """The part "Words" in a desktop browser, signed in."""
    page = sign_in_coordinator(new_page(**DESK), edited)
    console_part(page, "Words")
    return page


def open_words(page: Page, title: str) -> None:
    page.get_by_role("button", name=title).click()
    expect(page.get_by_role("heading", name="What people read")).to_be_visible()


def change(page: Page, there: str, instead: str) -> None:
    whole = page.get_by_role("textbox", name="The whole file")
    expect(whole).to_have_value(re.compile(re.escape(there)))
    whole.fill(whole.input_value().replace(there, instead))
    whole.press("Control+Enter")


def test_crisis_words_that_lose_the_lines_cannot_be_published(console: Page) -> None:
    open_words(console, "Thoughts of ending one's life")
    expect(console.get_by_text("A clinician must read these words before use.")).to_be_visible()

    change(console, "lines", "pages")

    expect(console.get_by_text("The words no longer point at the crisis lines.")).to_be_visible()
    expect(console.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    expect(console.get_by_role("button", name="Retire")).to_have_count(0)


def test_new_words_are_said_without_a_restart(console: Page, new_page: Callable[..., Page], edited: Server) -> None:
    employee = past_notice(new_page(), edited)
    open_words(console, "Are you human?")
    change(console, "I am software, not a person.", f"I am software, not a person. {NEW}")

    console.get_by_role("button", name="Publish", exact=True).click()
    expect(console.get_by_text("Published: ")).to_be_visible(timeout=60_000)

    say(employee, "are you human?")
    expect(employee.locator(".turn").get_by_text(NEW)).to_be_visible()


def test_an_edit_that_nobody_compared_says_so_and_one_that_harms_replies_asks_for_a_tick(console: Page) -> None:
    open_words(console, "What a reply may not say")
    change(console, "banned:\n", PLANTED)
    publish = console.get_by_role("button", name="Publish", exact=True)
    expect(console.get_by_text("Not compared yet")).to_be_visible()
    expect(publish).to_be_enabled()

    console.get_by_role("button", name="Compare now").click()

    expect(console.get_by_text("1 replies get worse with this text")).to_be_visible(timeout=120_000)
    expect(publish).to_be_disabled()
    console.get_by_text("I have read the points to look at").click()
    expect(publish).to_be_enabled()


def test_an_edit_that_was_compared_and_harms_nothing_says_so(console: Page) -> None:
    open_words(console, "Thoughts of ending one's life")
    change(console, "It matters", "It counts")

    console.get_by_role("button", name="Compare now").click()

    expect(console.get_by_text("no reply gets worse")).to_be_visible(timeout=120_000)


def test_of_the_model_s_prompt_it_is_said_that_no_comparison_shows_its_effect(console: Page) -> None:
    open_words(console, "Prompt for a language model")
    change(console, "You write replies", "You write all replies")

    expect(console.get_by_text("Its effect shows only where the evals ask the model itself")).to_be_visible()
    expect(console.get_by_role("button", name="Compare now")).to_have_count(0)
