"""Writing and proving the trail: each entry's digest covers the digest of the entry before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.audit.tables import AuditRow
from engine.crypto.vault import digest
from engine.json_text import canonical, dumps, trusted
from engine.storage.prepared import Prepared, driven

AUDIT = AuditRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
FIRST = "0" * 64
_LAST = Prepared(select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1))
_ADD = Prepared(insert(AUDIT).inline())
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('yibiao audit', 0))"
CHAIN = """INSERT INTO audit (seq, at, actor_id, actor_name, action, target, detail, request_id, digest)
SELECT entry.seq, %(at)s, %(actor_id)s, %(actor_name)s, %(action)s, %(target)s, %(detail)s,
  %(request_id)s, encode(sha256(int8send(length(entry.previous)) || convert_to(entry.previous, 'UTF8')
    || int8send(length(entry.body)) || entry.body), 'hex')
FROM (
  SELECT last.seq + 1 AS seq, last.digest AS previous,
    %(before)s::bytea || convert_to((last.seq + 1)::text, 'UTF8') || %(after)s::bytea AS body
  FROM (
    (SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1) UNION ALL SELECT 0, %(first)s
  ) AS last ORDER BY last.seq DESC LIMIT 1
) AS entry
"""
"""What `append` does by itself elsewhere, done by PostgreSQL: whose turn it is has nobody wait for
this program's answer. The same digest, from the entry's text before and after its number.
"""


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
    """Add entries to the chain. Call it last in a transaction: on PostgreSQL it waits for its turn.

    It may stand among writes whose results nobody looks at (`postgresql.together`).
    """
    told = {"at": at, "actor_id": actor_id, "actor_name": actor_name, "request_id": request_id}
    rows = [
        {
            **told,
            "action": entry.action,
            "target": entry.target,
            # as it will be read, so that the digest holds whatever kinds of value were given
            "detail": trusted(dumps(entry.detail)) if entry.detail is not None else None,
        }
        for entry in entries
    ]
    if connection.dialect.name == "postgresql":
        _chain(connection, rows)
        return
    last = _LAST.first(connection) or {"seq": 0, "digest": FIRST}
    previous = last["digest"]
    for seq, row in enumerate(rows, last["seq"] + 1):
        row["seq"] = seq
        previous = row["digest"] = digest(previous.encode(), canonical(row))
    _ADD.write_many(connection, rows)


def _chain(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    driven(connection, _TURN, ())
    for row in rows:
        before, after = _around_number(row)
        detail = None if row["detail"] is None else dumps(row["detail"])
        values = {**row, "detail": detail, "before": before, "after": after, "first": FIRST}
        driven(connection, CHAIN, values)


def _around_number(row: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """What stands before and after the entry's number in the text that its digest covers."""
    before = {name: value for name, value in row.items() if name < "seq"}
    after = {name: value for name, value in row.items() if name > "seq"}
    return canonical(before)[:-1] + b',"seq":', b"," + canonical(after)[1:]


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
