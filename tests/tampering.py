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
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(statement)
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        return
    before = _triggers(connection)
    unguarded(connection)
    dropped = before.keys() - _triggers(connection).keys()
    for statement in statements:
        connection.execute(statement)
    for name in sorted(dropped):
        connection.execute(text(before[name]))


def _triggers(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return dict(rows.tuples().all())
