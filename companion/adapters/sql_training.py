"""Which modules of the course a member passed, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import staff, training_passes
from companion.errors import NotFound


class SqlTrainingStore:
    """Keep passes in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    def record_pass(self, staff_id: str, module_id: str, passed_on: date) -> None:
        """Store the day on which a module was passed, in place of an earlier one. Raises: NotFound for an unknown account."""
        table = training_passes
        upsert = self._insert(table).values(staff_id=staff_id, module_id=module_id, passed_on=passed_on)
        upsert = upsert.on_conflict_do_update(index_elements=["staff_id", "module_id"], set_={"passed_on": passed_on})
        with self._database.write() as connection:
            if connection.execute(select(staff.c.id).where(staff.c.id == staff_id)).one_or_none() is None:
                raise NotFound(f"account {staff_id} does not exist.")
            connection.execute(upsert)

    def passes_of(self, staff_id: str) -> Mapping[str, date]:
        """Return module id → day."""
        query = select(training_passes.c.module_id, training_passes.c.passed_on).where(training_passes.c.staff_id == staff_id)
        with self._database.read() as connection:
            return {row.module_id: row.passed_on for row in connection.execute(query)}

    def all_passes(self) -> Mapping[str, Mapping[str, date]]:
        """Return staff id → module id → day, for everybody who passed any."""
        found: dict[str, dict[str, date]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(training_passes)):
                found.setdefault(row.staff_id, {})[row.module_id] = row.passed_on
        return found
