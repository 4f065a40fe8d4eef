"""A coordinator says who leads a group; the facilitator notes how many came, and finds agendas and guides."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_console_catalogue import DESK, add_coordinator
from walks import COORDINATOR_PASSWORD, Server, choose, console_part, sign_in_coordinator

from companion.adapters.sql_facilitation import SqlFacilitationStore
from companion.bootstrap_people import open_people
from companion.library.catalogue import load_groups
from companion.models_meetings import HeldMeeting
from companion.models_staff import OPERATOR, NewMember, Role
from companion.settings import ROOT, load_settings

GROUP, QUIET_GROUP = "After a Hard Call", "After the Night Shift"


def group_key(name: str) -> str:
    return next(group.key for group in load_groups(ROOT / "knowledge" / "groups.yaml") if group.name == name)


@pytest.fixture(scope="module")
def staffed(start_server: Callable[..., Server], state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with accounts of a coordinator and a facilitator."""
    state = Path(shutil.copytree(state_dir, tmp_path_factory.mktemp("leading") / "state", ignore=shutil.ignore_patterns("*.lock")))
    add_coordinator(state)
    people = open_people(load_settings(state_dir=state))
    people.staff.add_member(OPERATOR, NewMember("lark", COORDINATOR_PASSWORD, "Lark", frozenset({Role.FACILITATOR})))
    store, today = SqlFacilitationStore(people.database), date.today()
    for days_ago in (7, 14):
        store.note_meeting(group_key(QUIET_GROUP), HeldMeeting(today - timedelta(days=days_ago), 1))
    people.close()
    return start_server(COMPANION_STATE_DIR=str(state))


def sign_in_facilitator(page: Page, server: Server) -> Page:
    page.goto(f"{server.url}/facilitator")
    page.get_by_label("Name").fill("lark")
    page.get_by_role("textbox", name="Password").fill(COORDINATOR_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as Lark")).to_be_visible()
    return page


def test_from_being_asked_to_lead_to_a_meeting_noted(new_page: Callable[..., Page], staffed: Server) -> None:
    console = sign_in_coordinator(new_page(**DESK), staffed)
    console_part(console, "Groups")
    expect(console.get_by_role("button", name=f"{QUIET_GROUP}: open, 9 of 14, en. Gone quiet: few come.")).to_be_visible()
    expect(console.get_by_role("button", name="Gone quiet")).to_have_count(1)
    console_part(console, "Leading")
    expect(console.get_by_text(f"{QUIET_GROUP} · Nobody leads it yet · gone quiet, few come")).to_be_visible()
    expect(console.get_by_text("fewer than three came, twice in a row")).to_be_visible()
    expect(console.get_by_text("Ask two who used to come, each alone")).to_be_visible()
    console.get_by_text(f"{QUIET_GROUP} · Nobody leads it yet").click()  # folded up again
    expect(console.get_by_text("Ask two who used to come, each alone")).to_be_hidden()
    console.get_by_text(f"{GROUP} · Nobody leads it yet").click()
    part = console.locator("details", has=console.get_by_text(f"{GROUP} · Nobody leads it yet"))
    choose(console, "Choose who leads it", "Lark", part)
    part.get_by_role("button", name="Let them lead it").click()
    expect(console.get_by_text(f"{GROUP} · Lark")).to_be_visible()

    phone = sign_in_facilitator(new_page(), staffed)
    expect(phone.get_by_role("heading", name=GROUP)).to_be_visible()
    phone.get_by_role("spinbutton", name="How many came").fill("5")
    phone.get_by_role("button", name="Note this meeting").click()
    expect(phone.get_by_text("5 came")).to_be_visible()

    phone.get_by_role("tab", name="Discussion guides").click()
    phone.get_by_text("After something bad happened at work").click()
    expect(phone.get_by_text("Content note: About death, injury or an attack")).to_be_visible()
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    phone.get_by_role("tab", name="Agendas").click()
    expect(phone.get_by_text("Problem clinic · 60 minutes")).to_be_visible()
