"""Clock times as the person reads them who looks at the page: in the zone of their browser, else in the deployment's."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from companion.ui.loading import app_loader

_ANYWHERE = "UTC"


def local(when: datetime) -> datetime:
    """Return the same moment in the reader's zone. when: timezone-aware."""
    return when.astimezone(_readers_zone()[0])


def clock_time(when: datetime) -> str:
    """Return "14:10" in the reader's zone; with the zone's name, "14:10 (Europe/London)", when it is not known to be theirs."""
    return with_zone(f"{local(when):%H:%M}")


def day_and_time(when: datetime) -> str:
    """Return "2026-11-26 14:10" in the reader's zone, with its name when it is not known to be theirs."""
    return with_zone(f"{local(when):%Y-%m-%d %H:%M}")


def with_zone(written: str) -> str:
    """Return a local time as written, with the zone's name when it is not known to be the reader's and could be misread."""
    zone, is_readers = _readers_zone()
    return written if is_readers else f"{written} ({zone.key})"


def own_zone() -> ZoneInfo | None:
    """Return the zone of the reader's browser, or None when it tells none that is known here."""
    zone, is_readers = _readers_zone()
    return zone if is_readers else None


def zone_for(browsers: str | None, deployments: str | None) -> tuple[ZoneInfo, bool]:
    """Return the zone to write times in, and whether it is the reader's own: of the browser, else of the deployment, else UTC."""
    if browsers:
        try:
            return ZoneInfo(browsers), True
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a browser may name a zone that this server's list does not have
            pass
    return ZoneInfo(deployments or _ANYWHERE), False


def _readers_zone() -> tuple[ZoneInfo, bool]:
    return zone_for(st.context.timezone, app_loader().settings.timezone)
