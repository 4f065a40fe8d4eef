"""Staff, feedback and the access log in memory, for tests."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime

from companion.errors import NotFound
from companion.models_staff import AccessEntry, Account, DutyChange, FeedbackEntry, SignInAttempts, StaffMember, StaffSession


class MemoryStaffDirectory:
    """Keep accounts, sessions and attempts in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self._identities: dict[str, str] = {}
        self._sessions: dict[str, StaffSession] = {}
        self._attempts: dict[str, SignInAttempts] = {}

    def add(self, account: Account) -> bool:
        """Store a new account; False when the username is taken."""
        with self.lock:
            if self.find(account.member.username) is not None:
                return False
            self.accounts[account.member.id] = account
            return True

    def get(self, staff_id: str) -> StaffMember:
        """Return one member. Raises: NotFound."""
        if staff_id not in self.accounts:
            raise NotFound(f"account {staff_id} does not exist.")
        return self.accounts[staff_id].member

    def find(self, username: str) -> Account | None:
        """Return the account of a username, or None."""
        return next((a for a in self.accounts.values() if a.member.username == username), None)

    def members(self) -> tuple[StaffMember, ...]:
        """Return all members, by pseudonym."""
        return tuple(sorted((a.member for a in self.accounts.values()), key=lambda m: (m.pseudonym, m.id)))

    def set_password(self, staff_id: str, password_hash: str, one_time_until: datetime | None = None) -> None:
        """Replace a password and revoke the member's sessions. Raises: NotFound."""
        self.accounts[staff_id] = Account(self.get(staff_id), password_hash, one_time_until)
        self.revoke_sessions(staff_id=staff_id)

    def set_training(self, staff_id: str, trained_since: date | None, trained_until: date | None = None) -> None:
        """Record the training sign-off with its last day, or withdraw it. Raises: NotFound."""
        self._set_member(replace(self.get(staff_id), trained_since=trained_since, trained_until=trained_until))

    def set_place(self, staff_id: str, unit: str | None, languages: frozenset[str]) -> None:
        """Record where a member works and which languages they speak. Raises: NotFound."""
        self._set_member(replace(self.get(staff_id), unit=unit, languages=languages))

    def look(self, staff_id: str, at: datetime) -> None:
        """Note that a member looked at the desk; an unknown id is ignored."""
        with self.lock:
            if staff_id in self.accounts:
                self._set_member(replace(self.get(staff_id), seen_at=at))

    def set_duty(self, duty: DutyChange) -> None:
        """Store a status; called by the hand-over store within its own act."""
        member = self.get(duty.staff_id)
        is_suspended = member.is_suspended if duty.is_suspended is None else duty.is_suspended
        self._set_member(replace(member, status=duty.status, status_since=duty.at, is_suspended=is_suspended))
        if duty.is_suspended:
            self.revoke_sessions(staff_id=duty.staff_id)

    def link_identity(self, code: str, staff_id: str) -> None:
        """Let an outside sign-in speak for an account from now on. Raises: NotFound for an unknown account."""
        self._identities[code] = self.get(staff_id).id

    def unlink_identities(self, staff_id: str) -> None:
        """Let no outside sign-in speak for an account any more, and revoke its sessions."""
        self._identities = {code: linked for code, linked in self._identities.items() if linked != staff_id}
        self.revoke_sessions(staff_id=staff_id)

    def find_by_identity(self, code: str) -> StaffMember | None:
        """Return the member for whom an outside sign-in speaks, or None."""
        return self.get(self._identities[code]) if code in self._identities else None

    def add_session(self, session: StaffSession) -> None:
        """Store a session."""
        self._sessions[session.token_hash] = session

    def session(self, token_hash: str) -> StaffSession | None:
        """Return a session, or None."""
        return self._sessions.get(token_hash)

    def touch_session(self, token_hash: str, seen_at: datetime) -> None:
        """Note that a session is in use."""
        self._sessions[token_hash] = replace(self._sessions[token_hash], last_seen_at=seen_at)

    def revoke_sessions(self, *, token_hash: str | None = None, staff_id: str | None = None) -> None:
        """End one session, or all of a member."""
        with self.lock:
            for key, session in list(self._sessions.items()):
                if (session.token_hash == token_hash) if token_hash else (session.staff_id == staff_id):
                    self._sessions[key] = replace(session, is_revoked=True)

    def attempts(self, name_hash: str) -> SignInAttempts:
        """Return how often a name was tried in a row without success."""
        return self._attempts.get(name_hash, SignInAttempts())

    def count_attempt(self, name_hash: str, before: SignInAttempts, now: datetime, count: int) -> bool:
        """Store `count` attempts unless the row is no longer as `before`; False then."""
        with self.lock:
            if self.attempts(name_hash) != before:
                return False
            self._attempts[name_hash] = SignInAttempts(count, now)
            return True

    def clear_attempts(self, name_hash: str) -> None:
        """Forget attempts after a success."""
        self._attempts.pop(name_hash, None)

    def forget_stale(self, *, sessions_before: datetime, attempts_before: datetime) -> None:
        """Delete sessions last seen, and attempts last made, before the given moments."""
        with self.lock:
            self._sessions = {key: s for key, s in self._sessions.items() if s.last_seen_at >= sessions_before}
            self._attempts = {key: a for key, a in self._attempts.items() if a.last_at and a.last_at >= attempts_before}

    def _set_member(self, member: StaffMember) -> None:
        self.accounts[member.id] = Account(member, self.accounts[member.id].password_hash)


class MemoryFeedbackStore:
    """Keep feedback in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: dict[str, FeedbackEntry] = {}

    def add(self, entry: FeedbackEntry) -> None:
        """Store one entry."""
        self._entries[entry.id] = entry

    def entries(self, first: date, last: date) -> tuple[FeedbackEntry, ...]:
        """Return the entries of these days (both included), ordered by random id."""
        return tuple(entry for _, entry in sorted(self._entries.items()) if first <= entry.day <= last)

    def forget_before(self, day: date) -> int:
        """Delete the entries before a day; return how many."""
        before = len(self._entries)
        self._entries = {key: entry for key, entry in self._entries.items() if entry.day >= day}
        return before - len(self._entries)


class MemoryAccessLog:
    """Keep the access log in memory; nobody can reach it to alter it."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[AccessEntry] = []

    def append(self, entry: AccessEntry) -> None:
        """Store one row."""
        self._entries.append(entry)

    def recent(self, limit: int) -> tuple[AccessEntry, ...]:
        """Return the newest rows, newest first."""
        return tuple(reversed(self._entries[-limit:])) if limit else ()

    def about(self, ref: str) -> tuple[AccessEntry, ...]:
        """Return all rows about one hand-over, oldest first."""
        return tuple(entry for entry in self._entries if entry.ref == ref)

    def count(self) -> int:
        """Return how many rows are kept."""
        return len(self._entries)

    def is_intact(self) -> bool:
        """Say yes."""
        return True

    def forget_before(self, moment: datetime) -> int:
        """Delete rows older than `moment`; return how many."""
        before = len(self._entries)
        self._entries = [entry for entry in self._entries if entry.at >= moment]
        return before - len(self._entries)
