"""Make the tables of peer groups that people join."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "group_registers",
        sa.Column("group_key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_key"),
    )
    op.create_table(
        "group_memberships",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("group_key", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("offered_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_group_memberships_group_key", "group_memberships", ["group_key"], unique=False)
    op.create_index("ix_group_memberships_until", "group_memberships", ["until"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("group_memberships")
    op.drop_table("group_registers")
