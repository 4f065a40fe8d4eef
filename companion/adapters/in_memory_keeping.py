"""Kept chats in memory, and quick codes: for tests. They pass the same contracts as the database."""

from __future__ import annotations

from datetime import date

from companion.models_keeping import KeptChat


class MemoryKeptChatStore:
    """Keep sealed chats in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[str, KeptChat] = {}

    def add(self, kept: KeptChat) -> None:
        """Store a new one."""
        self._kept[kept.place] = kept

    def find(self, place: str) -> KeptChat | None:
        """Return the one at a place, or None."""
        return self._kept.get(place)

    def replace(self, kept: KeptChat) -> bool:
        """Store new words at a place that is still there; False when it has been erased."""
        is_there = kept.place in self._kept
        if is_there:
            self._kept[kept.place] = kept
        return is_there

    def erase(self, place: str) -> bool:
        """Delete one; False when there was none."""
        return self._kept.pop(place, None) is not None

    def forget_before(self, day: date) -> int:
        """Delete all that expired before a day; return how many."""
        gone = [place for place, kept in self._kept.items() if kept.expires_on < day]
        return sum(self.erase(place) for place in gone)

    def count(self) -> int:
        """Return how many are kept."""
        return len(self._kept)
