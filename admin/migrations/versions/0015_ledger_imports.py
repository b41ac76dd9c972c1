"""Sheets brought into ledgers, line by line; and the history by time, for looking back."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "ledger_import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ledger", columns.CODE, nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("blob_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("columns", columns.JsonText(), nullable=False),
        sa.Column("counts", columns.JsonText(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.MOMENT, nullable=False),
        sa.Column("applied_at", columns.MOMENT, nullable=True),
        sa.Column("undone_at", columns.MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ledger_import_of", "ledger_import", ["ledger", "created_at"])
    op.create_table(
        "ledger_import_line",
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("detail", columns.JsonText(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("undo", columns.JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("ledger_import_line")
    op.drop_index("ledger_import_of", table_name="ledger_import")
    op.drop_table("ledger_import")
