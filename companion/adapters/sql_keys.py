"""The sealed data keys of every table that has them, for the rotation of the server key."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table, and_, select, update

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import access_seal, feedback, handovers, help_cards, pair_channels
from companion.models_staff import SealedKey


class SqlKeyShelf:
    """Hand out and replace the sealed data keys of one table with the columns `id`, `key_id` and `sealed_key`."""

    def __init__(self, database: Database, table: Table) -> None:
        """Use a database that others may share."""
        self._database = database
        self._table = table

    def sealed_otherwise(self, key_id: str, limit: int) -> tuple[tuple[str, SealedKey], ...]:
        """Return at most `limit` rows, as id and key, whose data key is not sealed with server key `key_id`."""
        columns = self._table.c
        query = select(columns.id, columns.key_id, columns.sealed_key).where(columns.key_id != key_id).order_by(columns.id).limit(limit)
        with self._database.read() as connection:
            return tuple((row.id, SealedKey(row.key_id, row.sealed_key)) for row in connection.execute(query))

    def replace_key(self, ref: str, before: SealedKey, after: SealedKey) -> bool:
        """Store a resealed data key; False when it was changed meanwhile."""
        columns = self._table.c
        is_same = and_(columns.id == ref, columns.sealed_key == before.sealed)
        with self._database.write() as connection:
            changed = connection.execute(update(self._table).where(is_same).values(key_id=after.key_id, sealed_key=after.sealed))
        return changed.rowcount == 1


def key_shelves(database: Database) -> Mapping[str, SqlKeyShelf]:
    """Return a shelf for every table whose rows carry a sealed data key, by kind."""
    tables = {
        "handovers": handovers,
        "feedback": feedback,
        "access_log": access_seal,
        "help_cards": help_cards,
        "pair_channels": pair_channels,
    }
    return {kind: SqlKeyShelf(database, table) for kind, table in tables.items()}
