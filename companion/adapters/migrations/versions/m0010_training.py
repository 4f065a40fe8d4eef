"""Make the table of modules that members passed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "training_passes",
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("module_id", sa.String(length=60), nullable=False),
        sa.Column("passed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "module_id"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("training_passes")
