"""An administrator's plan of a year's working days."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "holiday_plan",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("changed_at", columns.MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("year"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("holiday_plan")
