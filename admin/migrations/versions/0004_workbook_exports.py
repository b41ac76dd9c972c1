"""Workbooks of a whole dispatch, packed by jobs."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workbook_export",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dispatch_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("documents", columns.JsonText(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_workbook_export_dispatch_id"), "workbook_export", ["dispatch_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("workbook_export")
