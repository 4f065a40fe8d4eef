"""Staff accounts, sessions and sign-in attempts in the database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import sign_in_attempts, staff, staff_identities, staff_sessions
from companion.errors import NotFound
from companion.models_staff import Account, DutyStatus, Role, SignInAttempts, StaffMember, StaffSession


class SqlStaffDirectory:
    """Keep accounts, sessions and sign-in attempts in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, account: Account) -> bool:
        """Store a new account; False when the username is taken."""
        member = account.member
        row = {
            "id": member.id,
            "username": member.username,
            "pseudonym": member.pseudonym,
            "roles": ",".join(sorted(member.roles)),
            "trained_since": member.trained_since,
            "status": member.status,
            "status_since": member.status_since,
            "is_suspended": member.is_suspended,
            "password_hash": account.password_hash,
            "one_time_until": account.one_time_until,
            "trained_until": member.trained_until,
            "seen_at": member.seen_at,
            "unit": member.unit,
            "languages": ",".join(sorted(member.languages)),
        }
        with self._database.write() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(insert(staff).values(row))
            except IntegrityError:
                return False
        return True

    def get(self, staff_id: str) -> StaffMember:
        """Return one member. Raises: NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
        if row is None:
            raise NotFound(f"account {staff_id} does not exist.")
        return _member(row)

    def find(self, username: str) -> Account | None:
        """Return the account of a username (casefolded), or None."""
        with self._database.read() as connection:
            row = connection.execute(select(staff).where(staff.c.username == username)).one_or_none()
        return None if row is None else Account(_member(row), row.password_hash, row.one_time_until)

    def members(self) -> tuple[StaffMember, ...]:
        """Return all members, by pseudonym."""
        with self._database.read() as connection:
            return tuple(_member(row) for row in connection.execute(select(staff).order_by(staff.c.pseudonym, staff.c.id)))

    def set_password(self, staff_id: str, password_hash: str, one_time_until: datetime | None = None) -> None:
        """Replace a password and revoke the member's sessions. Raises: NotFound."""
        self._update(staff_id, password_hash=password_hash, one_time_until=one_time_until)
        self.revoke_sessions(staff_id=staff_id)

    def set_training(self, staff_id: str, trained_since: date | None, trained_until: date | None = None) -> None:
        """Record the training sign-off with its last day, or withdraw it. Raises: NotFound."""
        self._update(staff_id, trained_since=trained_since, trained_until=trained_until)

    def set_place(self, staff_id: str, unit: str | None, languages: frozenset[str]) -> None:
        """Record where a member works and which languages they speak. Raises: NotFound."""
        self._update(staff_id, unit=unit, languages=",".join(sorted(languages)))

    def look(self, staff_id: str, at: datetime) -> None:
        """Note that a member looked at the desk; an unknown id is ignored."""
        with self._database.write() as connection:
            connection.execute(update(staff).where(staff.c.id == staff_id).values(seen_at=at))

    def link_identity(self, code: str, staff_id: str) -> None:
        """Let an outside sign-in speak for an account from now on. Raises: NotFound for an unknown account."""
        table = staff_identities
        with self._database.write() as connection:
            if connection.execute(select(staff.c.id).where(staff.c.id == staff_id)).one_or_none() is None:
                raise NotFound(f"account {staff_id} does not exist.")
            connection.execute(delete(table).where(table.c.code == code))
            connection.execute(insert(table).values(code=code, staff_id=staff_id))

    def unlink_identities(self, staff_id: str) -> None:
        """Let no outside sign-in speak for an account any more, and revoke its sessions."""
        with self._database.write() as connection:
            connection.execute(delete(staff_identities).where(staff_identities.c.staff_id == staff_id))
        self.revoke_sessions(staff_id=staff_id)

    def find_by_identity(self, code: str) -> StaffMember | None:
        """Return the member for whom an outside sign-in speaks, or None."""
        linked = select(staff).join(staff_identities, staff_identities.c.staff_id == staff.c.id).where(staff_identities.c.code == code)
        with self._database.read() as connection:
            row = connection.execute(linked).one_or_none()
        return None if row is None else _member(row)

    def add_session(self, session: StaffSession) -> None:
        """Store a session."""
        row = {
            "token_hash": session.token_hash,
            "staff_id": session.staff_id,
            "created_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "is_revoked": session.is_revoked,
        }
        with self._database.write() as connection:
            connection.execute(insert(staff_sessions).values(row))

    def session(self, token_hash: str) -> StaffSession | None:
        """Return a session, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(staff_sessions).where(staff_sessions.c.token_hash == token_hash)).one_or_none()
        return None if row is None else StaffSession(row.token_hash, row.staff_id, row.created_at, row.last_seen_at, row.is_revoked)

    def touch_session(self, token_hash: str, seen_at: datetime) -> None:
        """Note that a session is in use."""
        with self._database.write() as connection:
            connection.execute(update(staff_sessions).where(staff_sessions.c.token_hash == token_hash).values(last_seen_at=seen_at))

    def revoke_sessions(self, *, token_hash: str | None = None, staff_id: str | None = None) -> None:
        """End one session, or all of a member."""
        is_meant = staff_sessions.c.token_hash == token_hash if token_hash else staff_sessions.c.staff_id == staff_id
        with self._database.write() as connection:
            connection.execute(update(staff_sessions).where(is_meant).values(is_revoked=True))

    def attempts(self, name_hash: str) -> SignInAttempts:
        """Return how often a name was tried in a row without success."""
        with self._database.read() as connection:
            row = connection.execute(select(sign_in_attempts).where(sign_in_attempts.c.name_hash == name_hash)).one_or_none()
        return SignInAttempts() if row is None else SignInAttempts(row._mapping["count"], row.last_at)

    def count_attempt(self, name_hash: str, before: SignInAttempts, now: datetime, count: int) -> bool:
        """Store `count` attempts unless the row is no longer as `before`; False then."""
        table = sign_in_attempts
        with self._database.write() as connection:
            if before.last_at is not None:
                is_same = and_(table.c.name_hash == name_hash, table.c["count"] == before.count)
                return connection.execute(update(table).where(is_same).values(count=count, last_at=now)).rowcount == 1
            try:
                with connection.begin_nested():
                    connection.execute(insert(table).values(name_hash=name_hash, count=count, last_at=now))
            except IntegrityError:
                return False
            return True

    def clear_attempts(self, name_hash: str) -> None:
        """Forget attempts after a success."""
        with self._database.write() as connection:
            connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.name_hash == name_hash))

    def forget_stale(self, *, sessions_before: datetime, attempts_before: datetime) -> None:
        """Delete sessions last seen, and attempts last made, before the given moments."""
        with self._database.write() as connection:
            connection.execute(delete(staff_sessions).where(staff_sessions.c.last_seen_at < sessions_before))
            connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.last_at < attempts_before))

    def _update(self, staff_id: str, **values: Any) -> None:
        with self._database.write() as connection:
            if connection.execute(update(staff).where(staff.c.id == staff_id).values(**values)).rowcount != 1:
                raise NotFound(f"account {staff_id} does not exist.")


def _member(row: Row[Any]) -> StaffMember:
    return StaffMember(
        id=row.id,
        username=row.username,
        pseudonym=row.pseudonym,
        roles=frozenset(Role(name) for name in row.roles.split(",")),
        trained_since=row.trained_since,
        status=DutyStatus(row.status),
        status_since=row.status_since,
        is_suspended=row.is_suspended,
        trained_until=row.trained_until,
        seen_at=row.seen_at,
        unit=row.unit,
        languages=frozenset(row.languages.split(",")),
    )
