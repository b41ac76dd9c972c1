"""Service accounts: programs that use the API by tokens."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add whose an account is, and the table of tokens."""
    op.add_column(
        "account", sa.Column("kind", sa.String(), nullable=False, server_default="person")
    )
    op.create_table(
        "service_token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("operations", sa.String(), nullable=False),
        sa.Column("created_at", columns.MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", columns.MOMENT, nullable=False),
        sa.Column("used_at", columns.MOMENT),
        sa.Column("used_from", sa.String(), nullable=False),
        sa.Column("ended_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_service_token_account_id", "service_token", ["account_id"])


def downgrade() -> None:
    """Take them back."""
    op.drop_table("service_token")
    op.drop_column("account", "kind")
