"""Cards that wait for a coordinator, and counts by month, in the database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import group_counts, help_cards
from companion.models_meetings import Counted, HelpCard
from companion.models_staff import SealedKey


class SqlCardStore:
    """Keep cards in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, card: HelpCard) -> None:
        """Store a new one."""
        key = card.sealed_key
        row = {"id": card.id, "month": card.month, "topic": card.topic, "key_id": key.key_id, "sealed_key": key.sealed}
        with self._database.write() as connection:
            connection.execute(insert(help_cards).values(row | {"sealed_text": card.sealed_text}))

    def all(self) -> tuple[HelpCard, ...]:
        """Return all, oldest month first, within a month by random id."""
        with self._database.read() as connection:
            rows = connection.execute(select(help_cards).order_by(help_cards.c.month, help_cards.c.id)).all()
        return tuple(HelpCard(row.id, row.month, row.topic, SealedKey(row.key_id, row.sealed_key), row.sealed_text) for row in rows)

    def remove(self, card_id: str) -> bool:
        """Delete one; False when it was gone."""
        with self._database.write() as connection:
            was_there = connection.execute(delete(help_cards).where(help_cards.c.id == card_id)).rowcount == 1
        self._database.overwrite_deleted()
        return was_there

    def forget_before(self, month: str) -> int:
        """Delete those of months before one; return how many."""
        with self._database.write() as connection:
            count = connection.execute(delete(help_cards).where(help_cards.c.month < month)).rowcount
        if count:
            self._database.overwrite_deleted()
        return count


class SqlGroupCounts:
    """Count by month in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    def add(self, kind: Counted, ref: str, month: str) -> None:
        """Count one."""
        table = group_counts
        is_meant = (table.c.kind == kind.value) & (table.c.ref == ref) & (table.c.month == month)
        first = self._insert(table).values(kind=kind.value, ref=ref, month=month, count=0).on_conflict_do_nothing()
        with self._database.write() as connection:
            connection.execute(first)
            connection.execute(update(table).where(is_meant).values(count=table.c["count"] + 1))

    def total(self, kind: Counted, ref: str) -> int:
        """Return how many there are of all months."""
        return self.totals(kind).get(ref, 0)

    def totals(self, kind: Counted) -> Mapping[str, int]:
        """Return ref → how many there are of all months."""
        table = group_counts
        query = select(table.c.ref, func.sum(table.c["count"])).where(table.c.kind == kind.value).group_by(table.c.ref)
        with self._database.read() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}
