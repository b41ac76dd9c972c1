"""Reading and writing register values with their origins; the only SQL on register rows.

A row's `sources` says which origin each value has: `{"*": 3, "phone": 17}` means phone came by
origin 17 and all the rest by origin 3. So a load of a million persons writes one origin, and
reading provenance costs one query more whatever the number of cells.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from engine import absence
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.json_text import Json, canonical, trusted
from engine.registers import absent, former, held
from engine.registers.plans import VALUES, Plan, good_since_each, plan_of
from engine.registers.schema import blind_name, column_name, table
from engine.registers.tables import OriginRow
from engine.storage.prepared import Prepared
from engine.work import Work

ORIGIN = OriginRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
CHUNK = 500


class KeyTaken(Problem):
    """A subject with the same natural key (ID number, credit code) is in the register already."""

    code, status = "register.key-taken", 409
    subject: str


class Origin(Struct, frozen=True):
    """Where values came from: through which form and task, entered and verified by whom."""

    source: str
    title: str
    at: str
    actor_id: str = ""
    actor_name: str = ""
    verified_by: str = ""
    approved_by: str = ""
    organisation: str = ""
    form_code: str = ""
    form_version: int = 0
    document_id: str = ""
    task_id: str = ""
    period: str = ""
    id: int = 0


class KnownValue(Struct, frozen=True):
    """A value of a field of a subject, its origin, and whether it is too old to go unconfirmed."""

    field: str
    value: Json
    origin: Origin
    stale: bool = False
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A value to be set: of which field, of which subject, for which period if it holds for one."""

    field: str
    subject_id: str
    value: Json
    period: str | None = None
    yields: bool = False
    """Whether an answer that says nothing of the fact (unknown, refused) leaves a known value alone."""
    echoes: bool = False
    """Said again as it was read here: what somebody else has made of it since stays."""


Reader = Callable[[Sequence[Any], Mapping[int, Origin]], dict[str, KnownValue]]


_ADD_ORIGIN = Prepared(insert(ORIGIN).returning(ORIGIN.c.id))


def add_origin(work: Work, origin: Origin) -> Origin:
    """Write an origin and give it with its id."""
    values = {name: value for name, value in structs.asdict(origin).items() if name != "id"}
    return structs.replace(origin, id=_ADD_ORIGIN.scalar(work.connection, **values))


def fetch(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    ids: Sequence[str],
    fields: Sequence[Field],
    *,
    period: str | None = None,
) -> dict[str, dict[str, KnownValue]]:
    """What is known of many subjects, by subject id and field code: one query per 500 subjects,
    and one for the origins. Fields without a value are absent. Of a subject that went into another
    what is known of the survivor is given, by the id that was asked for.
    """
    if not ids or not fields:
        return {}
    target = table(dictionary, subject, period=period is not None)
    key = target.c.id if period is None else target.c.subject_id
    columns = [target.c[column_name(field)] for field in fields]
    rows: list[Any] = []
    for start in range(0, len(ids), CHUNK):
        query = select(key.label("key"), target.c.sources, target.c.absent, *columns).where(
            key.in_(ids[start : start + CHUNK])
        )
        if period is not None:
            query = query.where(target.c.period == period)
        rows += work.connection.execute(query).all()
    origins = origins_by_id(work.connection, {i for row in rows for i in row.sources.values()})
    read = reader(work, fields, period)
    found = {row.key: read(row, origins) for row in rows}
    gone = former.survivors(work, subject, former.ID, set(ids) - set(found))
    if gone:
        there = fetch(work, dictionary, subject, sorted(set(gone.values())), fields, period=period)
        found |= {old: there[new] for old, new in gone.items() if new in there}
    return found


def rows_where(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    condition: ColumnElement[bool],
    fields: Sequence[Field],
    *,
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
    offset: int = 0,
) -> dict[str, dict[str, KnownValue]]:
    """The subjects that satisfy a condition, with what is known of each: two queries in all."""
    target = table(dictionary, subject)
    columns = [target.c[column_name(field)] for field in fields]
    query = (
        select(target.c.id.label("key"), target.c.sources, target.c.absent, *columns)
        .where(condition)
        .order_by(*order, target.c.id)
        .limit(limit)
        .offset(offset)
    )
    rows = work.connection.execute(query).all()
    origins = origins_by_id(work.connection, {i for row in rows for i in row.sources.values()})
    read = reader(work, fields)
    return {row.key: read(row, origins) for row in rows}


