"""Whether the units of a dispatch may answer that there was nothing to report."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the flag; what was sent before takes no nil returns."""
    op.add_column(
        "dispatch",
        sa.Column("nil_allowed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("dispatch") as table:
        table.drop_column("nil_allowed")
