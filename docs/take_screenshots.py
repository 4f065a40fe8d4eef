"""Take the screenshots of the README from a running Companion: `python docs/take_screenshots.py http://localhost:8501`.

Writes PNG files to `docs/screenshots/`, 390 and 1440 px wide, light and dark.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZES = {"390": (390, 844), "1440": (1440, 900)}
TIRED = "i have 3 shifts in a row and my charge nurse sarah whitfield keeps adding more, can't switch off"
AT_RISK = "everyone would be better off without me"


def main(url: str) -> None:
    """Walk through the pages once per size and colour scheme."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        for size in SIZES:
            for scheme in ("light", "dark"):
                walk(chromium, url, size, scheme)
        chromium.close()


def walk(chromium: Browser, url: str, size: str, scheme: str) -> None:
    """Photograph notice, chat, citation, crisis turn, lines, letter and what is held."""
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(url)
    page.get_by_role("button", name="I have read this").wait_for()
    shoot(page, f"notice-{size}-{scheme}")
    page.get_by_role("button", name="I have read this").click()
    say(page, TIRED)
    shoot(page, f"chat-{size}-{scheme}")
    if page.locator(".chip").count():
        page.locator(".chip").first.click()
        shoot(page, f"citation-{size}-{scheme}")
    say(page, AT_RISK)
    shoot(page, f"crisis-{size}-{scheme}")
    page.locator("#act-lines").click()
    shoot(page, f"lines-{size}-{scheme}")
    page.keyboard.press("Escape")
    page.locator("#act-person").click()
    page.get_by_label("Letter to the person").wait_for()
    shoot(page, f"person-{size}-{scheme}")
    page.get_by_role("button", name="Back to the conversation").click()
    page.get_by_role("button", name="What this server holds about you now").click()
    page.locator(".facts").wait_for()
    shoot(page, f"held-{size}-{scheme}")
    page.close()


def say(page: Page, text: str) -> None:
    """Send a message and wait for the whole reply."""
    answered = page.locator('.turn[data-state="done"]').count()
    page.get_by_placeholder("Write here").fill(text)
    page.keyboard.press("Enter")
    page.locator('.turn[data-state="done"]').nth(answered).wait_for(timeout=90_000)


def shoot(page: Page, name: str) -> None:
    """Save what is in sight."""
    page.wait_for_timeout(700)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501")
