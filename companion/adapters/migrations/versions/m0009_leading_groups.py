"""Make the tables of leading a group: who leads it, how many came, and counts of taps after meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "group_leaders",
        sa.Column("group_key", sa.String(length=80), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_key", "staff_id"),
    )
    op.create_index("ix_group_leaders_staff_id", "group_leaders", ["staff_id"], unique=False)
    op.create_table(
        "group_meetings",
        sa.Column("group_key", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attendance", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_key", "day"),
    )
    op.create_table(
        "group_taps",
        sa.Column("group_key", sa.String(length=80), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("question", sa.String(length=20), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("yes_at_five", sa.Integer(), nullable=False),
        sa.Column("total_at_five", sa.Integer(), nullable=False),
        sa.Column("yes_at_ten", sa.Integer(), nullable=False),
        sa.Column("total_at_ten", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_key", "quarter", "question"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("group_taps", "group_meetings", "group_leaders"):
        op.drop_table(table)
