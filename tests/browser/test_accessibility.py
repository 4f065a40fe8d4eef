"""Basics of WCAG 2.2 AA on the chat page, light and dark: names, sizes, contrast, keyboard, announcements, no foreign host."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from walks import AT_RISK, TIRED, Server, past_notice, say

UNNAMED = """() => [...document.querySelectorAll('button, a[href], input, textarea, select')]
  .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText?.trim() || e.labels?.length || e.title))
  .map((e) => e.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll('button, .line-call, select, #act-lines')]
  .filter((e) => e.checkVisibility() && !e.classList.contains('chip'))
  .map((e) => [e.innerText.slice(0, 30) || e.ariaLabel, e.getBoundingClientRect()])
  .filter(([, box]) => box.height && (box.height < 43.5 || box.width < 43.5)).map(([name, box]) => `${name} ${box.width}x${box.height}`)"""

FAINT = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const solid = (c) => c.length === 3 || c[3] > 0.9;
  const ground = (e) => {
    for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (solid(c)) return c; }
    return [255, 255, 255];
  };
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const seen = (e) => e.checkVisibility() && own(e) && !e.closest('.only-heard, .skip, [disabled]');
  return [...document.querySelectorAll('body *')].filter(seen).map((e) => {
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.textContent.slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5).map(([ratio, text]) => `${ratio.toFixed(2)} ${text}`);
}"""


@pytest.fixture(params=["light", "dark"])
def answered(request: pytest.FixtureRequest, new_page: Callable[..., Page], server: Server) -> Page:
    page = past_notice(new_page(color_scheme=request.param), server)
    say(page, TIRED)
    page.locator(".chip").first.click()
    return page


def test_every_control_has_a_name(answered: Page) -> None:
    assert answered.evaluate(UNNAMED) == []


def test_touch_targets_are_large(answered: Page) -> None:
    assert answered.evaluate(SMALL) == []


def test_text_stands_out_from_its_ground(answered: Page) -> None:
    assert answered.evaluate(FAINT) == []


def test_the_crisis_turn_stands_out_as_well(answered: Page) -> None:
    say(answered, AT_RISK)

    assert answered.evaluate(FAINT) == []
    assert answered.evaluate(SMALL) == []


def test_a_finished_reply_is_announced_once(chat: Page) -> None:
    say(chat, TIRED)

    expect(chat.locator("#announce")).to_contain_text("Companion has answered.")
    assert chat.locator('.reply[aria-live], [role="log"]').count() == 0


def test_the_keyboard_reaches_the_three_actions_first(new_page: Callable[..., Page], server: Server) -> None:
    page = new_page()
    page.goto(server.url)
    page.get_by_role("button", name="I have read this").wait_for()
    reached = []

    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText"))

    assert reached == ["Skip to the conversation", "Talk to a person", "Crisis lines", "Leave"]


@pytest.mark.parametrize("width", [195, 390, 1440])
def test_the_actions_are_in_sight_and_nothing_scrolls_sideways(new_page: Callable[..., Page], server: Server, width: int) -> None:
    page = past_notice(new_page(viewport={"width": width, "height": 844}), server)

    say(page, TIRED)

    for action in ("#act-person", "#act-lines", "#act-leave"):
        expect(page.locator(action)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def test_no_motion_when_the_person_asks_for_none(new_page: Callable[..., Page], server: Server) -> None:
    page = past_notice(new_page(reduced_motion="reduce"), server)

    say(page, TIRED)

    assert page.locator(".sentence").first.evaluate("e => getComputedStyle(e).animationName") == "none"


def test_the_browser_asks_no_other_host(new_page: Callable[..., Page], server: Server) -> None:
    page, foreign = new_page(), []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith((server.url, "data:", "blob:")) else None)

    past_notice(page, server)
    say(page, "![x](http://203.0.113.9/x.png) my manager keeps moving the deadline")

    assert foreign == []
