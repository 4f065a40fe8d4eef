"""Make room for duty: offers to one peer, load without names, the roster, sign-offs that end, the health of the notice path."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STAFF = (
    ("trained_until", sa.Date(), None),
    ("seen_at", sa.DateTime(timezone=True), None),
    ("unit", sa.String(length=120), None),
    ("languages", sa.String(length=120), "en"),
)
_HANDOVERS = (
    ("offered_to", sa.String(length=32), None),
    ("offered_until", sa.DateTime(timezone=True), None),
    ("pass_asked", sa.String(length=20), None),
    ("avoid_unit", sa.String(length=120), None),
    ("language", sa.String(length=2), None),
    ("for_coordinator", sa.Boolean(), sa.false()),
)
_SIGN_OFF = timedelta(days=365)
"""A sign-off given before it could end lasts a year from its first day, as one given today does."""


def upgrade() -> None:
    """Add columns and tables; sign-offs already given get an end."""
    for table, columns in (("staff", _STAFF), ("handovers", _HANDOVERS)):
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    staff = sa.table("staff", sa.column("id"), sa.column("trained_since", sa.Date()), sa.column("trained_until", sa.Date()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(staff.c.id, staff.c.trained_since).where(staff.c.trained_since.is_not(None))).all():
        connection.execute(sa.update(staff).where(staff.c.id == row.id).values(trained_until=row.trained_since + _SIGN_OFF))
    op.create_table(
        "handover_offers",
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("handover_id", "peer_id"),
    )
    op.create_table(
        "peer_records",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_peer_records_at", "peer_records", ["at"])
    op.create_table(
        "weekly_shifts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    health = op.create_table(
        "notice_health",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(health, [{"id": "notices"}])


def downgrade() -> None:
    """Drop what was added."""
    for table in ("notice_health", "weekly_shifts", "peer_records", "handover_offers"):
        op.drop_table(table)
    for table, columns in (("handovers", _HANDOVERS), ("staff", _STAFF)):
        for name, _, _ in columns:
            op.drop_column(table, name)
