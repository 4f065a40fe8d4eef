"""The access log in the database: a chain of hashes, and a seal over where it begins and ends.

The chain finds a row that was altered or removed from the middle. The seal, made with the server key, finds a chain that was cut short at
either end or computed anew by somebody who can write to the database but does not have the key. Nothing inside the database can find that
the whole of it was put back to an earlier day; compare `companion doctor`'s number of rows with your backups for that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import access_log, access_seal
from companion.errors import SettingsError, StoreUnavailable
from companion.models_staff import AccessEntry, Role, SealedKey
from companion.ports_people import Box

_CHAIN_LOCK = 0x636F6D71
_FIRST = "0" * 64
_SEAL_PLACE = "access log"


@dataclass(frozen=True, slots=True)
class Ends:
    """Hold where the log begins and ends: the digest before its oldest row, and number and digest of its newest."""

    before_first: str
    last_number: int
    last_digest: str


class SqlAccessLog:
    """Keep the access log in SQLite or PostgreSQL."""

    def __init__(self, database: Database, box: Box) -> None:
        """Use a database that others may share. box: seals the ends."""
        self._database = database
        self._box = box

    def append(self, entry: AccessEntry) -> None:
        """Store one row at the end of the chain."""
        with self._database.write() as connection:
            self._lock(connection)
            is_sound = self._seal_fits(connection)
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
            if is_sound:  # a seal that does not fit stays as it is, so that the finding stays
                self._seal(connection)

    def recent(self, limit: int) -> tuple[AccessEntry, ...]:
        """Return the newest rows, newest first."""
        with self._database.read() as connection:
            return _entries(connection, select(access_log).order_by(access_log.c.number.desc()).limit(limit))

    def about(self, ref: str) -> tuple[AccessEntry, ...]:
        """Return all rows about one hand-over, oldest first."""
        with self._database.read() as connection:
            return _entries(connection, select(access_log).where(access_log.c.ref == ref).order_by(access_log.c.number))

    def count(self) -> int:
        """Return how many rows are kept."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(access_log)).scalar_one()

    def is_intact(self) -> bool:
        """Tell whether no row was altered, added or removed, but for the oldest, which pass their retention."""
        previous: str | None = None
        with self._database.read() as connection:
            for row in connection.execute(select(access_log).order_by(access_log.c.number)):
                if previous is not None and row.previous != previous:
                    return False
                if row.digest != chained(row.previous, _entry(row)):
                    return False
                previous = row.digest
            return self._seal_fits(connection)

    def forget_before(self, moment: datetime) -> int:
        """Delete rows older than `moment`, but never the newest, which carries the chain on; return how many."""
        newest = select(access_log.c.number).order_by(access_log.c.number.desc()).limit(1).scalar_subquery()
        with self._database.write() as connection:
            self._lock(connection)
            is_sound = self._seal_fits(connection)
            count = connection.execute(delete(access_log).where(access_log.c.at < moment, access_log.c.number < newest)).rowcount
            if is_sound and count:
                self._seal(connection)
        return count

    def _lock(self, connection: Connection) -> None:
        if not self._database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})

    def _seal_fits(self, connection: Connection) -> bool:
        """Tell whether the seal is there and agrees with the log. A log that is not sealed yet, after an upgrade, fits."""
        seal = connection.execute(select(access_seal)).one_or_none()
        if seal is None:
            return False
        if seal.sealed is None:
            return True
        ends = _ends(connection)
        try:
            told = self._box.open(SealedKey(seal.key_id, seal.sealed_key), seal.sealed, _SEAL_PLACE)
        except (StoreUnavailable, SettingsError):  # altered, or sealed with a server key that is missing: nothing is vouched for
            return False
        return ends is not None and told == _as_text(ends)

    def _seal(self, connection: Connection) -> None:
        """Seal the ends as they are now, with a fresh data key."""
        ends = _ends(connection)
        if ends is None:
            return
        key = self._box.new_key()
        sealed = self._box.seal(key, _as_text(ends), _SEAL_PLACE)
        connection.execute(update(access_seal).values(key_id=key.key_id, sealed_key=key.sealed, sealed=sealed))


def chained(previous: str, entry: AccessEntry) -> str:
    """Return the SHA-256, in hexadecimal, over the digest before and every field of the entry."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [previous, at, entry.pseudonym, entry.role.value, entry.act, entry.kind, entry.ref]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _ends(connection: Connection) -> Ends | None:
    columns = select(access_log.c.number, access_log.c.previous, access_log.c.digest)
    first = connection.execute(columns.order_by(access_log.c.number).limit(1)).one_or_none()
    last = connection.execute(columns.order_by(access_log.c.number.desc()).limit(1)).one_or_none()
    return Ends(first.previous, last.number, last.digest) if first and last else None


def _as_text(ends: Ends) -> str:
    return json.dumps([ends.before_first, ends.last_number, ends.last_digest])


def _entries(connection: Connection, query: Any) -> tuple[AccessEntry, ...]:
    return tuple(_entry(row) for row in connection.execute(query))


def _entry(row: Row[Any]) -> AccessEntry:
    return AccessEntry(row.at, row.pseudonym, Role(row.role), row.act, row.kind, row.ref)
