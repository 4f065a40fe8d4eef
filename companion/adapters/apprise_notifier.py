"""Notices to staff: by Apprise (mail, Slack, Teams, SMS …), or to the log when no channel is configured."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companion.errors import KnowledgeError, NotifierFailed, SettingsError
from companion.logs import Told, kind_of
from companion.models_people import Audience

log = logging.getLogger(__name__)

SEND_LIMIT_S = 10.0
"""PROMISES, escalation: Apprise blocks, so it runs in a worker with this limit."""
_MAX_STUCK = 4
_FOR_COORDINATORS = frozenset({Audience.COORDINATORS, Audience.DANGER})
BREAK_AFTER_FAILURES = 5
BREAK_FOR_S = 60.0
"""PROMISES, escalation: a circuit breaker for each channel. Both chosen by us; a minute is shorter than the first reminder."""


class AppriseNotifier:
    """Send a notice to all channels of its audience; one that takes it is enough. The daily test goes to every channel there is."""

    def __init__(self, urls: str, texts: Mapping[str, str], *, coordinator_urls: str = "", limit_s: float = SEND_LIMIT_S) -> None:
        """Open no connection yet.

        texts: "on_duty", "on_duty_urgent" … → the words (`read_notices`). coordinator_urls: where coordinators hear of what no peer took and
        of a safety button; empty: at `urls`, as everybody does.

        Raises: SettingsError for a URL that Apprise does not know; it is not repeated, as it holds secrets.
        """
        self._channels = [_Channel(found) for found in _channels(urls, "COMPANION_NOTIFY_URLS")]
        self._of_coordinators = [_Channel(found) for found in _channels(coordinator_urls, "COMPANION_NOTIFY_COORDINATOR_URLS")]
        self._texts = texts
        self._limit_s = limit_s
        self._slots = threading.BoundedSemaphore(_MAX_STUCK)

    def send(self, audience: Audience, *, urgent: bool, idempotency_key: str) -> None:
        """Deliver one notice. Raises: NotifierFailed when no channel took it within 10 seconds."""
        text = notice_text(self._texts, audience, urgent=urgent)
        if not self._slots.acquire(blocking=False):
            raise NotifierFailed("earlier notices are still stuck in the channels.")
        taken = threading.Event()
        worker = threading.Thread(target=self._notify_all, args=(audience, text, taken), name="companion-notice", daemon=True)
        worker.start()
        worker.join(self._limit_s)
        if not taken.is_set():
            raise NotifierFailed(f"no channel took notice {idempotency_key} within {self._limit_s:.0f} s.")

    def _notify_all(self, audience: Audience, text: str, taken: threading.Event) -> None:
        try:
            for channel in self._worth_trying(audience):
                if channel.takes(text):
                    taken.set()
        finally:
            self._slots.release()

    def _worth_trying(self, audience: Audience) -> list[_Channel]:
        """Return an audience's channels that are not resting after failures; all of them when all are: a notice must always be tried."""
        channels = self._channels
        if audience is Audience.DRILL:
            channels = self._channels + self._of_coordinators
        elif audience in _FOR_COORDINATORS:
            channels = self._of_coordinators or self._channels
        return [channel for channel in channels if not channel.is_resting()] or channels


class _Channel:
    """Hold one channel with its circuit breaker: after five failures in a row it rests for a minute, so that it holds up no other."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self._failures = 0
        self._rests_until = 0.0

    def is_resting(self) -> bool:
        """Tell whether the channel failed five times in a row within the last minute."""
        return time.monotonic() < self._rests_until

    def takes(self, text: str) -> bool:
        """Send one notice; False when the channel did not take it."""
        if _is_taken(self._channel, text):
            self._failures = 0
            return True
        self._failures += 1
        if self._failures >= BREAK_AFTER_FAILURES:
            self._rests_until = time.monotonic() + BREAK_FOR_S
        return False


class LogNotifier:
    """Write that a notice was due; peers see the queue in the app."""

    def send(self, audience: Audience, *, urgent: bool, idempotency_key: str) -> None:
        """Log the notice, without content."""
        log.info("notice %s for %s, urgent: %s", Told(idempotency_key), audience, urgent)


def read_notices(path: Path) -> dict[str, str]:
    """Return the notices of `prompts/fixed/notice_to_peers.md` by section heading.

    Raises: KnowledgeError naming a missing file or section.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise KnowledgeError(f"{path.name}: cannot be read; restore it from the release.") from exc
    sections = re.split(r"^## +(\w+) *$", text, flags=re.MULTILINE)
    notices = {name: " ".join(words.split()) for name, words in zip(sections[1::2], sections[2::2], strict=True)}
    for audience in Audience:
        for name in (audience.value, f"{audience.value}_urgent"):
            if not notices.get(name):
                raise KnowledgeError(f"{path.name}: the section '## {name}' is missing or empty.")
    return notices


def notice_text(texts: Mapping[str, str], audience: Audience, *, urgent: bool) -> str:
    """Return the words of one notice."""
    return texts[f"{audience.value}_urgent" if urgent else audience.value]


def _is_taken(channel: Any, text: str) -> bool:
    try:
        return bool(channel.notify(title="Companion", body=text))
    except Exception as exc:  # noqa: BLE001  any plugin may raise anything; its message could hold the channel's secret
        log.warning("a notice channel failed: %s", kind_of(exc))
        return False


def _channels(urls: str, setting: str) -> list[Any]:
    import apprise

    asset = apprise.AppriseAsset(secure_logging=True, async_mode=False)
    channels = []
    found = re.split(r"[\s,]+(?=[a-zA-Z][a-zA-Z0-9+.-]*://)", urls.strip()) if urls.strip() else []
    for number, url in enumerate(found, start=1):
        channel = apprise.Apprise(asset=asset)
        if not channel.add(url):
            raise SettingsError(f"{setting}: Apprise does not know the form of address number {number}.")
        channels.append(channel)
    return channels
