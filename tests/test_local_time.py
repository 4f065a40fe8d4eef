"""People read clock times in their own zone, never in the server's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from companion.errors import SettingsError
from companion.settings import ROOT, load_settings
from companion.ui.local_time import zone_for

MOMENT = datetime(2026, 7, 1, 12, 10, tzinfo=UTC)
PAGES = sorted((ROOT / "companion" / "ui").rglob("*.py"))


@pytest.mark.parametrize(
    ("browsers", "deployments", "hour", "is_readers"),
    [
        ("Asia/Kolkata", "Europe/London", "17:40", True),
        (None, "Europe/London", "13:10", False),
        (None, None, "12:10", False),
        # a browser that names what is no zone here is one that tells none
        ("Mars/Olympus", "Europe/Berlin", "14:10", False),
        ("../../etc/passwd", None, "12:10", False),
    ],
)
def test_the_browsers_zone_goes_before_the_deployments(browsers: str | None, deployments: str | None, hour: str, is_readers: bool) -> None:
    zone, is_own = zone_for(browsers, deployments)

    assert (f"{MOMENT.astimezone(zone):%H:%M}", is_own) == (hour, is_readers)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_writes_a_time_in_the_servers_zone(page: Path) -> None:
    assert ".astimezone()" not in page.read_text("utf-8")


@pytest.mark.parametrize("name", ["Europe/Londn", "London time", "/etc/localtime"])
def test_a_wrong_time_zone_stops_the_start_and_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=r"COMPANION_TIMEZONE.*Europe/London"):
        load_settings(timezone=name)


def test_an_empty_time_zone_is_one_left_out() -> None:
    assert load_settings(timezone="").timezone is None
