"""Ledgers: who stands in them by hand, kept views, proposed changes, two people at one cell."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_clash",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ledger", columns.CODE, nullable=False),
        sa.Column("row_id", columns.CODE, nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("second_by", sa.String(), nullable=False),
        sa.Column("second_name", sa.String(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ledger_clash_of", "ledger_clash", ["ledger", "row_id"], unique=False)
    op.create_table(
        "ledger_member",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ledger", columns.CODE, nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.Column("entered_on", columns.CODE, nullable=False),
        sa.Column("entry_reason", sa.String(), nullable=False),
        sa.Column("entered_at", columns.CODE, nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("left_on", columns.CODE, nullable=True),
        sa.Column("exit_reason", sa.String(), nullable=False),
        sa.Column("left_at", columns.CODE, nullable=True),
        sa.Column("left_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ledger_member_of", "ledger_member", ["ledger", "subject_id"], unique=False)
    op.create_index(
        "ledger_member_once",
        "ledger_member",
        ["ledger", "subject_id"],
        unique=True,
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_table(
        "ledger_proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ledger", columns.CODE, nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.Column("field", columns.CODE, nullable=False),
        sa.Column("decider", columns.CODE, nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("before", columns.JsonText(), nullable=True),
        sa.Column("after", columns.JsonText(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", columns.CODE, nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_by_name", sa.String(), nullable=False),
        sa.Column("decided_at", columns.CODE, nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ledger_proposal_about", "ledger_proposal", ["subject_id", "field"], unique=False
    )
    op.create_index("ledger_proposal_to", "ledger_proposal", ["decider", "state"], unique=False)
    op.create_table(
        "ledger_view",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ledger", columns.CODE, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("ask", columns.JsonText(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ledger_view_of", "ledger_view", ["ledger"], unique=False)


def downgrade() -> None:
    op.drop_index("ledger_view_of", table_name="ledger_view")
    op.drop_table("ledger_view")
    op.drop_index("ledger_proposal_to", table_name="ledger_proposal")
    op.drop_index("ledger_proposal_about", table_name="ledger_proposal")
    op.drop_table("ledger_proposal")
    op.drop_index(
        "ledger_member_once",
        table_name="ledger_member",
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.drop_index("ledger_member_of", table_name="ledger_member")
    op.drop_table("ledger_member")
    op.drop_index("ledger_clash_of", table_name="ledger_clash")
    op.drop_table("ledger_clash")
