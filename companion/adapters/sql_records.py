"""Feedback and the access log in the database."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import access_log, feedback
from companion.models_staff import AccessEntry, FeedbackEntry, Role, SealedKey

_CHAIN_LOCK = 0x636F6D71
_FIRST = "0" * 64


class SqlFeedbackStore:
    """Keep feedback in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, entry: FeedbackEntry) -> None:
        """Store one entry."""
        key = entry.sealed_key
        row = {
            "id": entry.id,
            "day": entry.day,
            "is_useful": entry.is_useful,
            "key_id": key.key_id if key else None,
            "sealed_key": key.sealed if key else None,
            "sealed_comment": entry.sealed_comment,
        }
        with self._database.write() as connection:
            connection.execute(insert(feedback).values(row))

    def entries(self, first: date, last: date) -> tuple[FeedbackEntry, ...]:
        """Return the entries of these days (both included), ordered by random id."""
        query = select(feedback).where(feedback.c.day.between(first, last)).order_by(feedback.c.id)
        with self._database.read() as connection:
            return tuple(_feedback(row) for row in connection.execute(query))

    def forget_before(self, day: date) -> int:
        """Delete the entries before a day and overwrite their space; return how many."""
        with self._database.write() as connection:
            count = connection.execute(delete(feedback).where(feedback.c.day < day)).rowcount
        if count:
            self._database.overwrite_deleted()
        return count


class SqlAccessLog:
    """Keep the access log in SQLite or PostgreSQL, each row chained to the one before by SHA-256."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def append(self, entry: AccessEntry) -> None:
        """Store one row at the end of the chain."""
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
            last = connection.execute(select(access_log.c.digest).order_by(access_log.c.number.desc()).limit(1)).scalar_one_or_none()
            previous = last or _FIRST
            row = {
                "at": entry.at,
                "pseudonym": entry.pseudonym,
                "role": entry.role,
                "act": entry.act,
                "kind": entry.kind,
                "ref": entry.ref,
                "previous": previous,
                "digest": chained(previous, entry),
            }
            connection.execute(insert(access_log).values(row))

    def recent(self, limit: int) -> tuple[AccessEntry, ...]:
        """Return the newest rows, newest first."""
        with self._database.read() as connection:
            return _entries(connection, select(access_log).order_by(access_log.c.number.desc()).limit(limit))

    def about(self, ref: str) -> tuple[AccessEntry, ...]:
        """Return all rows about one hand-over, oldest first."""
        with self._database.read() as connection:
            return _entries(connection, select(access_log).where(access_log.c.ref == ref).order_by(access_log.c.number))

    def is_intact(self) -> bool:
        """Tell whether no row was altered, or removed from the middle. The oldest rows may have passed their retention."""
        previous: str | None = None
        with self._database.read() as connection:
            for row in connection.execute(select(access_log).order_by(access_log.c.number)):
                if previous is not None and row.previous != previous:
                    return False
                if row.digest != chained(row.previous, _entry(row)):
                    return False
                previous = row.digest
        return True

    def forget_before(self, moment: datetime) -> int:
        """Delete rows older than `moment`, but never the newest, which carries the chain on; return how many."""
        newest = select(access_log.c.number).order_by(access_log.c.number.desc()).limit(1).scalar_subquery()
        with self._database.write() as connection:
            return connection.execute(delete(access_log).where(access_log.c.at < moment, access_log.c.number < newest)).rowcount


def chained(previous: str, entry: AccessEntry) -> str:
    """Return the SHA-256, in hexadecimal, over the digest before and every field of the entry."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [previous, at, entry.pseudonym, entry.role.value, entry.act, entry.kind, entry.ref]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _entries(connection: Connection, query: Any) -> tuple[AccessEntry, ...]:
    return tuple(_entry(row) for row in connection.execute(query))


def _entry(row: Row[Any]) -> AccessEntry:
    return AccessEntry(row.at, row.pseudonym, Role(row.role), row.act, row.kind, row.ref)


def _feedback(row: Row[Any]) -> FeedbackEntry:
    key = SealedKey(row.key_id, row.sealed_key) if row.sealed_key is not None else None
    return FeedbackEntry(row.id, row.day, row.is_useful, key, row.sealed_comment)
