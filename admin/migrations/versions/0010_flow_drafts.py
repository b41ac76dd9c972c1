"""Drafts of flows, with every state they were saved in."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_draft",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("changed_at", columns.MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "flow_draft_step",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("flow_draft_step_of", "flow_draft_step", ["code", "at"])


def downgrade() -> None:
    op.drop_index("flow_draft_step_of", table_name="flow_draft_step")
    op.drop_table("flow_draft_step")
    op.drop_table("flow_draft")
