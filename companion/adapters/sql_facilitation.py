"""Who leads which group, what meetings took place, and counts of taps, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import group_leaders, group_meetings, group_taps
from companion.models_meetings import HeldMeeting, Taps, UseQuestion

_STEPS = {5: "five", 10: "ten"}


class SqlFacilitationStore:
    """Keep all around leading a group in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    def assign(self, group_key: str, staff_id: str, day: date) -> bool:
        """Let somebody lead a group from a day on; False when they do already."""
        row = {"group_key": group_key, "staff_id": staff_id, "since": day}
        with self._database.write() as connection:
            added = self._insert(group_leaders).values(row).on_conflict_do_nothing().returning(group_leaders.c.staff_id)
            return connection.execute(added).one_or_none() is not None

    def unassign(self, group_key: str, staff_id: str) -> bool:
        """Let somebody lead a group no more; False when they did not."""
        is_meant = (group_leaders.c.group_key == group_key) & (group_leaders.c.staff_id == staff_id)
        with self._database.write() as connection:
            return connection.execute(delete(group_leaders).where(is_meant)).rowcount == 1

    def leaders(self, group_key: str) -> Mapping[str, date]:
        """Return who leads a group, as staff id → since when."""
        query = select(group_leaders.c.staff_id, group_leaders.c.since).where(group_leaders.c.group_key == group_key)
        with self._database.read() as connection:
            return {row.staff_id: row.since for row in connection.execute(query)}

    def led_by(self, staff_id: str) -> tuple[str, ...]:
        """Return the keys of the groups that somebody leads, in alphabetical order."""
        query = select(group_leaders.c.group_key).where(group_leaders.c.staff_id == staff_id)
        with self._database.read() as connection:
            return tuple(sorted(connection.execute(query).scalars()))

    def note_meeting(self, group_key: str, meeting: HeldMeeting) -> None:
        """Store how many came on a day, in place of an earlier note of that day."""
        row = {"group_key": group_key, "day": meeting.day, "attendance": meeting.attendance}
        upsert = self._insert(group_meetings).values(row)
        upsert = upsert.on_conflict_do_update(index_elements=["group_key", "day"], set_={"attendance": meeting.attendance})
        with self._database.write() as connection:
            connection.execute(upsert)

    def drop_meeting(self, group_key: str, day: date) -> None:
        """Forget the note of a day."""
        with self._database.write() as connection:
            connection.execute(delete(group_meetings).where(group_meetings.c.group_key == group_key, group_meetings.c.day == day))

    def meetings(self, group_key: str, limit: int) -> tuple[HeldMeeting, ...]:
        """Return at most `limit` meetings, newest first."""
        query = select(group_meetings).where(group_meetings.c.group_key == group_key).order_by(group_meetings.c.day.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(HeldMeeting(row.day, row.attendance) for row in connection.execute(query))

    def tap(self, group_key: str, quarter: str, question: UseQuestion, *, is_yes: bool) -> None:
        """Count one answer; each step of five and of ten keeps the counts as they are then."""
        table, key = group_taps, {"group_key": group_key, "quarter": quarter, "question": question.value}
        counts = [column.name for column in table.columns if column.name not in key]
        is_meant = (table.c.group_key == group_key) & (table.c.quarter == quarter) & (table.c.question == question.value)
        with self._database.write() as connection:
            connection.execute(self._insert(table).values(key | dict.fromkeys(counts, 0)).on_conflict_do_nothing())
            connection.execute(update(table).where(is_meant).values(yes=table.c.yes + int(is_yes), total=table.c.total + 1))
            for step, name in _STEPS.items():
                is_full = table.c.total % step == 0
                kept = {
                    f"{count}_at_{name}": case((is_full, table.c[count]), else_=table.c[f"{count}_at_{name}"]) for count in ("yes", "total")
                }
                connection.execute(update(table).where(is_meant).values(kept))

    def taps(self, group_key: str, step: int) -> tuple[Taps, ...]:
        """Return the counts as of the last full step of five or ten answers, newest quarter first; none below one step."""
        table, name = group_taps, _STEPS[step]
        yes, total = table.c[f"yes_at_{name}"], table.c[f"total_at_{name}"]
        query = select(table.c.quarter, table.c.question, yes, total).where(table.c.group_key == group_key, total > 0)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(table.c.quarter.desc(), table.c.question)).all()
        return tuple(Taps(row[0], UseQuestion(row[1]), row[2], row[3]) for row in rows)
