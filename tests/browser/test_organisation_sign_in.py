"""Staff sign in with their organisation (OpenID Connect); what they may do is decided here, not there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from oidc_provider import OidcProvider
from playwright.sync_api import Page, expect
from test_console_catalogue import DESK, add_coordinator
from walks import COORDINATOR_NAME, Server

from companion.bootstrap_people import People, open_people
from companion.models_staff import OPERATOR
from companion.settings import load_settings


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as running:
        yield running


@pytest.fixture(scope="module")
def own_state(state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("outside-state") / "state"
    shutil.copytree(state_dir, state, ignore=shutil.ignore_patterns("*.lock"))
    add_coordinator(state)
    return state


@pytest.fixture(scope="module")
def joined(
    start_server: Callable[..., Server], provider: OidcProvider, own_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server that trusts the provider; the client's secret stands in the home folder of the server's user."""
    home = tmp_path_factory.mktemp("home")
    secrets = home / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()

    def configure(url: str) -> None:
        secrets.write_text(provider.secrets_toml(url), "utf-8")

    return start_server(configure, HOME=str(home), COMPANION_STATE_DIR=str(own_state), COMPANION_OIDC_ISSUER=provider.issuer)


@pytest.fixture
def people(own_state: Path) -> Iterator[People]:
    opened = open_people(load_settings(state_dir=own_state))
    yield opened
    opened.close()


def sign_in_outside(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/coordinator")
    page.get_by_role("button", name="Sign in with your organisation").click()


def shown_code(page: Page) -> str:
    expect(page.get_by_text("no account here belongs to this sign-in yet")).to_be_visible()
    return page.get_by_test_id("stCode").inner_text().strip()


def coordinator_id(people: People) -> str:
    return next(member.id for member in people.staff.members(OPERATOR) if member.username == COORDINATOR_NAME)


def test_a_linked_account_opens_the_console_and_an_unlinked_one_is_out_at_the_next_click(
    new_page: Callable[..., Page], joined: Server, people: People
) -> None:
    page = new_page(**DESK)
    sign_in_outside(page, joined)
    people.staff.link_identity(OPERATOR, coordinator_id(people), shown_code(page))

    page.get_by_role("button", name="My coordinator has added me").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    expect(page).to_have_url(re.compile("/coordinator$"))

    expect(page.get_by_test_id("stButtonGroup").first.get_by_text("Doors", exact=True)).to_be_visible()  # drawn before the rights go

    people.staff.unlink_identities(OPERATOR, coordinator_id(people))
    page.get_by_test_id("stButtonGroup").first.get_by_text("Doors", exact=True).click()
    shown_code(page)


def test_somebody_the_organisation_knows_has_no_rights_here_without_an_account(
    new_page: Callable[..., Page], joined: Server, provider: OidcProvider
) -> None:
    provider.subject = "somebody-else"
    page = new_page(**DESK)

    sign_in_outside(page, joined)

    code = shown_code(page)
    assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", code)
    expect(page.get_by_text("Signed in as")).to_have_count(0)


def test_signing_out_ends_the_sign_in_of_the_organisation_too(
    new_page: Callable[..., Page], joined: Server, people: People, provider: OidcProvider
) -> None:
    provider.subject = "employee-0815"
    page = new_page(**DESK)
    sign_in_outside(page, joined)
    people.staff.link_identity(OPERATOR, coordinator_id(people), shown_code(page))
    page.get_by_role("button", name="My coordinator has added me").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"{joined.url}/")
    page.goto(f"{joined.url}/coordinator")

    expect(page.get_by_role("button", name="Sign in with your organisation")).to_be_visible()
