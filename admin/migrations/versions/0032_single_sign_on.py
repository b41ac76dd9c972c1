"""Single sign-on: trips to the provider, whom it knows as which account, and how a log-in was made."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the mark."""
    op.create_table(
        "sign_on_trip",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("back", sa.String(), nullable=False),
        sa.Column("at", columns.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_sign_on_trip_at", "sign_on_trip", ["at"])
    op.create_table(
        "sign_on_binding",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("created_at", columns.MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_sign_on_binding_account_id", "sign_on_binding", ["account_id"])
    op.add_column("login_session", sa.Column("way", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take them back."""
    op.drop_column("login_session", "way")
    op.drop_table("sign_on_binding")
    op.drop_table("sign_on_trip")
