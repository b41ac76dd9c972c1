"""The steps of designers, to be undone and carried over, and who has a draft open."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "design_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_code", columns.CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("tab", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.Column("told", columns.JsonText(), nullable=True),
        sa.Column("changes", columns.JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("design_step_of", "design_step", ["form_code", "version", "id"])
    op.create_table(
        "design_presence",
        sa.Column("form_code", columns.CODE, nullable=False),
        sa.Column("tab", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("seen_at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("form_code", "tab"),
    )


def downgrade() -> None:
    """Take them back, and the history with them."""
    op.drop_table("design_presence")
    op.drop_index("design_step_of", "design_step")
    op.drop_table("design_step")
