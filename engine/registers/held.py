"""The rows of a register that are about to change, as they are: held until the transaction ends."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Table, bindparam, select

from engine.work import Work

CHUNK = 500


def rows(
    work: Work, target: Table, ids: Sequence[str], period: str | None, columns: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """These columns (and sources and absences) by subject, in one order for all who ask (PostgreSQL)."""
    found: dict[str, Mapping[str, Any]] = {}
    query = _query(target, tuple(columns), periodic=period is not None)
    names = [column.name for column in query.selected_columns]
    asked = {} if period is None else {"period": period}
    for start in range(0, len(ids), CHUNK):
        for row in work.connection.execute(query, {"ids": ids[start : start + CHUNK], **asked}):
            found[row[0]] = dict(zip(names, row, strict=True))
    return found


@lru_cache(maxsize=256)
def _query(target: Table, columns: tuple[str, ...], *, periodic: bool) -> Select[Any]:
    """Made once: a report of many items writes back the same columns each time."""
    key = target.c.subject_id if periodic else target.c.id
    wanted = [key, target.c.sources, target.c.absent, *(target.c[name] for name in columns)]
    query = select(*wanted).where(key.in_(bindparam("ids", expanding=True)))
    if periodic:
        query = query.where(target.c.period == bindparam("period"))
    return query.order_by(key).with_for_update()
