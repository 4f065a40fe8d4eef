"""What the human side needs from the outside world, as protocols. Every adapter passes tests/contracts.

All methods of the stores raise StoreUnavailable when the database cannot be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from companion.models_people import Audience, Author, Change, Handover, HandoverEvent, Notice, StoredMessage
from companion.models_staff import AccessEntry, Account, DutyChange, FeedbackEntry, SealedKey, SignInAttempts, StaffMember, StaffSession


class Box(Protocol):
    """Seal and open words at rest with authenticated encryption; one data key per hand-over, sealed with the server key."""

    @property
    def key_id(self) -> str:
        """Name of the server key that seals new data keys."""
        ...

    def new_key(self) -> SealedKey:
        """Return a fresh random data key, sealed."""
        ...

    def reseal(self, key: SealedKey) -> SealedKey:
        """Return the same data key, sealed with the current server key.

        Raises: SettingsError when the server key that sealed it is not configured.
        """
        ...

    def seal(self, key: SealedKey, text: str, context: str) -> bytes:
        """Return text sealed and bound to its place (`context`), so that it cannot be moved to another row.

        Raises: SettingsError when the server key is not configured.
        """
        ...

    def open(self, key: SealedKey, sealed: bytes, context: str) -> str:
        """Return the text.

        Raises: SettingsError when the server key is not configured; StoreUnavailable when the bytes were altered.
        """
        ...


class PasswordHasher(Protocol):
    """Hash and check passwords, slowly on purpose."""

    def hash(self, password: str) -> str:
        """Return a salted hash with its parameters."""
        ...

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password fits; with no hash, take as long and say no."""
        ...


class Notifier(Protocol):
    """Tell staff that something waits. A notice carries no name, no topic, no words of anybody."""

    def send(self, audience: Audience, *, urgent: bool, idempotency_key: str) -> None:
        """Deliver one notice.

        Raises: NotifierFailed when no channel took it within 10 seconds.
        """
        ...


class HandoverStore(Protocol):
    """Keep hand-overs, their messages, history and notices."""

    def add(self, handover: Handover, token_hash: str, notices: Sequence[Notice]) -> bool:
        """Store a new hand-over with its first event and notices, all or nothing; False when the token is known already."""
        ...

    def get(self, handover_id: str) -> Handover:
        """Return one hand-over. Raises: NotFound."""
        ...

    def get_by_token(self, token_hash: str) -> Handover:
        """Return the hand-over of an employee's token. Raises: NotFound."""
        ...

    def apply(self, changes: Sequence[Change], duty: DutyChange | None = None) -> bool:
        """Store all changes with events, notices and the duty status, or none of them.

        Returns False when any hand-over is no longer in the state and version of its `before`: somebody was quicker. Also when a
        change has a `limit` that does not hold any more: it is checked in the same transaction, so that claims in parallel cannot pass it.
        """
        ...

    def add_message(self, message: StoredMessage, expected: Handover, change: Change | None = None) -> StoredMessage | None:
        """Store a message, and with it an act, under the next number (`message.seq` is ignored).

        Returns the message that already has this author and client key, if there is one; None when the hand-over has left
        `expected.state` or its peer changed (or, with a change, when somebody was quicker).
        """
        ...

    def messages(self, handover_id: str, after: int) -> tuple[StoredMessage, ...]:
        """Return messages with a number above `after`, oldest first."""
        ...

    def touch(self, handover_id: str, author: Author, *, seen_at: datetime, typing_at: datetime | None, read_seq: int | None) -> None:
        """Note that one side is there; None leaves a value as it is. An unknown id is ignored."""
        ...

    def waiting(self) -> tuple[Handover, ...]:
        """Return hand-overs that nobody holds: urgent first, then oldest first."""
        ...

    def held_by(self, peer_id: str) -> tuple[Handover, ...]:
        """Return claimed and active hand-overs of one peer, oldest first."""
        ...

    def excluded_peers(self, handover_id: str) -> frozenset[str]:
        """Return the peers to whom it must not go again."""
        ...

    def offered_peers(self, handover_id: str) -> frozenset[str]:
        """Return the peers to whom it was offered."""
        ...

    def held_counts(self) -> Mapping[str, int]:
        """Return how many claimed and active hand-overs each peer holds; who holds none is missing."""
        ...

    def due(self, now: datetime, limit: int) -> tuple[Handover, ...]:
        """Return at most `limit` hand-overs with due_at ≤ now, most overdue first."""
        ...

    def history(self, handover_id: str) -> tuple[HandoverEvent, ...]:
        """Return the acts on it, oldest first."""
        ...

    def erase(self, handover_ids: Sequence[str]) -> int:
        """Delete hand-overs with all that belongs to them and overwrite the space where the database allows; return how many."""
        ...

    def notices_due(self, now: datetime, limit: int) -> tuple[Notice, ...]:
        """Return at most `limit` unsent notices with due_at ≤ now, oldest first."""
        ...

    def lease_notice(self, notice: Notice, until: datetime) -> bool:
        """Take one try at a notice: due again at `until` unless settled. False when another instance took it."""
        ...

    def postpone_notice(self, key: str, until: datetime) -> None:
        """Make a notice due again at `until`, after a try that failed."""
        ...

    def settle_notice(self, key: str) -> None:
        """Mark a notice as sent or no longer needed; it is never due again."""
        ...

    def count_unsent(self, min_attempts: int) -> int:
        """Return how many unsent notices have failed at least so often."""
        ...


