"""Setting what is local to a ledger: typed, with its origin and its history, like a register."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from engine.absence import kind_of
from engine.json_text import Json
from engine.ledgers.lens import Lens
from engine.ledgers.schema import local_table
from engine.registers import absent, store
from engine.registers.schema import column_name
from engine.registers.store import Origin
from engine.work import Work


def set_values(
    work: Work,
    lens: Lens,
    changes: Mapping[str, Mapping[str, Json]],
    origin: Origin,
    *,
    reason: str = "",
) -> int:
    """Set local values by subject and column; gives how many changed."""
    target = local_table(lens)
    ids = sorted(changes)
    rows: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(ids), store.CHUNK):
        query = select(target).where(target.c.subject_id.in_(ids[start : start + store.CHUNK]))
        query = query.order_by(target.c.subject_id).with_for_update()
        rows.update(
            (row["subject_id"], dict(row)) for row in work.connection.execute(query).mappings()
        )
    changed = 0
    for subject_id in ids:
        changed += _set_row(
            work,
            lens,
            subject_id,
            rows.get(subject_id),
            changes[subject_id],
            origin=origin,
            reason=reason,
        )
    return changed


def _set_row(
    work: Work,
    lens: Lens,
    subject_id: str,
    row: Mapping[str, Any] | None,
    values: Mapping[str, Json],
    *,
    origin: Origin,
    reason: str,
) -> int:
    target = local_table(lens)
    before: dict[str, Json] = {}
    after: dict[str, Json] = {}
    kept: dict[str, Any] = {
        "sources": {**(row["sources"] if row else {}), **dict.fromkeys(values, origin.id)}
    }
    gone = row["absent"] if row else None
    for name, value in values.items():
        field = lens.by_name[name].field
        old = absent.whole(row[column_name(field)], gone, name) if row else None
        if old == value:
            continue
        before[name], after[name] = old, value
        kept[column_name(field)] = absent.typed(value)
    if gone or any(map(kind_of, after.values())):
        kept["absent"] = absent.after(gone, after)
    if row is None:
        new = {"subject_id": subject_id, "created_at": work.at, **kept}
        work.connection.execute(insert(target), new)
    else:
        this = target.c.subject_id == subject_id
        work.connection.execute(update(target).where(this).values(**kept))
    if after:
        work.record(target.name, subject_id, before=before, after=after, reason=reason)
    return len(after)
