"""Retention periods, their carrying out, and the totals kept of what is gone."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "retention_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("made_at", columns.MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_name", sa.String(), nullable=False),
        sa.Column("ended_at", columns.MOMENT),
        sa.Column("ended_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    in_force = sa.text("ended_at IS NULL")
    op.create_index(
        "retention_rule_once", "retention_rule", ["kind", "code"], unique=True,
        sqlite_where=in_force, postgresql_where=in_force,
    )  # fmt: skip
    op.create_table(
        "retention_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("parts", columns.JsonText(), nullable=False),
        sa.Column("asked_at", columns.MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False),
        sa.Column("decided_at", columns.MOMENT),
        sa.Column("decided_by", sa.String()),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("progress", columns.JsonText()),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("done_at", columns.MOMENT),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name="retention_run_two_people"
        ),
    )
    op.create_table(
        "retained_total",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("place", columns.CODE, nullable=False),
        sa.Column("period", columns.CODE, nullable=False),
        sa.Column("name", columns.CODE, nullable=False),
        sa.Column("value", columns.CODE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", "code", "place", "period", "name", "value"),
    )
    op.create_index("retained_total_of", "retained_total", ["kind", "place"])
    op.create_table(
        "retained",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", columns.CODE, nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "target"),
    )


def downgrade() -> None:
    """Take them back; what was deleted stays deleted."""
    op.drop_table("retained")
    op.drop_index("retained_total_of", "retained_total")
    op.drop_table("retained_total")
    op.drop_table("retention_run")
    op.drop_index("retention_rule_once", "retention_rule")
    op.drop_table("retention_rule")