def existing(work: Work, dictionary: Dictionary, subject: str, ids: Sequence[str]) -> set[str]:
    """Those of the ids that the register has."""
    target = table(dictionary, subject)
    query = select(target.c.id).where(target.c.id.in_(ids))
    return set(work.connection.execute(query).scalars())


def find(work: Work, dictionary: Dictionary, field: Field, values: Sequence[str]) -> dict[str, str]:
    """Subjects by a natural key: value -> subject id, for those that are there. A key that somebody
    had before a merge, and the old way of writing one, lead to who has it now.
    """
    found = _found(work, dictionary, field, values)
    missing = [value for value in values if value not in found]
    if missing:
        found |= former.by_other_keys(
            work, field, missing, partial(_found, work, dictionary, field)
        )
    return found


def _found(work: Work, dictionary: Dictionary, field: Field, values: Sequence[str]) -> dict[str, str]:  # fmt: skip
    target = table(dictionary, field.subject)
    column = target.c[blind_name(field) if field.secret else column_name(field)]
    wanted = {former.sought(work, field, value): value for value in values}
    found: dict[str, str] = {}
    keys = list(wanted)
    for start in range(0, len(keys), CHUNK):
        query = select(column.label("key"), target.c.id).where(
            column.in_(keys[start : start + CHUNK])
        )
        found.update({wanted[row.key]: row.id for row in work.connection.execute(query)})
    return found


