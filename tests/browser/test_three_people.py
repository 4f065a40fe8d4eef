"""An employee on a phone, a peer and a coordinator, each in a browser of their own, on two processes that share one database.

On SQLite and on PostgreSQL: an account and its sign-off, an offer in turn, the talk with its ticks, a process that is killed in the middle,
passing on with consent, the close with its two taps, the debrief, and the load that the coordinator sees.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text
from walks import COORDINATOR_NAME, COORDINATOR_PASSWORD, Server, choose, go_on_duty, past_notice, sign_in_coordinator, write

from companion.bootstrap_people import open_people
from companion.models_staff import OPERATOR, NewMember, Role
from companion.settings import load_settings

OTHER_PEER, OTHER_PASSWORD = "tern", "yet another password"
NEW_PEER, NEW_PASSWORD, NEW_PSEUDONYM = "kite", "a brand new password", "Kite"


@dataclass
class Workplace:
    """Hold the two processes: one serves the employee, the other the staff."""

    front: Server
    back: Server
    front_process: subprocess.Popen[bytes]
    restart_front: Callable[[], None]


@pytest.fixture(params=["sqlite", "postgres"])
def two_processes(
    request: pytest.FixtureRequest, tmp_path: Path, state_dir: Path, serve: Callable[..., tuple[Server, subprocess.Popen[bytes]]]
) -> Iterator[Workplace]:
    """Two running processes on a database with a coordinator and one peer."""
    database: dict[str, str] = {}
    if request.param == "postgres":
        database = {"COMPANION_DATABASE_URL": _fresh_database(request.getfixturevalue("postgres_url"))}
    settings = load_settings(state_dir=tmp_path, database_url=database.get("COMPANION_DATABASE_URL"))
    people = open_people(settings)
    for name, password, shown, role in (
        (COORDINATOR_NAME, COORDINATOR_PASSWORD, "Wren", Role.COORDINATOR),
        (OTHER_PEER, OTHER_PASSWORD, "Tern", Role.PEER),
    ):
        people.staff.add_member(OPERATOR, NewMember(name, password, shown, frozenset({role}), date.today() if role is Role.PEER else None))
    people.close()
    shutil.copytree(state_dir / "index", tmp_path / "index")
    own = {"COMPANION_STATE_DIR": str(tmp_path), **database}
    front, front_process = serve(**own)
    back, back_process = serve(**own)
    workplace = Workplace(front, back, front_process, lambda: None)

    def restart() -> None:
        port = front.url.rsplit(":", 1)[1]
        _, workplace.front_process = serve(port=int(port), **own)

    workplace.restart_front = restart
    yield workplace
    for process in (workplace.front_process, back_process):
        process.terminate()
        process.wait(timeout=20)


def _fresh_database(url: str) -> str:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS companion_walk"))
        connection.execute(text("CREATE DATABASE companion_walk"))
    engine.dispose()
    return url.replace("/postgres?", "/companion_walk?")


def sign_in_as(page: Page, server: Server, name: str, password: str) -> Page:
    """Open the desk of a peer, on duty."""
    page.goto(f"{server.url}/peer")
    page.get_by_label("Name").fill(name)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    go_on_duty(page)
    return page


def add_peer(console: Page) -> None:
    """Make an account in the console and sign off its training."""
    console.get_by_test_id("stButtonGroup").first.get_by_text("Peers", exact=True).click()
    console.get_by_text("Add an account").first.click()
    console.get_by_label("Name to sign in with").fill(NEW_PEER)
    console.get_by_label("Name that employees see").fill(NEW_PSEUDONYM)
    console.get_by_label("First password").fill(NEW_PASSWORD)
    console.get_by_role("button", name="Add an account").click()
    expect(console.get_by_text("Kite can sign in now")).to_be_visible()
    choose(console, "Account", NEW_PSEUDONYM)
    sign_off = console.get_by_role("button", name="Sign off the training of Kite from today")
    expect(sign_off).to_be_disabled()
    console.get_by_text("Kite was trained elsewhere").click()
    sign_off.click()
    expect(console.get_by_text("Saved.")).to_be_visible()


def test_three_people_in_three_browsers_on_two_processes(two_processes: Workplace, new_page: Callable[..., Page]) -> None:
    wide = {"viewport": {"width": 1280, "height": 900}}
    console = sign_in_coordinator(new_page(**wide), two_processes.back)
    add_peer(console)
    first = sign_in_as(new_page(**wide), two_processes.back, NEW_PEER, NEW_PASSWORD)
    chat = past_notice(new_page(), two_processes.front)

    # a letter, an offer to the one peer at the desk, the talk
    chat.locator("#act-person").click()
    chat.get_by_text("Somebody who listens", exact=True).click()
    chat.get_by_label("Letter to the person").fill("Three nights in a row. I cannot switch off.")
    chat.get_by_role("button", name="Send this letter").click()
    expect(first.get_by_text("for you, until")).to_be_visible()
    expect(first.get_by_text("wants to be listened to")).to_be_visible()
    first.get_by_role("button", name="Take this request").click()
    expect(first.get_by_text("Three nights in a row.")).to_be_visible()
    expect(chat.get_by_role("heading", name="You are talking with Kite")).to_be_visible()
    write(first, "Write to your colleague", "Hello, I am here. What keeps you awake?")
    expect(chat.get_by_text("What keeps you awake?")).to_be_visible()
    write(chat, "Write to Kite", "The rota. It never ends.")
    expect(first.get_by_text("The rota. It never ends.")).to_be_visible()
    expect(chat.locator(".talk").get_by_text("read").last).to_be_visible()

    # the process of the employee is killed; nothing that was sent is lost, and the tab finds its place again
    two_processes.front_process.kill()
    two_processes.front_process.wait()
    write(first, "Write to your colleague", "Take your time, I stay.")
    two_processes.restart_front()
    chat.reload()
    expect(chat.get_by_role("heading", name="You are talking with Kite")).to_be_visible(timeout=60_000)
    expect(chat.get_by_text("The rota. It never ends.")).to_be_visible()
    expect(chat.get_by_text("Take your time, I stay.")).to_be_visible()

    # something from the library, cited, after the peer has read it over
    first.get_by_placeholder("Write to your colleague").fill("Here is something.")
    first.get_by_role("button", name="Library").click()
    first.get_by_label("What about?").fill("cannot sleep after night shifts")
    first.get_by_label("What about?").press("Enter")
    sentences = first.get_by_test_id("stExpander").filter(has=first.get_by_role("checkbox")).first
    boxes = sentences.get_by_test_id("stCheckbox")
    picked = [boxes.nth(number).inner_text() for number in (0, 1)]
    for number in (0, 1):
        boxes.nth(number).locator("label").click()
        expect(boxes.nth(number).get_by_role("checkbox")).to_be_checked()
    expect(boxes.nth(2).get_by_role("checkbox")).to_be_disabled()
    sentences.get_by_role("button", name="Put into the box").click()
    expect(first.get_by_label("What about?")).to_be_hidden()
    box = first.get_by_placeholder("Write to your colleague")
    expect(box).to_have_value(re.compile('^Here is something.\n\nFrom the library, ".+": '))
    assert [sentence in box.input_value() for sentence in picked] == [True, True]
    assert len(box.input_value()) < sum(map(len, picked)) + 150  # no more than these, and the title
    first.keyboard.press("Enter")
    expect(chat.get_by_text("From the library").first).to_be_visible()

    # passed on, and only with consent
    second = sign_in_as(new_page(**wide), two_processes.back, OTHER_PEER, OTHER_PASSWORD)
    first.get_by_role("button", name="Pass on").click()
    first.get_by_role("button", name="To another peer").click()
    expect(chat.get_by_text("Nothing happens without your yes")).to_be_visible()
    expect(first.get_by_text("When a life may be in danger")).to_be_hidden()  # asking opened nothing else
    chat.get_by_role("button", name="Yes, pass it on").click()
    second.get_by_role("button", name="Take this request").click()
    expect(chat.get_by_role("heading", name="You are talking with Tern")).to_be_visible()
    write(second, "Write to your colleague", "I have read what you two wrote.")
    expect(chat.get_by_text("I have read what you two wrote.")).to_be_visible()

    # the end: two taps for one, two for the other
    second.get_by_role("button", name="Close this talk").click()
    second.get_by_role("button", name="Yes, close").click()
    expect(chat.get_by_text("Was it of use to talk?")).to_be_visible()
    chat.get_by_role("button", name="Yes", exact=True).click()
    expect(chat.get_by_text("Did you feel listened to?")).to_be_visible()
    chat.get_by_role("button", name="Yes", exact=True).click()
    expect(chat.get_by_text("Only the count is kept")).to_be_visible()
    second.get_by_text("I would like to talk about it with a coordinator").click()
    second.get_by_role("button", name="It was heavy").click()
    expect(second.get_by_text("You rest for now")).to_be_visible()

    # what the coordinator sees of it: load, and not a word
    expect(console.get_by_text("would like a debrief")).to_be_visible()
    assert "rota" not in console.content()
    assert "Three nights" not in console.content()
