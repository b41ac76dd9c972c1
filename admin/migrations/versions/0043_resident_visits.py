"""Slips by which residents open what is known of them; what is said in a dispute is sealed."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.add_column("dispute", sa.Column("words", columns.JsonText()))
    op.create_table(
        "resident_visit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.Column("office", columns.CODE, nullable=False),
        sa.Column("made_at", columns.MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_name", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("code_digest", sa.String(), nullable=False),
        sa.Column("until", columns.MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("opened_at", columns.MOMENT),
        sa.Column("token_digest", sa.String()),
        sa.Column("seen_at", columns.MOMENT),
        sa.Column("ended_at", columns.MOMENT),
        sa.Column("ended_how", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_digest"),
        sa.UniqueConstraint("token_digest"),
    )
    op.create_index("resident_visit_of", "resident_visit", ["subject_id"])
    op.create_index("resident_visit_by", "resident_visit", ["office", "made_at"])


def downgrade() -> None:
    """Take them back."""
    op.drop_column("dispute", "words")
    op.drop_table("resident_visit")
