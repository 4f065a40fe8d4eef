"""Feedback in the database."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import feedback
from companion.models_staff import FeedbackEntry, SealedKey


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


def _feedback(row: Row[Any]) -> FeedbackEntry:
    key = SealedKey(row.key_id, row.sealed_key) if row.sealed_key is not None else None
    return FeedbackEntry(row.id, row.day, row.is_useful, key, row.sealed_comment)
