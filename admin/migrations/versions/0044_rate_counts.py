"""How often something was done in a minute, counted for all nodes together."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "rate_count",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_rate_count_minute", "rate_count", ["minute"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("rate_count")
