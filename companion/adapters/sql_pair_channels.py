"""What mentoring pairs write, sealed, in the database. The number of a message is taken under the lock of the channel's row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import mentoring_pairs, pair_channels, pair_messages
from companion.errors import NotFound
from companion.models_mentoring import PairState, Side
from companion.models_pair import PairChannel, StoredPairMessage
from companion.models_staff import SealedKey


class SqlPairChannelStore:
    """Keep channels in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    def make(self, pair_id: str, key: SealedKey) -> PairChannel:
        """Return the channel of a pair, made with this key unless there is one already."""
        row = {"id": pair_id, "key_id": key.key_id, "sealed_key": key.sealed, "last_seq": 0}
        with self._database.write() as connection:
            if connection.execute(select(mentoring_pairs.c.id).where(mentoring_pairs.c.id == pair_id)).first() is None:
                raise NotFound("there is no such pair any more.")
            connection.execute(self._insert(pair_channels).values(row).on_conflict_do_nothing())
            return _channel(connection.execute(select(pair_channels).where(pair_channels.c.id == pair_id)).one())

    def find(self, pair_id: str) -> PairChannel | None:
        """Return the channel of a pair, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(pair_channels).where(pair_channels.c.id == pair_id)).one_or_none()
        return _channel(row) if row is not None else None

    def add(self, message: StoredPairMessage) -> StoredPairMessage:
        """Store a message under the next number; the known one for a resend."""
        table, channel = pair_messages, pair_channels.c
        is_resend = (table.c.pair_id == message.pair_id) & (table.c.side == message.side) & (table.c.client_key == message.client_key)
        number = (
            update(pair_channels).where(channel.id == message.pair_id).values(last_seq=channel.last_seq + 1).returning(channel.last_seq)
        )
        with self._database.write() as connection:
            seq = connection.execute(number).scalar_one_or_none()
            if seq is None:
                raise NotFound("what this pair wrote has been erased.")
            known = connection.execute(select(table).where(is_resend)).one_or_none()
            if known is not None:
                connection.rollback()
                return _message(known)
            stored = replace(message, seq=seq)
            connection.execute(insert(table).values(_row(stored)))
        return stored

    def messages(self, pair_id: str, after: int) -> tuple[StoredPairMessage, ...]:
        """Return messages with a number above `after`, oldest first."""
        table = pair_messages
        query = select(table).where(table.c.pair_id == pair_id, table.c.seq > after).order_by(table.c.seq)
        with self._database.read() as connection:
            return tuple(map(_message, connection.execute(query)))

    def forget(self, today: date, keep_until: date) -> int:
        """Delete channels past their last day, and note that of pairs that have parted; return how many were deleted."""
        channel = pair_channels.c
        parted = select(mentoring_pairs.c.id).where(mentoring_pairs.c.state == PairState.PARTED)
        with self._database.write() as connection:
            connection.execute(update(pair_channels).where(channel.erase_on.is_(None), channel.id.in_(parted)).values(erase_on=keep_until))
            count = connection.execute(delete(pair_channels).where(channel.erase_on < today)).rowcount
        if count:
            self._database.overwrite_deleted()
        return count


def _row(message: StoredPairMessage) -> dict[str, Any]:
    return {
        "pair_id": message.pair_id,
        "seq": message.seq,
        "side": message.side.value,
        "client_key": message.client_key,
        "sent_at": message.sent_at,
        "sealed_text": message.sealed_text,
    }


def _message(row: Row[Any]) -> StoredPairMessage:
    return StoredPairMessage(row.pair_id, row.seq, Side(row.side), row.client_key, row.sent_at, row.sealed_text)


def _channel(row: Row[Any]) -> PairChannel:
    return PairChannel(row.id, SealedKey(row.key_id, row.sealed_key), row.last_seq, row.erase_on)
