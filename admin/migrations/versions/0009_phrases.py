"""Phrases that people keep for their opinions."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_phrase_account_id", "phrase", ["account_id"])


def downgrade() -> None:
    op.drop_table("phrase")
