"""Stores and fakes that live in memory: for tests, and for trying things out. They pass the same contracts as the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from companion.adapters.in_memory_duty import MemoryDutyBook
from companion.adapters.in_memory_staff import MemoryStaffDirectory
from companion.errors import NotFound, NotifierFailed
from companion.models_duty import ClaimLimit, PeerDeed
from companion.models_people import (
    Act,
    Audience,
    Author,
    Change,
    Handover,
    HandoverEvent,
    HandoverState,
    Notice,
    Presence,
    StoredMessage,
)
from companion.models_staff import DutyChange, DutyStatus, Role

_HELD = frozenset({HandoverState.CLAIMED, HandoverState.ACTIVE})
_ENDED = frozenset({HandoverState.CLOSED, HandoverState.WITHDRAWN})


class SetClock:
    """Show the time that a test sets."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)) -> None:
        """Start at three in the morning."""
        self._now = start

    def now(self) -> datetime:
        """Return the set time."""
        return self._now

    def advance(self, span: timedelta) -> None:
        """Let time pass."""
        self._now += span


class RecordingNotifier:
    """Keep what was sent, the daily tests of the path apart. is_down: refuse every notice."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self.sent: list[tuple[Audience, bool, str]] = []
        self.drills: list[str] = []
        self.is_down = False

    def send(self, audience: Audience, *, urgent: bool, idempotency_key: str) -> None:
        """Record one notice. Raises: NotifierFailed while `is_down`."""
        if self.is_down:
            raise NotifierFailed("the test's notifier is down.")
        if audience is Audience.DRILL:
            self.drills.append(idempotency_key)
        else:
            self.sent.append((audience, urgent, idempotency_key))


class MemoryHandoverStore:
    """Keep hand-overs in memory, under one lock."""

    def __init__(self, staff: MemoryStaffDirectory, book: MemoryDutyBook | None = None) -> None:
        """Start empty, beside the directory whose duty status it changes and the book in which it notes the peers' load."""
        self._staff = staff
        self._book = book or MemoryDutyBook()
        self._lock = staff.lock
        self._tokens: dict[str, str] = {}
        self._rows: dict[str, Handover] = {}
        self._messages: dict[str, list[StoredMessage]] = {}
        self._events: dict[str, list[HandoverEvent]] = {}
        self._excluded: dict[str, set[str]] = {}
        self._offered: dict[str, set[str]] = {}
        self._notices: dict[str, Notice] = {}

    def add(self, handover: Handover, token_hash: str, notices: Sequence[Notice]) -> bool:
        """Store a new hand-over; False when the token is known already."""
        with self._lock:
            if token_hash in self._tokens:
                return False
            self._tokens[token_hash] = handover.id
            self._rows[handover.id] = handover
            self._messages[handover.id] = []
            self._events[handover.id] = [HandoverEvent(handover.version, Act.REQUEST, handover.state, handover.asked_at, Role.EMPLOYEE)]
            self._notices |= {notice.key: notice for notice in notices}
            return True

    def get(self, handover_id: str) -> Handover:
        """Return one hand-over. Raises: NotFound."""
        if handover_id not in self._rows:
            raise NotFound(f"hand-over {handover_id} does not exist.")
        return self._rows[handover_id]

    def get_by_token(self, token_hash: str) -> Handover:
        """Return the hand-over of a token. Raises: NotFound."""
        return self.get(self._tokens.get(token_hash, "of this token"))

    def apply(self, changes: Sequence[Change], duty: DutyChange | None = None) -> bool:
        """Store all changes, or none when any hand-over has moved on."""
        with self._lock:
            if not all(self._is_as(change.before) and self._is_within(change.limit) for change in changes):
                return False
            for change in changes:
                self._apply_one(change)
            if duty is not None:
                self._staff.set_duty(duty)
            return True

    def add_message(self, message: StoredMessage, expected: Handover, change: Change | None = None) -> StoredMessage | None:
        """Store a message under the next number; the known one for a resend; None when the hand-over has moved on."""
        with self._lock:
            row = self._rows.get(message.handover_id)
            if row is None or (row.state, row.peer_id) != (expected.state, expected.peer_id):
                return None
            found = self._messages[row.id]
            known = next((m for m in found if (m.author, m.client_key) == (message.author, message.client_key)), None)
            if known is not None:
                return known
            if change is not None and not self.apply((change,)):
                return None
            stored = replace(message, seq=len(found) + 1)
            found.append(stored)
            self._set_presence(message.handover_id, message.author, wrote_at=message.sent_at)
            self._rows[row.id] = replace(self._rows[row.id], last_seq=stored.seq)
            return stored

    def messages(self, handover_id: str, after: int) -> tuple[StoredMessage, ...]:
        """Return messages with a number above `after`, oldest first."""
        return tuple(self._messages.get(handover_id, ())[after:])

    def touch(self, handover_id: str, author: Author, *, seen_at: datetime, typing_at: datetime | None, read_seq: int | None) -> None:
        """Note that one side is there; None leaves a value as it is."""
        with self._lock:
            if handover_id in self._rows:
                self._set_presence(handover_id, author, seen_at=seen_at, typing_at=typing_at, read_seq=read_seq)

    def waiting(self) -> tuple[Handover, ...]:
        """Return hand-overs that nobody holds: urgent first, then oldest first."""
        found = (h for h in list(self._rows.values()) if h.state not in _HELD | _ENDED)
        return tuple(sorted(found, key=lambda h: (not h.urgent, h.asked_at, h.id)))

    def held_by(self, peer_id: str) -> tuple[Handover, ...]:
        """Return claimed and active hand-overs of one peer, oldest first."""
        found = (h for h in list(self._rows.values()) if h.state in _HELD and h.peer_id == peer_id)
        return tuple(sorted(found, key=lambda h: (h.asked_at, h.id)))

    def excluded_peers(self, handover_id: str) -> frozenset[str]:
        """Return the peers to whom it must not go again."""
        return frozenset(self._excluded.get(handover_id, ()))

    def offered_peers(self, handover_id: str) -> frozenset[str]:
        """Return the peers to whom it was offered."""
        return frozenset(self._offered.get(handover_id, ()))

    def held_counts(self) -> Mapping[str, int]:
        """Return how many claimed and active hand-overs each peer holds."""
        return Counter(h.peer_id for h in list(self._rows.values()) if h.state in _HELD and h.peer_id is not None)

    def due(self, now: datetime, limit: int) -> tuple[Handover, ...]:
        """Return at most `limit` hand-overs with due_at ≤ now, most overdue first."""
        found = (h for h in list(self._rows.values()) if h.due_at <= now)
        return tuple(sorted(found, key=lambda h: (h.due_at, h.id)))[:limit]

    def history(self, handover_id: str) -> tuple[HandoverEvent, ...]:
        """Return the acts on it, oldest first."""
        return tuple(self._events.get(handover_id, ()))

    def erase(self, handover_ids: Sequence[str]) -> int:
        """Delete hand-overs with all that belongs to them."""
        with self._lock:
            gone = [self._rows.pop(handover_id) for handover_id in handover_ids if handover_id in self._rows]
            for handover in gone:
                for table in (self._messages, self._events, self._excluded, self._offered):
                    table.pop(handover.id, None)
            self._tokens = {token: i for token, i in self._tokens.items() if i in self._rows}
            self._notices = {key: n for key, n in self._notices.items() if n.handover_id in self._rows}
            return len(gone)

    def notices_due(self, now: datetime, limit: int) -> tuple[Notice, ...]:
        """Return at most `limit` unsent notices with due_at ≤ now, oldest first."""
        found = (n for n in list(self._notices.values()) if n.due_at <= now)
        return tuple(sorted(found, key=lambda n: (n.due_at, n.key)))[:limit]

    def lease_notice(self, notice: Notice, until: datetime) -> bool:
        """Take one try at a notice; False when another instance took it."""
        with self._lock:
            if self._notices.get(notice.key) is None or self._notices[notice.key].attempts != notice.attempts:
                return False
            self._notices[notice.key] = replace(notice, due_at=until, attempts=notice.attempts + 1)
            return True

    def postpone_notice(self, key: str, until: datetime) -> None:
        """Make a notice due again at `until`."""
        with self._lock:
            if key in self._notices:
                self._notices[key] = replace(self._notices[key], due_at=until)

    def settle_notice(self, key: str) -> None:
        """Forget a notice that was sent or is no longer needed."""
        self._notices.pop(key, None)

    def count_unsent(self, min_attempts: int) -> int:
        """Return how many unsent notices have failed at least so often."""
        return sum(n.attempts >= min_attempts for n in list(self._notices.values()))

    def _is_as(self, before: Handover) -> bool:
        row = self._rows.get(before.id)
        return row is not None and (row.state, row.version) == (before.state, before.version)

    def _is_within(self, limit: ClaimLimit | None) -> bool:
        if limit is None:
            return True
        member, records = self._staff.get(limit.peer_id), self._book.records(min(limit.since, limit.rested_since))
        mine = [record for record in records if record.staff_id == limit.peer_id]
        return (
            not member.is_suspended
            and member.status is DutyStatus.ON_DUTY
            and member.status_since > limit.on_duty_since
            and len(self.held_by(limit.peer_id)) < limit.max_held
            and sum(r.deed is PeerDeed.CLAIMED and r.at > limit.since for r in mine) < limit.max_taken
            and not any(r.deed in (PeerDeed.HEAVY, PeerDeed.ENDED_URGENT) and r.at > limit.rested_since for r in mine)
        )

    def _apply_one(self, change: Change) -> None:
        row, after = self._rows[change.before.id], change.after
        peer = row.peer if change.before.peer_id == after.peer_id else after.peer
        self._rows[after.id] = replace(after, last_seq=row.last_seq, employee=row.employee, peer=peer, sealed_key=row.sealed_key)
        if change.act is not Act.WATCH:
            self._events[after.id].append(HandoverEvent(after.version, change.act, after.state, change.at, change.actor))
        if change.excluded_peer is not None:
            self._excluded.setdefault(after.id, set()).add(change.excluded_peer)
        if change.act is Act.OFFER and after.offered_to is not None:
            self._offered.setdefault(after.id, set()).add(after.offered_to)
        if change.record is not None:
            self._book.add_record(change.record)
        self._notices |= {notice.key: notice for notice in change.notices}

    def _set_presence(self, handover_id: str, author: Author, **values: datetime | int | None) -> None:
        row = self._rows[handover_id]
        presence: Presence = row.employee if author is Author.EMPLOYEE else row.peer
        known = {name: value for name, value in values.items() if value is not None}
        presence = replace(presence, **known)  # type: ignore[arg-type]
        side = "employee" if author is Author.EMPLOYEE else "peer"
        self._rows[handover_id] = replace(row, **{side: presence})  # type: ignore[arg-type]
