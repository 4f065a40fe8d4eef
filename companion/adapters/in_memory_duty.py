"""What peers did, the roster and the health of the notice path, in memory, for tests and for the simulation in evals."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime

from companion.models_duty import NoticeHealth, PeerRecord, WeeklyShift


class MemoryDutyBook:
    """Keep duty in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.RLock()
        self._records: list[PeerRecord] = []
        self._shifts: dict[str, WeeklyShift] = {}
        self._health = NoticeHealth()

    def records(self, since: datetime) -> tuple[PeerRecord, ...]:
        """Return what peers did after a moment, oldest first."""
        return tuple(sorted((record for record in list(self._records) if record.at > since), key=lambda record: record.at))

    def add_record(self, record: PeerRecord) -> None:
        """Store one line."""
        self._records.append(record)

    def add_once(self, record: PeerRecord) -> bool:
        """Store a line unless the very same one is there; False then."""
        with self._lock:
            if record in self._records:
                return False
            self._records.append(record)
            return True

    def forget_before(self, moment: datetime) -> int:
        """Delete lines older than a moment; return how many."""
        with self._lock:
            before = len(self._records)
            self._records = [record for record in self._records if record.at >= moment]
            return before - len(self._records)

    def shifts(self) -> tuple[WeeklyShift, ...]:
        """Return the roster, by weekday and start."""
        return tuple(sorted(self._shifts.values(), key=lambda shift: (shift.weekday, shift.starts, shift.id)))

    def add_shift(self, shift: WeeklyShift) -> None:
        """Store one weekly shift."""
        self._shifts[shift.id] = shift

    def remove_shift(self, shift_id: str) -> None:
        """Delete one weekly shift; an unknown id is ignored."""
        self._shifts.pop(shift_id, None)

    def notice_health(self) -> NoticeHealth:
        """Return the last signs of life of the notice path."""
        return self._health

    def note_notice(self, at: datetime, *, is_delivered: bool) -> None:
        """Note that a notice was taken by a channel, or by none."""
        self._health = replace(self._health, **{"delivered_at" if is_delivered else "failed_at": at})

    def begin_drill(self, before: datetime | None, at: datetime) -> bool:
        """Take today's test of the notice path: True for one instance only."""
        with self._lock:
            if self._health.drilled_at != before:
                return False
            self._health = replace(self._health, drilled_at=at)
            return True
