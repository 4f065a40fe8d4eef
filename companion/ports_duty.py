"""What duty needs from the outside world, as a protocol: the peers' load, the roster, and how the notice path fares.

All methods raise StoreUnavailable when the database cannot be reached.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from companion.models_duty import NoticeHealth, PeerRecord, WeeklyShift


class DutyBook(Protocol):
    """Keep what peers did, the weekly roster, and the last signs of life of the notice path."""

    def records(self, since: datetime) -> tuple[PeerRecord, ...]:
        """Return what peers did after a moment, oldest first."""
        ...

    def add_record(self, record: PeerRecord) -> None:
        """Store one line that belongs to no act on a hand-over."""
        ...

    def add_once(self, record: PeerRecord) -> bool:
        """Store a line unless the very same one is there: of several instances at the same moment exactly one gets True."""
        ...

    def forget_before(self, moment: datetime) -> int:
        """Delete lines older than a moment; return how many."""
        ...

    def shifts(self) -> tuple[WeeklyShift, ...]:
        """Return the roster, by weekday and start."""
        ...

    def add_shift(self, shift: WeeklyShift) -> None:
        """Store one weekly shift."""
        ...

    def remove_shift(self, shift_id: str) -> None:
        """Delete one weekly shift; an unknown id is ignored."""
        ...

    def notice_health(self) -> NoticeHealth:
        """Return the last signs of life of the notice path."""
        ...

    def note_notice(self, at: datetime, *, is_delivered: bool) -> None:
        """Note that a notice was taken by a channel, or by none."""
        ...

    def begin_drill(self, before: datetime | None, at: datetime) -> bool:
        """Take today's test of the notice path: True for one instance only, the one that finds the last drill still at `before`."""
        ...
