"""What a device is asked before it proves somebody: kept for minutes, taken once."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "passkey_challenge",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_passkey_challenge_at", "passkey_challenge", ["at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("passkey_challenge")
