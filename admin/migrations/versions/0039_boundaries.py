"""Outlines of divisions, for maps."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "boundary",
        sa.Column("division_code", columns.CODE, nullable=False),
        sa.Column("outline", columns.JsonText(), nullable=False),
        sa.Column("kept_at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("division_code"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("boundary")
