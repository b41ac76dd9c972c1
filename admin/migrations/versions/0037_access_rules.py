"""Access rules beside positions, and masks that were lifted."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "access_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation", columns.CODE, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("since", columns.MOMENT, nullable=False),
        sa.Column("until", columns.MOMENT),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", columns.MOMENT, nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("access_rule_in_force", "access_rule", ["ended_at", "since"])
    op.create_table(
        "mask_lift",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("steward", columns.CODE, nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation", columns.CODE, nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("fields", columns.JsonText(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "steward"),
    )
    op.create_index("mask_lift_of_steward", "mask_lift", ["steward", "at"])
    op.add_column(
        "workbook_export",
        sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_column("workbook_export", "whole")
    op.drop_table("mask_lift")
    op.drop_table("access_rule")
