"""One-click reports: how far a making is, and what could not be made."""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import CODE, MOMENT, JsonText

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "report_making",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("form_code", CODE, nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("owner", CODE, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("not_made", sa.Integer(), nullable=False),
        sa.Column("left", JsonText(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_name", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Remove it; the reports that were made stay."""
    op.drop_table("report_making")
