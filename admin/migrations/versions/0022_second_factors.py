"""Second factors: what an account has beside its password, recovery codes, and lost devices."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to a log-in by what it was proved."""
    op.add_column(
        "login_session", sa.Column("proved", sa.String(), nullable=False, server_default="")
    )
    op.create_table(
        "factor",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.String()),
        sa.Column("credential", sa.String()),
        sa.Column("public", sa.String()),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.MOMENT, nullable=False),
        sa.Column("confirmed_at", columns.MOMENT),
        sa.Column("used_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential"),
    )
    op.create_index("ix_factor_account_id", "factor", ["account_id"])
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("used_at", columns.MOMENT),
        sa.PrimaryKeyConstraint("account_id", "digest"),
    )
    op.create_table(
        "factor_reset",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", columns.MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String()),
        sa.Column("decided_at", columns.MOMENT),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_factor_reset_account_id", "factor_reset", ["account_id"])


def downgrade() -> None:
    """Take them back."""
    for name in ("factor_reset", "recovery_code", "factor"):
        op.drop_table(name)
    op.drop_column("login_session", "proved")
