"""Where the values of a register came from that a change replaced; guarded as the rest of the history."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BEFORE = ("id", "kind", "target", "at", "actor_id", "task_id", "reason")
NOW = (*BEFORE, "origins")


def upgrade() -> None:
    """Add the column; of what was changed before, it is not known."""
    op.add_column("history", sa.Column("origins", columns.JsonText(), nullable=True))
    _guard(NOW)


def downgrade() -> None:
    """Take it back."""
    _guard(BEFORE)
    op.drop_column("history", "origins")


def _guard(kept: tuple[str, ...]) -> None:
    event = f"BEFORE UPDATE OF {', '.join(kept)} ON history"
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER history_update ON history")
        op.execute(
            f"CREATE TRIGGER history_update {event} FOR EACH ROW EXECUTE FUNCTION yibiao_refuse()"
        )
    else:
        op.execute("DROP TRIGGER history_update")
        op.execute(
            f"CREATE TRIGGER history_update {event}"
            " BEGIN SELECT RAISE(ABORT, 'append-only: history'); END"
        )
