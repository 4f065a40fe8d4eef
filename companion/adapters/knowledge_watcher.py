"""Watch knowledge and prompts while the program serves, and use what was changed there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from watchfiles import DefaultFilter, watch

log = logging.getLogger(__name__)
_QUIET_MS = 150
"""How long nothing must change before the folder is read again, in milliseconds: an editor writes a file in several steps. Chosen by us."""


class KnowledgeWatcher:
    """Call `refresh` in a thread of its own whenever a file below the folders is written, added, renamed or removed."""

    def __init__(self, folders: tuple[Path, ...], refresh: Callable[[], object], *, is_polling: bool = False) -> None:
        """Watch folders. is_polling: look every third of a second instead of asking the system, for network drives that tell nothing."""
        self._folders = folders
        self._refresh = refresh
        self._is_polling = is_polling
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="companion-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop watching; takes effect within a second."""
        self._stop.set()

    def _follow(self) -> None:
        try:
            for _ in self._changes():
                self._refresh()
        except Exception as exc:  # noqa: BLE001 - a thread has no caller; without it a restart or the console still brings changes in
            log.error("the knowledge folder cannot be watched (%s); restart after edits, or set COMPANION_WATCH_POLLING=true", exc)

    def _changes(self) -> Iterator[object]:
        return watch(
            *(folder for folder in self._folders if folder.is_dir()),
            watch_filter=DefaultFilter(),
            step=_QUIET_MS,
            stop_event=self._stop,
            rust_timeout=1000,
            yield_on_timeout=False,
            force_polling=self._is_polling or None,
            raise_interrupt=False,
        )
