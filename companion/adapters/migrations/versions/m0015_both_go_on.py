"""Make room for who of a mentoring pair has said at half-time that it goes on, while the other has not."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a pair that had gone on by one voice goes on."""
    op.add_column("mentoring_pairs", sa.Column("checked_by", sa.String(length=10), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("mentoring_pairs", "checked_by")