def set_values(
    work: Work,
    dictionary: Dictionary,
    changes: Sequence[Change],
    origin: Origin,
    *,
    reason: str = "",
) -> int:
    """Set values, keeping what they were in the history. A value that is already so keeps its
    value and takes the newer origin: it has been confirmed. Gives how many values changed.

    Raises KeyTaken.
    """
    groups: dict[tuple[str, str | None], dict[str, dict[str, Change]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for change in changes:
        field = dictionary.field(change.field)
        period = change.period if field.periodic else None
        groups[field.subject, period][change.subject_id][field.name] = change
    return sum(
        _set_group(work, dictionary, subject, period, by_subject, origin=origin, reason=reason)
        for (subject, period), by_subject in groups.items()
    )


def origins_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Origin]:
    """Origins by their ids."""
    wanted = sorted(set(ids))
    found: dict[int, Origin] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        size = next(one for one in _BY_ID if one >= len(part))
        asked = {f"id_{n}": part[min(n, len(part) - 1)] for n in range(size)}
        for row in _BY_ID[size].all(connection, **asked):
            found[row["id"]] = Origin(**row)
    return found


_BY_ID = {
    size: Prepared(
        select(ORIGIN).where(ORIGIN.c.id.in_([bindparam(f"id_{n}") for n in range(size)]))
    )
    for size in (1, 4, 20, 100, CHUNK)
}
"""Prepared for so many; who asks for fewer asks for the last one several times."""


def _set_group(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    period: str | None,
    by_subject: Mapping[str, Mapping[str, Change]],
    *,
    origin: Origin,
    reason: str,
) -> int:
    target = table(dictionary, subject, period=period is not None)
    asked = {name for changes in by_subject.values() for name in changes}
    columns = [column_name(dictionary.fields[f"{subject}.{name}"]) for name in sorted(asked)]
    rows = held.rows(work, target, sorted(by_subject), period, columns)
    elsewhere = former.survivors(work, subject, former.ID, set(by_subject) - set(rows))
    if elsewhere:
        by_subject = former.led(by_subject, elsewhere)
        rows = held.rows(work, target, sorted(by_subject), period, columns)
    changed = 0
    for subject_id, changes in by_subject.items():
        row = rows.get(subject_id)
        place = place_of(subject_id, period)
        bound: dict[str, Any] = {}
        before, after, said = {}, {}, []
        gone = row["absent"] if row else None
        for name, change in changes.items():
            field = dictionary.fields[f"{subject}.{name}"]
            old = opened(work, field, place, row[column_name(field)]) if row else None
            if change.yields and old is not None and absence.silent(change.value):
                continue
            old = absent.whole(old, gone, name)
            if change.echoes and old != change.value:
                continue
            said.append(name)
            if old != change.value:
                before[name], after[name] = old, change.value
                bound.update(as_kept(work, field, place, absent.typed(change.value)))
        if not said:
            continue
        if gone or any(map(absence.kind_of, after.values())):
            bound["absent"] = absent.after(gone, after)
        bound["sources"] = {**(row["sources"] if row else {}), **dict.fromkeys(said, origin.id)}
        _write_row(work, target, subject_id, period, bound, subject=subject, is_new=row is None)
        if after:
            changed += len(after)
            was = held.origins(row["sources"] if row else {}, before)
            work.record(target.name, place, before=before, after=after, reason=reason, origins=was)
    return changed


def _write_row(
    work: Work,
    target: Table,
    subject_id: str,
    period: str | None,
    bound: Mapping[str, Any],
    *,
    subject: str,
    is_new: bool,
) -> None:
    if is_new:
        identity = {"id": subject_id}
        if period is not None:
            identity = {"subject_id": subject_id, "period": period}
        _add(work, subject, target, [{**identity, "created_at": work.at, **bound}])
        return
    try:
        held.change(work, target, subject_id, period, bound)
    except IntegrityError as error:
        raise KeyTaken(subject=subject) from error


def _add(work: Work, subject: str, target: Table, rows: list[dict[str, Any]]) -> None:
    try:
        work.connection.execute(insert(target), rows)
    except IntegrityError as error:
        raise KeyTaken(subject=subject) from error


def place_of(subject_id: str, period: str | None) -> str:
    """The row that a sealed value is tied to, and under which a change stands in the history."""
    return subject_id if period is None else f"{subject_id}@{period}"


def as_kept(work: Work, field: Field, place: str, value: Json) -> dict[str, Any]:
    """A value as the columns of its field keep it; a secret one sealed for its row, `place`."""
    if not field.secret:
        return {column_name(field): value}
    if value is None:
        return {column_name(field): None, blind_name(field): None}
    plain = value if field.schema.get("type") == "string" else canonical(value).decode()
    return {
        column_name(field): work.vault.seal(plain, f"{field.code}:{place}"),
        blind_name(field): work.vault.blind(plain, field.code),
    }


def opened(work: Work, field: Field, place: str, stored: Any) -> Json:
    """A kept value as it is; a secret one is unsealed for the row it is tied to, `place`."""
    if stored is None or not field.secret:
        return stored
    plain = work.vault.open(stored, f"{field.code}:{place}")
    return plain if field.schema.get("type") == "string" else trusted(plain)


def reader(work: Work, fields: Sequence[Field], period: str | None = None) -> Reader:
    """How to read rows of (subject id, sources, absences, values in the order of the fields)."""
    return reading(work, plan_of(fields), period)


def reading(work: Work, plan: Plan, period: str | None = None) -> Reader:
    """The same as `reader`, from a plan."""
    since = good_since_each(plan.days, work.now)

    def read(row: Sequence[Any], origins: Mapping[int, Origin]) -> dict[str, KnownValue]:
        seen = list(row)
        place = place_of(seen[0], period)
        for at, field in plan.sealed:
            if seen[at] is not None:
                seen[at] = opened(work, field, place, seen[at])
        sources, gone = seen[1], seen[2]
        common = sources.get("*")
        if gone or common is None or len(sources) > 1:
            return _by_value(plan, seen, origins, since, period)
        origin = origins[common]
        aged = [origin.at < one for one in since]
        return {
            code: KnownValue(code, value, origin, aged[age], period)
            for code, value, age in zip(plan.codes, seen[VALUES:], plan.ages, strict=True)
            if value is not None
        }

    return read


def _by_value(
    plan: Plan,
    seen: Sequence[Any],
    origins: Mapping[int, Origin],
    since: Sequence[str],
    period: str | None,
) -> dict[str, KnownValue]:
    """What a row says whose values came at different times, or that tells why some are not there."""
    sources, gone = seen[1], seen[2]
    common = sources.get("*")
    found = {}
    for code, name, age, value in zip(
        plan.codes, plan.names, plan.ages, seen[VALUES:], strict=True
    ):
        said = absent.whole(value, gone, name)
        if said is not None:
            origin = origins[sources.get(name, common)]
            found[code] = KnownValue(code, said, origin, origin.at < since[age], period)
    return found
