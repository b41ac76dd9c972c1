"""Merges and splits in the registers, what leads to survivors, likely duplicates and searches for them."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "register_join",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("kept_id", columns.CODE, nullable=False),
        sa.Column("other_id", columns.CODE, nullable=False),
        sa.Column("taken", columns.JsonText(), nullable=False),
        sa.Column("detail", columns.JsonText(), nullable=True),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decider", columns.CODE, nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("decided_at", columns.MOMENT, nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("register_join_of", "register_join", ["subject", "at"])
    op.create_index("ix_register_join_kept_id", "register_join", ["kept_id"])
    op.create_index("ix_register_join_other_id", "register_join", ["other_id"])
    op.create_table(
        "register_former",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("join_id", columns.CODE, nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("name", columns.CODE, nullable=False),
        sa.Column("sought", columns.CODE, nullable=False),
        sa.Column("now_id", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("register_former_by", "register_former", ["subject", "name", "sought"])
    op.create_index("ix_register_former_join_id", "register_former", ["join_id"])
    op.create_index("ix_register_former_now_id", "register_former", ["now_id"])
    op.create_table(
        "register_pair",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("first_id", columns.CODE, nullable=False),
        sa.Column("second_id", columns.CODE, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("why", columns.JsonText(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", columns.MOMENT, nullable=False),
        sa.Column("decided_at", columns.MOMENT, nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    once = ["subject", "first_id", "second_id"]
    op.create_index("register_pair_once", "register_pair", once, unique=True)
    op.create_index("register_pair_open", "register_pair", ["subject", "state", "score"])
    op.create_index("register_pair_second", "register_pair", ["second_id"])
    op.create_table(
        "register_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("after", columns.CODE, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("crowded", sa.Integer(), nullable=False),
        sa.Column("begun_at", columns.MOMENT, nullable=False),
        sa.Column("begun_by_name", sa.String(), nullable=False),
        sa.Column("ended_at", columns.MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("register_search_of", "register_search", ["subject", "begun_at"])


def downgrade() -> None:
    """Remove them."""
    for name in ("register_search", "register_pair", "register_former", "register_join"):
        op.drop_table(name)
