"""Facts of values taken over, and of disputes; reports counted before are counted once more for them."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OF_A_REPORT = ("field", "form_code", "owner", "organisation_code", "organisation_path", "month")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "value_reuse",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("datum", columns.CODE, nullable=False),
        *(sa.Column(name, columns.CODE, nullable=False) for name in OF_A_REPORT),
        sa.PrimaryKeyConstraint("document_id", "datum"),
    )
    op.create_table(
        "dispute_fact",
        sa.Column("dispute_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        *(sa.Column(name, columns.CODE, nullable=False) for name in OF_A_REPORT),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dispute_id"),
    )
    for table in ("value_reuse", "dispute_fact"):
        op.create_index(f"{table}_of", table, ["month", "organisation_path"])
        op.create_index(f"{table}_owner", table, ["owner", "month"])
    op.execute("UPDATE report_fact SET counted_at = '1970-01-01T00:00:00Z'")


def downgrade() -> None:
    """Take them back."""
    op.drop_table("dispute_fact")
    op.drop_table("value_reuse")
