"""One subject by its natural key, as fast as the database finds it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.registers import former, store
from engine.registers.plans import Plan, plan_of
from engine.registers.schema import blind_name, column_name, table
from engine.registers.store import ORIGIN, KnownValue, Origin, reading
from engine.storage.prepared import Prepared
from engine.work import Work


def look_up(
    work: Work, dictionary: Dictionary, key: Field, value: str, fields: Sequence[Field]
) -> tuple[str, dict[str, KnownValue]] | None:
    """Its id, and what is known of it by field code; None if nobody has the key, or had it. Two queries."""
    sought = work.vault.blind(value, key.code) if key.secret else value
    prepared, plan = _by_key(dictionary, key.code, tuple(field.code for field in fields))
    row = prepared.row(work.connection, sought=sought)
    if row is None:
        own = former.survivor(work, key, sought)
        if own is None:
            return None
        return own, store.fetch(work, dictionary, key.subject, [own], fields)[own]
    return str(row[0]), reading(work, plan)(row, _origins(work, set(row[1].values())))


def _origins(work: Work, ids: set[int]) -> Mapping[int, Origin]:
    found = {one: _BY_ID.row(work.connection, sought=one) for one in ids}
    return {one: Origin(*values) for one, values in found.items() if values is not None}


@lru_cache(maxsize=256)
def _by_key(dictionary: Dictionary, key: str, codes: tuple[str, ...]) -> tuple[Prepared, Plan]:
    fields = [dictionary.field(code) for code in codes]
    by = dictionary.field(key)
    target = table(dictionary, by.subject)
    chosen: list[Any] = [target.c[column_name(field)] for field in fields]
    query = select(target.c.id, target.c.sources, target.c.absent, *chosen)
    column = target.c[blind_name(by) if by.secret else column_name(by)]
    return Prepared(query.where(column == bindparam("sought"))), plan_of(fields)


_BY_ID = Prepared(
    select(*(ORIGIN.c[name] for name in Origin.__struct_fields__)).where(
        ORIGIN.c.id == bindparam("sought")
    )
)
