"""Promise P4 in the browser: the way through a crisis on a phone, whole with each part broken in turn and with all of them (issue 5)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from broken_server import PARTS
from playwright.sync_api import Page, expect
from walks import Server, past_notice, say

from companion.settings import ROOT

CRISIS = "i have been thinking about ending my life"
NOBODY_LISTENS = "http://127.0.0.1:9/v1"
FAULTS = [[], *([part] for part in PARTS), list(PARTS)]


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that names the parts which are broken now."""
    file = tmp_path_factory.mktemp("faults") / "faults"
    file.write_text("", "utf-8")
    return file


@pytest.fixture(scope="module")
def breakable(start_server: Callable[..., Server], state_dir: Path, faults: Path) -> Server:
    """A server whose parts break when the file says so, with a model endpoint that never answers."""
    state = faults.parent / "state"
    shutil.copytree(state_dir, state)
    entry = (str(Path(__file__).parent / "broken_server.py"), str(faults))
    return start_server(entry=entry, COMPANION_STATE_DIR=str(state), OPENAI_BASE_URL=NOBODY_LISTENS, OPENAI_API_KEY="none")


def fixed_paragraphs(name: str) -> list[str]:
    """Return the words of a fixed text as people see them, read without the program's own reader."""
    text = (ROOT / "prompts" / "fixed" / f"{name}.md").read_bytes().decode().split("---\n", 2)[2].strip()
    return text.replace("**", "").split("\n\n")


def numbers_on_disk(code: str) -> list[str]:
    """Return the emergency number and the lines of a country as links, read without the program's own reader."""
    countries = yaml.safe_load((ROOT / "knowledge" / "crisis_lines.yaml").read_text("utf-8"))["countries"]
    (country,) = [each for each in countries if each["code"] == code]
    numbers = [f"tel:{country['emergency']}"]
    for line in country["lines"]:
        numbers.append(line["tel_uri"])
        if line["tel_uri"].startswith("tel:") and "text" in line:
            numbers.append(f"sms:{line['text'].split()[-1]}")
    return numbers


def links_of(lines: list[str]) -> list[str]:
    """Return links to lines without the words that a text message begins with."""
    return [link.split("?")[0] for link in lines]


def shown_links(page: Page, where: str) -> list[str]:
    """Return the addresses of all numbers that can be tapped."""
    return [str(link) for link in page.locator(f"{where} a.line-call").evaluate_all("all => all.map(a => a.getAttribute('href'))")]


def photograph(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to look, when COMPANION_TEST_PICTURES names a folder."""
    folder = os.environ.get("COMPANION_TEST_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize("broken", FAULTS, ids=lambda broken: "+".join(broken) or "model")
def test_the_way_through_a_crisis_is_whole_whatever_is_broken(
    broken: list[str], new_page: Callable[..., Page], breakable: Server, faults: Path
) -> None:
    name = "+".join(broken) or "model"
    faults.write_text("\n".join(broken), "utf-8")
    page = past_notice(new_page(), breakable)

    say(page, CRISIS)
    turn = page.locator(".turn").last
    photograph(page, f"{name}-1-said")

    assert turn.locator(".said").all_inner_texts() == fixed_paragraphs("crisis_risk")
    assert links_of(shown_links(page, ".turn .crisis")) == numbers_on_disk("GB")
    expect(turn.get_by_role("link", name="Text SHOUT to 85258")).to_have_attribute("href", "sms:85258?body=SHOUT")
    expect(turn.locator('a[href="tel:116123"]')).to_be_in_viewport()
    expect(turn.get_by_role("link", name="findahelpline.com")).to_be_visible()
    expect(turn.get_by_role("group", name="Is someone with you?")).to_be_visible()

    turn.get_by_role("combobox").select_option("US")
    expect(turn.locator('a[href="tel:988"]')).to_be_visible()
    assert links_of(shown_links(page, ".turn .crisis")) == numbers_on_disk("US")
    turn.get_by_role("combobox").select_option("I am somewhere else")
    expect(turn.locator(".line-call")).to_have_count(0)
    turn.get_by_role("combobox").select_option("GB")
    expect(turn.locator('a[href="tel:116123"]')).to_be_visible()

    turn.get_by_role("button", name="Talk to a person now").click()
    expect(page.get_by_role("checkbox", name="It is urgent")).to_be_checked()
    expect(page.locator('.crisis-short a[href="tel:116123"]')).to_be_in_viewport()
    photograph(page, f"{name}-2-person")
    can_send = "database" not in broken
    expect(page.get_by_role("button", name="Send this letter")).to_be_enabled(enabled=can_send)
    if can_send:
        page.get_by_role("button", name="Send this letter").click()
        expect(page.get_by_text("Waiting for a person")).to_be_visible()
        expect(page.locator('.st-key-waiting a[href="tel:116123"]')).to_be_visible()
        photograph(page, f"{name}-3-waiting")
    else:
        page.get_by_role("button", name="Back to the conversation").click()

    say(page, "i am alone")
    photograph(page, f"{name}-4-on")
    expect(page.locator(".turn").last.locator('a[href="tel:116123"]')).to_be_visible()
    expect(page.get_by_placeholder("Write here")).to_be_enabled()


def test_the_static_page_needs_neither_javascript_nor_any_part(new_page: Callable[..., Page], breakable: Server, faults: Path) -> None:
    faults.write_text("\n".join(PARTS), "utf-8")
    page = new_page(java_script_enabled=False)

    page.goto(breakable.url)
    page.get_by_role("link", name="Open the crisis lines").click()

    photograph(page, "static")
    assert links_of(shown_links(page, "details[open]")) == numbers_on_disk("GB")
    page.locator("summary", has_text="United States").click()
    expect(page.get_by_role("link", name="Call 988")).to_be_visible()
    expect(page.get_by_role("link", name="findahelpline.com")).to_be_visible()