class KeyShelf(Protocol):
    """Hand out and replace the sealed data keys of one kind of row."""

    def sealed_otherwise(self, key_id: str, limit: int) -> tuple[tuple[str, SealedKey], ...]:
        """Return at most `limit` rows, as id and key, whose data key is not sealed with server key `key_id`."""
        ...

    def replace_key(self, ref: str, before: SealedKey, after: SealedKey) -> bool:
        """Store a resealed data key; False when it was changed meanwhile."""
        ...


class StaffDirectory(Protocol):
    """Keep accounts, sessions and sign-in attempts of staff."""

    def add(self, account: Account) -> bool:
        """Store a new account; False when the username is taken."""
        ...

    def get(self, staff_id: str) -> StaffMember:
        """Return one member. Raises: NotFound."""
        ...

    def find(self, username: str) -> Account | None:
        """Return the account of a username (casefolded), or None."""
        ...

    def members(self) -> tuple[StaffMember, ...]:
        """Return all members, by pseudonym."""
        ...

    def set_password(self, staff_id: str, password_hash: str, one_time_until: datetime | None = None) -> None:
        """Replace a password and revoke the member's sessions. one_time_until: see `Account`. Raises: NotFound."""
        ...

    def set_training(self, staff_id: str, trained_since: date | None, trained_until: date | None = None) -> None:
        """Record the training sign-off with its last day, or withdraw it. Raises: NotFound."""
        ...

    def set_place(self, staff_id: str, unit: str | None, languages: frozenset[str]) -> None:
        """Record where a member works and which languages they speak. Raises: NotFound."""
        ...

    def look(self, staff_id: str, at: datetime) -> None:
        """Note that a member looked at the desk; an unknown id is ignored."""
        ...

    def link_identity(self, code: str, staff_id: str) -> None:
        """Let an outside sign-in (`Identity.code`) speak for an account from now on. Raises: NotFound for an unknown account."""
        ...

    def unlink_identities(self, staff_id: str) -> None:
        """Let no outside sign-in speak for an account any more, and revoke its sessions."""
        ...

    def find_by_identity(self, code: str) -> StaffMember | None:
        """Return the member for whom an outside sign-in speaks, or None."""
        ...

    def add_session(self, session: StaffSession) -> None:
        """Store a session."""
        ...

    def session(self, token_hash: str) -> StaffSession | None:
        """Return a session, or None."""
        ...

    def touch_session(self, token_hash: str, seen_at: datetime) -> None:
        """Note that a session is in use."""
        ...

    def revoke_sessions(self, *, token_hash: str | None = None, staff_id: str | None = None) -> None:
        """End one session, or all of a member."""
        ...

    def attempts(self, name_hash: str) -> SignInAttempts:
        """Return how often a name was tried in a row without success."""
        ...

    def count_attempt(self, name_hash: str, before: SignInAttempts, now: datetime, count: int) -> bool:
        """Store `count` attempts unless the row is no longer as `before`; False then."""
        ...

    def clear_attempts(self, name_hash: str) -> None:
        """Forget attempts after a success."""
        ...

    def forget_stale(self, *, sessions_before: datetime, attempts_before: datetime) -> None:
        """Delete sessions last seen, and attempts last made, before the given moments."""
        ...


class FeedbackStore(Protocol):
    """Keep feedback that nobody can tie to a chat."""

    def add(self, entry: FeedbackEntry) -> None:
        """Store one entry."""
        ...

    def entries(self, first: date, last: date) -> tuple[FeedbackEntry, ...]:
        """Return the entries of these days (both included), ordered by random id."""
        ...

    def forget_before(self, day: date) -> int:
        """Delete the entries before a day and overwrite their space where the database allows; return how many."""
        ...


class ReferralCounts(Protocol):
    """Count chats that were pointed to help. All methods raise StoreUnavailable."""

    def add(self, year: int, kind: str) -> None:
        """Count one chat."""
        ...

    def by_year(self) -> Mapping[int, Mapping[str, int]]:
        """Return year → kind → count."""
        ...


class AccessLog(Protocol):
    """Keep who opened what, without content; each row carries a hash over the one before."""

    def append(self, entry: AccessEntry) -> None:
        """Store one row at the end of the chain."""
        ...

    def recent(self, limit: int) -> tuple[AccessEntry, ...]:
        """Return the newest rows, newest first."""
        ...

    def about(self, ref: str) -> tuple[AccessEntry, ...]:
        """Return all rows about one hand-over, oldest first."""
        ...

    def count(self) -> int:
        """Return how many rows are kept."""
        ...

    def is_intact(self) -> bool:
        """Tell whether no row was altered, added or removed, but for the oldest, which pass their retention."""
        ...

    def forget_before(self, moment: datetime) -> int:
        """Delete rows older than `moment`; return how many."""
        ...
