"""Lists made public with masks, by two people and for some days."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "public_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("address", columns.CODE, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("ledger", sa.String(), nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("owner_path", columns.CODE, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("first_day", columns.MOMENT, nullable=False),
        sa.Column("last_day", columns.MOMENT, nullable=False),
        sa.Column("contents", columns.JsonText(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_name", sa.String(), nullable=False),
        sa.Column("made_at", columns.MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_name", sa.String(), nullable=False),
        sa.Column("decided_at", columns.MOMENT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_name", sa.String(), nullable=False),
        sa.Column("withdrawn_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address"),
        sa.CheckConstraint(
            "decided_by = '' OR decided_by <> made_by", name="public_list_two_people"
        ),
    )
    op.create_index("ix_public_list_owner", "public_list", ["owner"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("public_list")
