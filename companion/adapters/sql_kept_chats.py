"""Kept chats in the database: sealed bytes at a place that only a return code leads to."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, insert, select, update

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import kept_chats
from companion.models_keeping import KeptChat


class SqlKeptChatStore:
    """Keep sealed chats in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, kept: KeptChat) -> None:
        """Store a new one."""
        with self._database.write() as connection:
            connection.execute(insert(kept_chats).values(place=kept.place, salt=kept.salt, **_changing(kept)))

    def find(self, place: str) -> KeptChat | None:
        """Return the one at a place, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(kept_chats).where(kept_chats.c.place == place)).one_or_none()
        return None if row is None else KeptChat(row.place, row.salt, row.sealed, row.kept_on, row.expires_on)

    def replace(self, kept: KeptChat) -> bool:
        """Store new words at a place that is still there; False when it has been erased."""
        with self._database.write() as connection:
            changed = update(kept_chats).where(kept_chats.c.place == kept.place).values(_changing(kept))
            is_there = connection.execute(changed).rowcount == 1
        self._database.overwrite_deleted()
        return is_there

    def erase(self, place: str) -> bool:
        """Delete one; on SQLite its bytes are overwritten, in the log too."""
        with self._database.write() as connection:
            was_there = connection.execute(delete(kept_chats).where(kept_chats.c.place == place)).rowcount == 1
        self._database.overwrite_deleted()
        return was_there

    def forget_before(self, day: date) -> int:
        """Delete all that expired before a day; return how many."""
        with self._database.write() as connection:
            count = connection.execute(delete(kept_chats).where(kept_chats.c.expires_on < day)).rowcount
        if count:
            self._database.overwrite_deleted()
        return count

    def count(self) -> int:
        """Return how many are kept."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(kept_chats)).scalar_one()


def _changing(kept: KeptChat) -> dict[str, object]:
    return {"sealed": kept.sealed, "kept_on": kept.kept_on, "expires_on": kept.expires_on}
