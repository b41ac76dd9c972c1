"""The rows of a register that are about to change: as they are, held until the transaction ends, and set."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, select, update

from engine.storage.prepared import Prepared
from engine.work import Work

CHUNK = 500


def rows(
    work: Work, target: Table, ids: Sequence[str], period: str | None, columns: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """These columns (and sources and absences) by subject, in one order for all who ask (PostgreSQL)."""
    names, periodic = tuple(columns), period is not None
    asked = {} if period is None else {"of_period": period}
    if len(ids) == 1:  # a report about one subject is the rule: made ready once
        only = _one(target, names, periodic=periodic)
        held = only.first(work.connection, of_subject=ids[0], **asked)
        return {} if held is None else {ids[0]: held}
    found: dict[str, Mapping[str, Any]] = {}
    query = _many(target, names, periodic=periodic)
    for start in range(0, len(ids), CHUNK):
        chunk = {"of_subjects": ids[start : start + CHUNK], **asked}
        for row in work.connection.execute(query, chunk).mappings():
            found[row[_key(target, periodic=periodic).name]] = dict(row)
    return found


def origins(sources: Mapping[str, int], before: Mapping[str, Any]) -> dict[str, int]:
    """Where the values came from that are replaced, by name."""
    known = ((name, sources.get(name) or sources.get("*")) for name in before)
    return {name: one for name, one in known if one and before[name] is not None}


def change(
    work: Work, target: Table, subject_id: str, period: str | None, values: Mapping[str, Any]
) -> None:
    """Set columns of a row that is there. Raises sqlalchemy.exc.IntegrityError for a key taken twice."""
    asked = {} if period is None else {"of_period": period}
    changed = _changed(target, tuple(values), periodic=period is not None)
    changed.write(work.connection, of_subject=subject_id, **asked, **values)


def _key(target: Table, *, periodic: bool) -> Column[Any]:
    return target.c.subject_id if periodic else target.c.id


@lru_cache(maxsize=256)
def _many(target: Table, columns: tuple[str, ...], *, periodic: bool) -> Select[Any]:
    """Made once: a report of many items writes back the same columns each time."""
    key = _key(target, periodic=periodic)
    query = _locked(target, columns, periodic=periodic)
    return query.where(key.in_(bindparam("of_subjects", expanding=True))).order_by(key)


@lru_cache(maxsize=256)
def _one(target: Table, columns: tuple[str, ...], *, periodic: bool) -> Prepared:
    key = _key(target, periodic=periodic)
    return Prepared(
        _locked(target, columns, periodic=periodic).where(key == bindparam("of_subject"))
    )


def _locked(target: Table, columns: tuple[str, ...], *, periodic: bool) -> Select[Any]:
    own = (_key(target, periodic=periodic), target.c.sources, target.c.absent)
    query = select(*own, *(target.c[name] for name in columns)).with_for_update()
    return query.where(target.c.period == bindparam("of_period")) if periodic else query


@lru_cache(maxsize=256)
def _changed(target: Table, _columns: tuple[str, ...], *, periodic: bool) -> Prepared:
    """One for each set of columns, so that the least used are forgotten."""
    query = update(target).where(_key(target, periodic=periodic) == bindparam("of_subject"))
    return Prepared(query.where(target.c.period == bindparam("of_period")) if periodic else query)
