"""The trail and the histories are append-only by the database itself; signed checkpoints of the trail."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLLY = ("audit", "audit_checkpoint")
"""Tables in which nothing is ever changed."""
SEALED = {
    "history": ("id", "kind", "target", "at", "actor_id", "task_id", "reason"),
    "cell_change": (
        "id", "document_id", "revision", "path", "at", "actor_id", "actor_name", "task_id",
    ),
    "flow_event": ("case_id", "seq", "kind", "at", "actor_id", "actor_name"),
}  # fmt: skip
"""Tables whose other columns hold sealed values, which a rotation of keys seals anew."""


def upgrade() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION yibiao_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = '42501'; END$$"
        )
    for table in WHOLLY:
        _guard(table, "UPDATE")
    for table, kept in SEALED.items():
        _guard(table, f"UPDATE OF {', '.join(kept)}")
    for table in (*WHOLLY, *SEALED):
        _guard(table, "DELETE")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION yibiao_refuse()"
            )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in (*WHOLLY, *SEALED):
        for what in ("update", "delete", *(("truncate",) if postgresql else ())):
            on = f" ON {table}" if postgresql else ""
            op.execute(f"DROP TRIGGER {table}_{what}{on}")
    if postgresql:
        op.execute("DROP FUNCTION yibiao_refuse()")
    op.drop_table("audit_checkpoint")


def _guard(table: str, event: str) -> None:
    name = f"{table}_{event.split(' ', maxsplit=1)[0].lower()}"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION yibiao_refuse()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )
