"""The review of who may what."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "access_review",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("begun_at", columns.MOMENT, nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("due_at", columns.MOMENT, nullable=False),
        sa.Column("closed_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "access_review_item",
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("position_id", sa.String(), nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("review_id", "position_id"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_table("access_review_item")
    op.drop_table("access_review")
