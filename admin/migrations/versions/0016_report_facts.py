"""What reports cost their people: one row of counts a report."""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import CODE, MOMENT

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; reports that are there are counted by the next job."""
    op.create_table(
        "report_fact",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("form_code", CODE, nullable=False),
        sa.Column("owner", CODE, nullable=False),
        sa.Column("organisation_code", CODE, nullable=False),
        sa.Column("organisation_path", CODE, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("month", CODE, nullable=False),
        sa.Column("submitted", sa.Integer(), nullable=False),
        sa.Column("prefilled", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_index("report_fact_of", "report_fact", ["month", "organisation_path"])
    op.create_index("report_fact_owner", "report_fact", ["owner", "month"])


def downgrade() -> None:
    """Remove it; the counts can be made again."""
    op.drop_table("report_fact")
