"""What peers did, the roster and the health of the notice path, in the database."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import and_, delete, insert, select, update

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import staff
from companion.adapters.sql_tables_duty import notice_health, peer_records, weekly_shifts
from companion.models_duty import NoticeHealth, PeerDeed, PeerRecord, WeeklyShift


class SqlDutyBook:
    """Keep duty in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def records(self, since: datetime) -> tuple[PeerRecord, ...]:
        """Return what peers did after a moment, oldest first."""
        query = select(peer_records).where(peer_records.c.at > since).order_by(peer_records.c.at, peer_records.c.number)
        with self._database.read() as connection:
            return tuple(PeerRecord(row.staff_id, PeerDeed(row.deed), row.at) for row in connection.execute(query))

    def add_record(self, record: PeerRecord) -> None:
        """Store one line that belongs to no act on a hand-over."""
        with self._database.write() as connection:
            connection.execute(insert(peer_records).values(staff_id=record.staff_id, deed=record.deed, at=record.at))

    def add_once(self, record: PeerRecord) -> bool:
        """Store a line unless the very same one is there; False then."""
        table = peer_records
        is_same = and_(table.c.staff_id == record.staff_id, table.c.deed == record.deed, table.c.at == record.at)
        with self._database.write() as connection:
            # One instance at a time: SQLite writes alone anyway, PostgreSQL waits at the row of the peer.
            if connection.execute(select(staff.c.id).where(staff.c.id == record.staff_id).with_for_update()).one_or_none() is None:
                return False
            if connection.execute(select(table.c.number).where(is_same).limit(1)).one_or_none() is not None:
                return False
            connection.execute(insert(table).values(staff_id=record.staff_id, deed=record.deed, at=record.at))
            return True

    def forget_before(self, moment: datetime) -> int:
        """Delete lines older than a moment; return how many."""
        with self._database.write() as connection:
            return connection.execute(delete(peer_records).where(peer_records.c.at < moment)).rowcount

    def shifts(self) -> tuple[WeeklyShift, ...]:
        """Return the roster, by weekday and start."""
        table = weekly_shifts
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.weekday, table.c.starts, table.c.id)).all()
        return tuple(
            WeeklyShift(
                row.id, row.staff_id, row.weekday, time.fromisoformat(row.starts), row.minutes, row.timezone, row.first_day, row.last_day
            )
            for row in rows
        )

    def add_shift(self, shift: WeeklyShift) -> None:
        """Store one weekly shift."""
        row = {
            "id": shift.id,
            "staff_id": shift.staff_id,
            "weekday": shift.weekday,
            "starts": f"{shift.starts:%H:%M}",
            "minutes": shift.minutes,
            "timezone": shift.timezone,
            "first_day": shift.first_day,
            "last_day": shift.last_day,
        }
        with self._database.write() as connection:
            connection.execute(insert(weekly_shifts).values(row))

    def remove_shift(self, shift_id: str) -> None:
        """Delete one weekly shift; an unknown id is ignored."""
        with self._database.write() as connection:
            connection.execute(delete(weekly_shifts).where(weekly_shifts.c.id == shift_id))

    def notice_health(self) -> NoticeHealth:
        """Return the last signs of life of the notice path."""
        with self._database.read() as connection:
            row = connection.execute(select(notice_health)).one_or_none()
        return NoticeHealth() if row is None else NoticeHealth(row.delivered_at, row.failed_at, row.drilled_at)

    def note_notice(self, at: datetime, *, is_delivered: bool) -> None:
        """Note that a notice was taken by a channel, or by none."""
        with self._database.write() as connection:
            connection.execute(update(notice_health).values({"delivered_at" if is_delivered else "failed_at": at}))

    def begin_drill(self, before: datetime | None, at: datetime) -> bool:
        """Take today's test of the notice path: True for one instance only."""
        is_same = notice_health.c.drilled_at.is_not_distinct_from(before)
        with self._database.write() as connection:
            return connection.execute(update(notice_health).where(is_same).values(drilled_at=at)).rowcount == 1
