"""Running reports moved to a newer version of their form: the plan, and what came of each."""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import CODE, MOMENT, JsonText

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('trying', 'tried', 'running', 'stopped')")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "form_move",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dispatch_id", sa.String(), nullable=False),
        sa.Column("form_code", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("handed_in", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_name", sa.String(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("begun_name", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_form_move_dispatch_id", "form_move", ["dispatch_id"])
    op.create_index("form_move_of", "form_move", ["form_code", "created_at"])
    op.create_index(
        "form_move_one", "form_move", ["dispatch_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )  # fmt: skip
    op.create_table(
        "form_move_unit",
        sa.Column("move_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("organisation_code", CODE, nullable=False),
        sa.Column("path", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("found", JsonText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("move_id", "document_id"),
    )
    op.create_index("form_move_unit_outcome", "form_move_unit", ["move_id", "outcome", "path"])
    op.create_index("form_move_unit_of", "form_move_unit", ["document_id", "at"])


def downgrade() -> None:
    """Remove them; reports stay on the version that they are on."""
    op.drop_table("form_move_unit")
    op.drop_table("form_move")
