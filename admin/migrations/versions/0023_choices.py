"""How organisations were chosen: of a group that is made anew, and of a dispatch."""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import JsonText

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; groups that are there keep their members."""
    op.add_column("organisation_group", sa.Column("choice", JsonText(), nullable=True))
    op.add_column("dispatch", sa.Column("chosen", JsonText(), nullable=True))


def downgrade() -> None:
    """Take them back; a group keeps those picked by hand."""
    with op.batch_alter_table("dispatch") as table:
        table.drop_column("chosen")
    with op.batch_alter_table("organisation_group") as table:
        table.drop_column("choice")
