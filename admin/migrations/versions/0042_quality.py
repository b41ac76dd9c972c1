"""How good the registers are, by field, place and month."""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import CODE, MOMENT

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

KEY = ("subject", "month", "place", "field")
COUNTS = ("rows", "filled", "unknown", "inapplicable", "refused", "stale", "unverified", "failing")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "register_quality",
        *(sa.Column(name, CODE, nullable=False) for name in KEY),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(*KEY),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("register_quality")
