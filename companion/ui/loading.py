"""Build the program behind the first page, so that the notice and the crisis lines never wait for a model."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from companion.errors import CompanionError
from companion.settings import Settings, load_settings, silence_vendors

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.bootstrap_curation import Curation
    from companion.bootstrap_meetings import Meetings
    from companion.bootstrap_people import People
    from companion.bootstrap_training import Training

log = logging.getLogger(__name__)
_TRY_AGAIN_AFTER_S = 15.0
"""A mistake in a knowledge file may be put right while the server runs."""


@dataclass(frozen=True, slots=True)
class Served:
    """Hold what the pages call. people: None when the human side cannot be opened; the chat goes on without it (DESIGN 6). curation, meetings,
    training: as people.
    """

    app: App
    people: People | None
    curation: Curation | None = None
    meetings: Meetings | None = None
    training: Training | None = None


class AppLoader:
    """Build the program once, in a thread of its own, and hand it out."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._build: Callable[[Settings], Served] = _build
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._closed = threading.Event()
        self._is_started = False
        self._served: Served | None = None
        self._failure = "the program is still being built; try again in a moment."

    @property
    def settings(self) -> Settings:
        """Return the settings in use. Raises: SettingsError."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    def use(self, settings: Settings, build: Callable[[Settings], Served] | None = None) -> None:
        """Set what the program is built from, and by what (None: as before), before it is started."""
        self._settings = settings
        self._build = build or self._build

    def start(self) -> None:
        """Begin building unless it has begun."""
        with self._lock:
            if self._is_started:
                return
            self._is_started = True
        threading.Thread(target=self._run, name="companion-loader", daemon=True).start()

    def ready(self) -> Served | None:
        """Return the program when it is built, else None."""
        return self._served

    def wait(self, timeout_s: float) -> Served:
        """Return the program, waiting for it at most `timeout_s` seconds.

        Raises: CompanionError when it is not there by then or could not be built.
        """
        self.start()
        self._ended.wait(timeout_s)
        if self._served is None:
            raise CompanionError(self._failure)
        return self._served

    def close(self) -> None:
        """Stop trying, and stop the timers of the human side."""
        self._closed.set()
        if self._served is not None:
            self._served.app.stop_watching()
            if self._served.people is not None:
                self._served.people.close()

    def _run(self) -> None:
        while self._served is None and not self._closed.is_set():
            try:
                self._served = self._build(self.settings)
            except Exception as exc:  # noqa: BLE001 - a thread has no caller; the pages then say so and keep the crisis lines
                log.error("the program could not be built: %s", exc)
                self._failure = f"the program could not be built: {exc}"
                self._ended.set()
                self._closed.wait(_TRY_AGAIN_AFTER_S)
        self._ended.set()
        if self._served is not None:
            self._served.app.warm_up()
            self._watch(self._served)

    def _watch(self, served: Served) -> None:
        if self.settings.watch_knowledge and not self._closed.is_set():
            served.app.watch()


@cache
def app_loader() -> AppLoader:
    """Return the one loader of this process."""
    return AppLoader()


def _build(settings: Settings) -> Served:
    silence_vendors()
    from companion.bootstrap import build
    from companion.bootstrap_curation import open_curation
    from companion.bootstrap_meetings import open_meetings
    from companion.bootstrap_training import open_training

    app, people = build(settings), _open_people(settings)
    if people is None:
        return Served(app, None)
    return Served(app, people, open_curation(app, people), open_meetings(app, people), open_training(app, people))


def _open_people(settings: Settings) -> People | None:
    """Open the human side and start its timers; a broken setting there must not take the chat away."""
    from companion.bootstrap_people import open_people

    try:
        people = open_people(settings)
        people.sweeper.start()
    except CompanionError as exc:
        log.error("the human side could not be opened: %s", exc)
        return None
    return people
