"""What left this server for one message: every request body, byte for byte, and the host it went to.

Kept in the memory of the page only, so that a person can see it; never logged, never stored.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """Hold one request as it went out. host: without scheme, port or path. body: exactly the bytes that were sent."""

    host: str
    body: bytes = field(repr=False)


class SentLedger:
    """Collect what leaves for one message. Safe to share between the threads of a turn."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._entries: list[Sent] = []

    def note(self, sent: Sent) -> None:
        """Add a request; called before its first byte goes out, so that the ledger never says too little."""
        with self._lock:
            self._entries.append(sent)

    def withdraw(self, sent: Sent) -> None:
        """Take a request back because no connection came about, so that nothing of it left."""
        with self._lock:
            self._entries = [entry for entry in self._entries if entry is not sent]

    @property
    def entries(self) -> tuple[Sent, ...]:
        """Return what has left so far, oldest first."""
        with self._lock:
            return tuple(self._entries)
