"""Somebody with the rights of the database's owner, who takes the guards away before changing the trail."""

from typing import Any

from sqlalchemy import Connection, text

GUARDED = ("audit", "audit_checkpoint", "history", "cell_change", "flow_event")


def unguarded(connection: Connection) -> None:
    """Drop what keeps the trail and the histories append-only."""
    on_postgresql = connection.dialect.name == "postgresql"
    for table in GUARDED:
        for what in ("update", "delete"):
            on = f" ON {table}" if on_postgresql else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{what}{on}"))


def tamper(connection: Connection, *statements: Any) -> None:
    """Run statements that the guards would refuse, and put the guards back as they were."""
    names = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    kept = [] if connection.dialect.name == "postgresql" else connection.execute(text(names)).all()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        unguarded(connection)
    for statement in statements:
        connection.execute(statement)
    for _, made in kept:
        connection.execute(text(made))
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = origin"))
