"""What was said when a form was published."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Versions that are there were published without a word."""
    op.add_column("form", sa.Column("note", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """The notes go with their column."""
    op.drop_column("form", "note")
