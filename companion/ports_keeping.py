"""What keeping a chat under a return code needs from the outside world, as protocols. Every adapter passes tests/contracts."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from companion.models_keeping import KeptChat


class CodeBox(Protocol):
    """Derive keys from return codes, slowly on purpose, and seal words with them. Never keeps a code."""

    def place(self, code: str) -> str:
        """Return where the words of a code are stored: 64 hexadecimal digits that do not lead back to it."""
        ...

    def key(self, code: str, salt: bytes) -> bytes:
        """Return the 32 bytes that seal the words of a code. salt: 16 random bytes of this record."""
        ...

    def seal(self, key: bytes, text: str, place: str) -> bytes:
        """Return text sealed and bound to its place."""
        ...

    def open(self, key: bytes, sealed: bytes, place: str) -> str | None:
        """Return the text; None when the key does not fit or the bytes were altered."""
        ...


class KeptChatStore(Protocol):
    """Keep sealed chats. All methods raise StoreUnavailable when the database cannot be reached."""

    def add(self, kept: KeptChat) -> None:
        """Store a new one."""
        ...

    def find(self, place: str) -> KeptChat | None:
        """Return the one at a place, or None."""
        ...

    def replace(self, kept: KeptChat) -> bool:
        """Store new words at a place that is still there; False when it has been erased."""
        ...

    def erase(self, place: str) -> bool:
        """Delete one and overwrite the space where the database allows; False when there was none."""
        ...

    def forget_before(self, day: date) -> int:
        """Delete all that expired before a day, as `erase` does; return how many."""
        ...

    def count(self) -> int:
        """Return how many are kept."""
        ...
