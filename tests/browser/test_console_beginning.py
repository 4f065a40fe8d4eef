"""Right after a start of the server the pages of staff say what is happening; nothing is left blank while something is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_console_catalogue import DESK, add_coordinator
from walks import COORDINATOR_NAME, COORDINATOR_PASSWORD, Server

SLOW = (str(Path(__file__).with_name("slow_server.py")),)


@pytest.fixture
def slow(start_server: Callable[..., Server], state_dir: Path, tmp_path: Path) -> Server:
    """A server just started on which everything takes long, with a coordinator's account."""
    state = Path(shutil.copytree(state_dir, tmp_path / "state", ignore=shutil.ignore_patterns("*.lock")))
    add_coordinator(state)
    return start_server(entry=SLOW, COMPANION_STATE_DIR=str(state))


def test_words_say_what_is_read_before_the_sign_in_and_after_it(new_page: Callable[..., Page], slow: Server) -> None:
    page = new_page(**DESK)

    page.goto(f"{slow.url}/coordinator")
    expect(page.get_by_text("The library is being opened")).to_be_visible()

    page.get_by_label("Name").fill(COORDINATOR_NAME)
    page.get_by_role("textbox", name="Password").fill(COORDINATOR_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("The library is being read")).to_be_visible(timeout=2_000)
    expect(page.get_by_text("The library is being opened")).to_be_hidden()

    expect(page.get_by_role("textbox", name="Search title or file")).to_be_visible()
    expect(page.get_by_text("The library is being read")).to_be_hidden()
