"""Make room for passwords that are for once: until when each can be changed for an own one."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every password that is there is somebody's own."""
    op.add_column("staff", sa.Column("one_time_until", sa.DateTime(timezone=True), nullable=True))
