"""Who is in which group, in the database. A change of a group is one conditional UPDATE of its version with all rows it touches."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import group_memberships, group_registers
from companion.models_meetings import Membership, Register, Standing


class SqlMembershipStore:
    """Keep who is in which group in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def register(self, group_key: str) -> Register:
        """Return all memberships of a group."""
        version = select(group_registers.c.version).where(group_registers.c.group_key == group_key)
        rows = select(group_memberships).where(group_memberships.c.group_key == group_key).order_by(group_memberships.c.id)
        with self._database.read() as connection:
            # The version first: when the rows are newer than it, the conditional write fails and is tried again.
            known = connection.execute(version).scalar_one_or_none() or 0
            return Register(group_key, known, tuple(_membership(row) for row in connection.execute(rows)))

    def replace(self, before: Register, after: Register) -> bool:
        """Store all differences, or none when it has been changed."""
        with self._database.write() as connection:
            if not self._take_turn(connection, before):
                connection.rollback()
                return False
            old, new = ({each.id: each for each in register.memberships} for register in (before, after))
            gone = old.keys() - new.keys()
            connection.execute(delete(group_memberships).where(group_memberships.c.id.in_(gone)))
            for key in new.keys() & old.keys():
                if new[key] != old[key]:
                    connection.execute(update(group_memberships).where(group_memberships.c.id == key).values(_row(new[key])))
            for key in new.keys() - old.keys():
                connection.execute(insert(group_memberships).values(_row(new[key])))
        if gone:
            self._database.overwrite_deleted()
        return True

    def find(self, token_hash: str) -> Membership | None:
        """Return the membership of a code, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(group_memberships).where(group_memberships.c.token_hash == token_hash)).one_or_none()
        return None if row is None else _membership(row)

    def forget_before(self, day: date) -> int:
        """Delete memberships that were kept until before a day; return how many."""
        with self._database.write() as connection:
            count = connection.execute(delete(group_memberships).where(group_memberships.c.until < day)).rowcount
        if count:
            self._database.overwrite_deleted()
        return count

    def _take_turn(self, connection: Connection, before: Register) -> bool:
        """Raise the version of a register, which holds its row until the end of the transaction; False when it is another one by now."""
        table = group_registers
        make = sqlite.insert if self._database.is_sqlite else postgresql.insert
        if before.version == 0:
            connection.execute(make(table).values(group_key=before.group_key, version=0).on_conflict_do_nothing())
        is_same = (table.c.group_key == before.group_key) & (table.c.version == before.version)
        return connection.execute(update(table).where(is_same).values(version=before.version + 1)).rowcount == 1


def _row(membership: Membership) -> dict[str, object]:
    return {
        "id": membership.id,
        "group_key": membership.group_key,
        "token_hash": membership.token_hash,
        "pseudonym": membership.pseudonym,
        "standing": membership.standing.value,
        "until": membership.until,
        "place": membership.place,
        "offered_until": membership.offered_until,
    }


def _membership(row: Row[Any]) -> Membership:
    return Membership(
        id=row.id,
        group_key=row.group_key,
        token_hash=row.token_hash,
        pseudonym=row.pseudonym,
        standing=Standing(row.standing),
        until=row.until,
        place=row.place,
        offered_until=row.offered_until,
    )
