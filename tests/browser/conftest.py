"""A true server in a process of its own, a peer's account in it, and Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from walks import PEER_NAME, PEER_PASSWORD, PEER_PSEUDONYM, Server, past_notice, sign_in

from companion.adapters.sql_handover import SqlHandoverStore
from companion.bootstrap import build
from companion.bootstrap_people import open_people
from companion.models_staff import OPERATOR, NewMember, Role
from companion.settings import ROOT, load_settings

CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
_START_WITHIN_S = 90.0
_TIRELESS = {"COMPANION_PEER_MAX_PER_DAY": "1000", "COMPANION_PEER_REST_MINUTES": "0", "COMPANION_PEER_SIGN_OFF_DAYS": "36500"}
"""One peer serves all tests of a run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a peer's account and an index that is already built."""
    folder = tmp_path_factory.mktemp("browser") / "state"
    settings = load_settings(state_dir=folder, peer_sign_off_days=36500)
    people = open_people(settings)
    people.staff.add_member(OPERATOR, NewMember(PEER_NAME, PEER_PASSWORD, PEER_PSEUDONYM, frozenset({Role.PEER}), date(2025, 3, 1)))
    people.close()
    build(settings).parts.ensure_index()
    return folder


_PROGRAM = ("-m", "companion.cli")


def start_process(port: int, environment: dict[str, str], entry: tuple[str, ...] = _PROGRAM) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers. entry: what python runs, a module or a script with its arguments."""
    process = subprocess.Popen([sys.executable, *entry, "serve", "--port", str(port)], cwd=ROOT, env=os.environ | environment)
    _wait_until_up(f"http://127.0.0.1:{port}")
    return process


@pytest.fixture
def serve() -> Callable[..., tuple[Server, subprocess.Popen[bytes]]]:
    """Start a process on a port of its choice, with its environment; whoever asks for it ends it."""

    def start(port: int | None = None, **environment: str) -> tuple[Server, subprocess.Popen[bytes]]:
        port = port or _free_port()
        process = start_process(port, {"COMPANION_COUNTRY": "GB"} | environment)
        return Server(f"http://127.0.0.1:{port}", Path(environment["COMPANION_STATE_DIR"])), process

    return start


@contextmanager
def _starting(state_dir: Path) -> Iterator[Callable[..., Server]]:
    """Start servers on free ports; keyword arguments become environment variables. All are stopped at the end.

    configure: called with the address before the server starts. entry: what python runs, a module or a script with its arguments.
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(configure: Callable[[str], None] = lambda _url: None, entry: tuple[str, ...] = _PROGRAM, **environment: str) -> Server:
        port = _free_port()
        configure(f"http://127.0.0.1:{port}")
        own = {"COMPANION_STATE_DIR": str(state_dir), "COMPANION_COUNTRY": "GB", "PYTHONPATH": str(ROOT)} | _TIRELESS | environment
        started.append(start_process(port, own, entry))
        return Server(f"http://127.0.0.1:{port}", Path(own["COMPANION_STATE_DIR"]))

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def start_server(state_dir: Path) -> Iterator[Callable[..., Server]]:
    """Start servers for the tests of one file, as `_starting` does; each takes half a gigabyte, and stops with its file."""
    with _starting(state_dir) as start:
        yield start


@pytest.fixture(scope="session")
def server(state_dir: Path) -> Iterator[Server]:
    """The server that most tests share."""
    with _starting(state_dir) as start:
        yield start()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page in a fresh browser context; keyword arguments go to the context. Phone-sized unless told otherwise."""
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 390, "height": 844}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    expect.set_options(timeout=30_000)
    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def _no_letter_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Erase every letter and talk when a test of the shared server has ended, so that the next test's peer takes the letter of that test."""
    yield
    if "state_dir" in request.fixturenames:
        people = open_people(load_settings(state_dir=request.getfixturevalue("state_dir")))
        store = SqlHandoverStore(people.database)
        store.erase([handover.id for handover in store.due(datetime.max.replace(tzinfo=UTC), 1000)])
        people.close()


@pytest.fixture
def chat(new_page: Callable[..., Page], server: Server) -> Page:
    """An employee's page after the notice."""
    return past_notice(new_page(), server)


@pytest.fixture
def peer(new_page: Callable[..., Page], server: Server) -> Page:
    """The peer's desk in a second browser, on duty."""
    return sign_in(new_page(viewport={"width": 1440, "height": 900}), server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str) -> None:
    give_up = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < give_up:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError("the server did not come up")
