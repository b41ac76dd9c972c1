"""Deletion of what is known of one person, and legal holds; packed workbooks are sealed from now on."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables. Packed workbooks that lie in the clear go; they are packed anew when asked for."""
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", columns.MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False, server_default=""),
        sa.Column("decided_at", columns.MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=False, server_default=""),
        sa.Column("state", sa.String(), nullable=False, server_default="asked"),
        sa.Column("answer", sa.String(), nullable=False, server_default=""),
        sa.Column("texts", columns.JsonText(), nullable=True),
        sa.Column("progress", columns.JsonText(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("done_at", columns.MOMENT, nullable=True),
        sa.Column("signature", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("erasure_of", "erasure", ["subject", "subject_id"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("placed_at", columns.MOMENT, nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_by_name", sa.String(), nullable=False, server_default=""),
        sa.Column("lifted_at", columns.MOMENT, nullable=True),
        sa.Column("lifted_by_name", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("legal_hold_on", "legal_hold", ["subject", "subject_id"])
    op.execute("DELETE FROM workbook_export")


def downgrade() -> None:
    """Take them back."""
    op.execute("DELETE FROM workbook_export")
    op.drop_table("legal_hold")
    op.drop_table("erasure")
