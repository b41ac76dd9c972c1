"""Attachments: photos, files and signatures, sealed, each with what it belongs to."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("target", columns.CODE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumb", sa.LargeBinary(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attachment_of", "attachment", ["place", "target"])
    op.create_index("ix_attachment_created_at", "attachment", ["created_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("attachment")
