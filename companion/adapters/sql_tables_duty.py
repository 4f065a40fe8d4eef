"""The tables around duty: what peers did, the roster, the health of the notice path."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from companion.adapters.sql_schema import UtcDateTime, metadata

_ID = String(32)


def _of_staff() -> Column[str]:
    return Column("staff_id", _ID, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False)


peer_records = Table(
    "peer_records",
    metadata,
    Column("number", Integer, primary_key=True),
    _of_staff(),
    Column("deed", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_peer_records_at", "at"),
)
"""A peer's load. No column leads to a hand-over, so that erasing one leaves nothing behind that points at it."""

weekly_shifts = Table(
    "weekly_shifts",
    metadata,
    Column("id", _ID, primary_key=True),
    _of_staff(),
    Column("weekday", Integer, nullable=False),
    Column("starts", String(5), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("timezone", String(60), nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
)

notice_health = Table(
    "notice_health",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("delivered_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("drilled_at", UtcDateTime),
)
"""One row."""
