"""Make the seal of the access log. Its one row is empty until the next entry is written; a missing row is a finding."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its one row."""
    seal = op.create_table(
        "access_seal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(seal, [{"id": "access log"}])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("access_seal")
