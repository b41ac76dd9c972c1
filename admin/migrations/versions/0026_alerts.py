"""Alerts that rules raise over the trail, and how far it was looked through."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "alert",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("raised_at", columns.MOMENT, nullable=False),
        sa.Column("first_at", columns.MOMENT, nullable=False),
        sa.Column("last_at", columns.MOMENT, nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("handled_by", sa.String(), nullable=False),
        sa.Column("handled_at", columns.MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alert_of_state", "alert", ["state", "last_at"])
    op.create_index("alert_of_rule", "alert", ["rule", "about"])
    op.create_table(
        "alert_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_table("alert_mark")
    op.drop_table("alert")
