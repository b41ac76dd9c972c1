"""Registers keep why a value is not there: unknown, not applicable, refused. What is there stays as it is."""

import sqlalchemy as sa
from alembic import op

from engine.storage.columns import JsonText

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MADE = ("reg_", "per_", "led_")
"""Tables made from the dictionary and from ledgers; there are as many as those declare."""


def upgrade() -> None:
    """Give every register and ledger-local table the column; reports count such answers from now on."""
    op.add_column(
        "report_fact", sa.Column("absent", sa.Integer(), nullable=False, server_default="0")
    )
    for name, columns in _tables():
        if "absent" not in columns:
            op.add_column(name, sa.Column("absent", JsonText))


def downgrade() -> None:
    """Take it back; the absences are forgotten."""
    op.drop_column("report_fact", "absent")
    for name, columns in _tables():
        if "absent" in columns:
            op.drop_column(name, "absent")


def _tables() -> list[tuple[str, set[str]]]:
    inspector = sa.inspect(op.get_bind())
    names = [one for one in inspector.get_table_names() if one.startswith(MADE)]
    return [(one, {column["name"] for column in inspector.get_columns(one)}) for one in names]
