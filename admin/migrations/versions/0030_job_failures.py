"""Jobs that went wrong, apart from those that were lost with their workers."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was tried so far and is to be tried again, went wrong."""
    with op.batch_alter_table("job") as batch:
        batch.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE job SET failures = attempts WHERE state IN ('waiting', 'failed')")


def downgrade() -> None:
    """One count again."""
    with op.batch_alter_table("job") as batch:
        batch.drop_column("failures")
