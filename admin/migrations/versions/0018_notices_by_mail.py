"""Where a person gets notices by mail, and what was handed over to whom."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the address and the table."""
    op.add_column("account", sa.Column("mail", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "notice_sent",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sent_at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "account_id", "channel"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_table("notice_sent")
    op.drop_column("account", "mail")
