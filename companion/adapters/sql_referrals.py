"""Yearly referral counts in the database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import referral_counts


class SqlReferralCounts:
    """Count referrals in SQLite or PostgreSQL; fulfils `ReferralCounts`."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, year: int, kind: str) -> None:
        """Count one chat."""
        table = referral_counts
        make = sqlite.insert if self._database.is_sqlite else postgresql.insert
        with self._database.write() as connection:
            connection.execute(make(table).values(year=year, kind=kind, count=0).on_conflict_do_nothing())
            is_meant = (table.c.year == year) & (table.c.kind == kind)
            connection.execute(update(table).where(is_meant).values(count=table.c["count"] + 1))

    def by_year(self) -> Mapping[int, Mapping[str, int]]:
        """Return year → kind → count."""
        found: dict[int, dict[str, int]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(referral_counts)):
                found.setdefault(row.year, {})[row.kind] = row._mapping["count"]
        return found
