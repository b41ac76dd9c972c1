"""In which language somebody reads: notices leave the house in it."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said yet: the installation's."""
    op.add_column("account", sa.Column("language", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("account", "language")
