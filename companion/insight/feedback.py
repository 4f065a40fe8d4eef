"""Feedback on replies: a thumb and an optional comment, kept so that nobody can tie them to a chat.

No session, no time of day, no order: an entry has a random id and a date, nothing else.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from companion.errors import InputRefused
from companion.models import RedactedMessage
from companion.models_staff import Caller, FeedbackEntry, FeedbackSummary, SealedKey
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports import Clock
from companion.ports_people import Box, FeedbackStore

MAX_COMMENT_CHARS = 1000


@dataclass(frozen=True)
class FeedbackService:
    """Take feedback from employees and give counts to coordinators. min_answers: below it nothing is shown (DESIGN 5)."""

    store: FeedbackStore
    box: Box
    clock: Clock
    min_answers: int

    @for_anyone(Permission.GIVE_FEEDBACK)
    def give(self, *, is_useful: bool, comment: RedactedMessage | None = None) -> None:
        """Store a thumb, and a comment that was redacted before. Raises: InputRefused (too_long); StoreUnavailable."""
        entry_id, key, sealed = secrets.token_hex(16), None, None
        words = comment.text.strip() if comment else ""
        if len(words) > MAX_COMMENT_CHARS:
            raise InputRefused("too_long")
        if words:
            key = self.box.new_key()
            sealed = self.box.seal(key, words, _context(entry_id))
        self.store.add(FeedbackEntry(entry_id, self.clock.now().date(), is_useful, key, sealed))

    @requires(Permission.READ_FEEDBACK)
    def summary(self, caller: Caller, first: date, last: date) -> FeedbackSummary:  # noqa: ARG002
        """Return counts and comments of whole past calendar months; nothing below the minimum number of answers.

        Raises: InputRefused (not_whole_months), since freely chosen days, or a month still growing, would let one subtract two
        answers and see a single person's; StoreUnavailable.
        """
        if first.day != 1 or not _is_month_end(last) or last >= self.clock.now().date():
            raise InputRefused("not_whole_months")
        entries = self.store.entries(first, last)
        if len(entries) < self.min_answers:
            return FeedbackSummary(None, None)
        useful = sum(entry.is_useful for entry in entries)
        return FeedbackSummary(useful, len(entries) - useful, self._comments(entries))

    def _comments(self, entries: tuple[FeedbackEntry, ...]) -> tuple[str, ...]:
        sealed = ((entry.id, entry.sealed_key, entry.sealed_comment) for entry in entries)
        return tuple(self._open(entry_id, key, text) for entry_id, key, text in sealed if key is not None and text is not None)

    def _open(self, entry_id: str, key: SealedKey, sealed: bytes) -> str:
        return self.box.open(key, sealed, _context(entry_id))


def _is_month_end(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


def _context(entry_id: str) -> str:
    return f"feedback:{entry_id}"
