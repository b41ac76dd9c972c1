"""Writing and proving the trail: each entry's digest covers the digest of the entry before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.audit.tables import AuditRow
from engine.crypto.vault import digest
from engine.json_text import canonical, dumps, trusted
from engine.storage.postgresql import first_in_turn
from engine.storage.prepared import Prepared

AUDIT = AuditRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
FIRST = "0" * 64
_LAST = select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1)
_ADD = Prepared(insert(AUDIT).inline())


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written about one act."""

    action: str
    target: str
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the trail is whole; if not, the first entry that does not fit."""

    whole: bool
    entries: int
    broken_at: int | None = None


def append(
    connection: Connection,
    entries: Sequence[Entry],
    *,
    at: str,
    actor_id: str,
    actor_name: str,
    request_id: str = "",
) -> None:
    """Add entries to the chain. Call it last in a transaction: on PostgreSQL it waits for its turn."""
    seq, previous = first_in_turn(connection, "audit", _LAST) or (0, FIRST)
    rows = []
    for entry in entries:
        seq += 1
        row = {
            "seq": seq,
            "at": at,
            "actor_id": actor_id,
            "actor_name": actor_name,
            "action": entry.action,
            "target": entry.target,
            # as it will be read, so that the digest holds whatever kinds of value were given
            "detail": trusted(dumps(entry.detail)) if entry.detail is not None else None,
            "request_id": request_id,
        }
        previous = digest(previous.encode(), canonical(row))
        rows.append({**row, "digest": previous})
    _ADD.write_many(connection, rows)


def verify(connection: Connection) -> Verdict:
    """Recompute the whole chain. A removed, altered or re-ordered entry breaks it."""
    previous, expected = FIRST, 0
    query = select(AUDIT).order_by(AUDIT.c.seq).execution_options(yield_per=2000)
    for row in connection.execute(query).mappings():
        expected += 1
        content = {key: value for key, value in row.items() if key != "digest"}
        previous = digest(previous.encode(), canonical(content))
        if row["seq"] != expected or row["digest"] != previous:
            return Verdict(whole=False, entries=expected, broken_at=row["seq"])
    return Verdict(whole=True, entries=expected)


def count(connection: Connection) -> int:
    """How many entries there are."""
    return connection.execute(select(func.count()).select_from(AUDIT)).scalar_one()
