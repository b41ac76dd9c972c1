"""Changes of organisations: what was wished and done, its effects, and what units were before."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "organisation_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("effective", columns.MOMENT, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("wish", columns.JsonText(), nullable=False),
        sa.Column("steps", columns.JsonText()),
        sa.Column("problem", columns.JsonText()),
        sa.Column("carrying", sa.Boolean(), nullable=False),
        sa.Column("asked_at", columns.MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_name", sa.String(), nullable=False),
        sa.Column("done_at", columns.MOMENT),
        sa.Column("ended_at", columns.MOMENT),
        sa.Column("ended_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "organisation_change_order", "organisation_change", ["state", "effective", "done_at"]
    )
    op.create_table(
        "organisation_effect",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("row", sa.String(), nullable=False),
        sa.Column("cell", sa.String(), nullable=False),
        sa.Column("before", columns.JsonText()),
        sa.Column("after", columns.JsonText()),
        sa.PrimaryKeyConstraint("change_id", "number"),
    )
    op.create_table(
        "organisation_former",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("now", columns.CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", columns.CODE, nullable=False),
        sa.Column("until", columns.MOMENT, nullable=False),
        sa.Column("now_path", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("change_id", "code", "now"),
    )
    op.create_index("organisation_former_of", "organisation_former", ["code", "until"])
    op.create_index("organisation_former_place", "organisation_former", ["now_path"])
    op.create_index("organisation_former_now", "organisation_former", ["now", "code"])


def downgrade() -> None:
    """Take them back."""
    for table in ("organisation_former", "organisation_effect", "organisation_change"):
        op.drop_table(table)
