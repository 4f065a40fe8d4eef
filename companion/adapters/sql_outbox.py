"""Notices that must leave: kept in the transaction that made them necessary, sent later, at most one extra time after a crash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, select, update

from companion.adapters.sql_handover_rows import to_notice
from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import notices
from companion.models_people import Notice


class SqlOutbox:
    """Keep unsent notices in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def notices_due(self, now: datetime, limit: int) -> tuple[Notice, ...]:
        """Return at most `limit` unsent notices with due_at ≤ now, oldest first."""
        is_due = and_(notices.c.is_settled.is_(False), notices.c.due_at <= now)
        query = select(notices).where(is_due).order_by(notices.c.due_at, notices.c.key).limit(limit)
        with self._database.read() as connection:
            return tuple(to_notice(row) for row in connection.execute(query))

    def lease_notice(self, notice: Notice, until: datetime) -> bool:
        """Take one try at a notice; False when another instance took it."""
        is_same = and_(notices.c.key == notice.key, notices.c.attempts == notice.attempts, notices.c.is_settled.is_(False))
        statement = update(notices).where(is_same).values(attempts=notice.attempts + 1, due_at=until)
        with self._database.write() as connection:
            return connection.execute(statement).rowcount == 1

    def postpone_notice(self, key: str, until: datetime) -> None:
        """Make a notice due again at `until`, after a try that failed."""
        with self._database.write() as connection:
            connection.execute(update(notices).where(notices.c.key == key).values(due_at=until))

    def settle_notice(self, key: str) -> None:
        """Mark a notice as sent or no longer needed."""
        with self._database.write() as connection:
            connection.execute(update(notices).where(notices.c.key == key).values(is_settled=True))

    def count_unsent(self, min_attempts: int) -> int:
        """Return how many unsent notices have failed at least so often."""
        is_stuck = and_(notices.c.is_settled.is_(False), notices.c.attempts >= min_attempts)
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(notices).where(is_stuck)).scalar_one()
