"""Disputes about known values."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "dispute",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("field", columns.CODE, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("organisation_code", columns.CODE, nullable=False),
        sa.Column("steward", columns.CODE, nullable=False),
        sa.Column("shown", columns.JsonText(), nullable=True),
        sa.Column("claimed", columns.JsonText(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("raised_at", columns.CODE, nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("raised_name", sa.String(), nullable=False),
        sa.Column("decided_at", columns.CODE, nullable=True),
        sa.Column("decided_name", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dispute_of_steward", "dispute", ["steward", "status", "raised_at"])
    op.create_index("dispute_of_person", "dispute", ["raised_by", "raised_at"])
    op.create_index("dispute_about", "dispute", ["field", "subject_id", "status"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("dispute")
