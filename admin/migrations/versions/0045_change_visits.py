"""Which window of a person a change of a cell came from."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was changed before came from no named window."""
    op.add_column("cell_change", sa.Column("visit", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("cell_change", "visit")
