"""What mentoring needs from the outside world, as a protocol. Every adapter passes tests/contracts."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from companion.models_mentoring import MentoringBook


class MentoringStore(Protocol):
    """Keep who mentors whom. All methods raise StoreUnavailable when the database cannot be reached."""

    def book(self) -> MentoringBook:
        """Return everybody and every pair."""
        ...

    def replace(self, before: MentoringBook, after: MentoringBook) -> bool:
        """Store all differences between two states, or none when the book has been changed since `before` was read; False then."""
        ...

    def forget_before(self, day: date) -> int:
        """Delete people who were kept until before a day, with their pairs; return how many people."""
        ...
