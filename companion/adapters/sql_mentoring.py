"""Who mentors whom, in the database. A change is one conditional UPDATE of the book's version with all rows it touches."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import group_registers, mentoring_pairs, mentoring_people
from companion.models_mentoring import MentoringBook, Pair, PairState, Seeker, Side

_BOOK = "*mentoring"
"""Row of the registers that holds the version of the book; no group can have a key with a star."""


class SqlMentoringStore:
    """Keep mentoring in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def book(self) -> MentoringBook:
        """Return everybody and every pair."""
        version = select(group_registers.c.version).where(group_registers.c.group_key == _BOOK)
        with self._database.read() as connection:
            # The version first: when the rows are newer than it, the conditional write fails and is tried again.
            known = connection.execute(version).scalar_one_or_none() or 0
            people = connection.execute(select(mentoring_people).order_by(mentoring_people.c.id)).all()
            pairs = connection.execute(select(mentoring_pairs).order_by(mentoring_pairs.c.id)).all()
        return MentoringBook(known, tuple(map(_seeker, people)), tuple(map(_pair, pairs)))

    def replace(self, before: MentoringBook, after: MentoringBook) -> bool:
        """Store all differences, or none when the book has been changed."""
        with self._database.write() as connection:
            if not self._take_turn(connection, before.version):
                connection.rollback()
                return False
            gone = _write(
                connection, mentoring_people, {s.id: _seeker_row(s) for s in before.seekers}, {s.id: _seeker_row(s) for s in after.seekers}
            )
            _write(connection, mentoring_pairs, {p.id: asdict(p) for p in before.pairs}, {p.id: asdict(p) for p in after.pairs})
        if gone:
            self._database.overwrite_deleted()
        return True

    def forget_before(self, day: date) -> int:
        """Delete people who were kept until before a day, with their pairs; return how many people."""
        pairs, gone = mentoring_pairs.c, select(mentoring_people.c.id).where(mentoring_people.c.until < day)
        with self._database.write() as connection:
            connection.execute(delete(mentoring_pairs).where(or_(pairs.mentor_id.in_(gone), pairs.mentee_id.in_(gone))))
            count = connection.execute(delete(mentoring_people).where(mentoring_people.c.until < day)).rowcount
        if count:
            self._database.overwrite_deleted()
        return count

    def _take_turn(self, connection: Connection, version: int) -> bool:
        table = group_registers
        make = sqlite.insert if self._database.is_sqlite else postgresql.insert
        if version == 0:
            connection.execute(make(table).values(group_key=_BOOK, version=0).on_conflict_do_nothing())
        is_same = (table.c.group_key == _BOOK) & (table.c.version == version)
        return connection.execute(update(table).where(is_same).values(version=version + 1)).rowcount == 1


def _write(connection: Connection, table: Table, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> bool:
    """Write the rows that differ; tell whether any was deleted."""
    gone = old.keys() - new.keys()
    connection.execute(delete(table).where(table.c.id.in_(gone)))
    for key, row in new.items():
        if key not in old:
            connection.execute(insert(table).values(row))
        elif row != old[key]:
            connection.execute(update(table).where(table.c.id == key).values(row))
    return bool(gone)


def _seeker_row(seeker: Seeker) -> dict[str, Any]:
    return asdict(seeker) | {"goals": ",".join(seeker.goals)}


def _seeker(row: Row[Any]) -> Seeker:
    goals = tuple(row.goals.split(","))
    return Seeker(row.id, row.token_hash, Side(row.side), row.pseudonym, goals, row.is_looking, row.until)


def _pair(row: Row[Any]) -> Pair:
    return Pair(**dict(row._mapping) | {"state": PairState(row.state), "checked_by": Side(row.checked_by) if row.checked_by else None})
