"""Passwords have an age and a past; log-ins say from which device and when they were last used."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("account", sa.Column("password_at", columns.MOMENT))
    op.add_column(
        "account",
        sa.Column("password_change", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("login_session", sa.Column("seen_at", columns.MOMENT))
    for name in ("agent", "address", "device"):
        op.add_column(
            "login_session", sa.Column(name, sa.String(), nullable=False, server_default="")
        )
    op.create_table(
        "login_device",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("first_at", columns.MOMENT, nullable=False),
        sa.Column("last_at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "digest"),
    )
    op.create_table(
        "login_try",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", columns.MOMENT),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_login_try_at", "login_try", ["at"])
    op.create_table(
        "past_password",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "at"),
    )


def downgrade() -> None:
    """Take them back."""
    for name in ("past_password", "login_try", "login_device"):
        op.drop_table(name)
    for name in ("device", "address", "agent", "seen_at"):
        op.drop_column("login_session", name)
    op.drop_column("account", "password_change")
    op.drop_column("account", "password_at")
