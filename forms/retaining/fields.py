"""Fields whose period is over: values that nobody has set anew since, of subjects that no ledger with
the field needs any more; values of periods that ended; and what the history says of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    false,
    func,
    not_,
    or_,
    select,
    update,
)

from engine import clock
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.erasure.person import blank_entry, entry_holds, erased
from engine.errors import NotFound
from engine.ledgers.ground import Ground
from engine.periods import Period
from engine.registers import absent
from engine.registers.schema import blind_name, column_name, table
from engine.registers.sources import source_of
from engine.registers.store import ORIGIN
from engine.retention import parts, totals
from engine.retention.parts import Turn, Turned
from engine.retention.store import DONE, RUN
from engine.retention.totals import Gone
from engine.work import HISTORY, Work
from forms.kinds import ledger, ledger_files_gone
from forms.retaining import disputes

KIND = "field"
VALUES, PAST = "values", "past"
LOOKED_AT = 2_000
"""So many entries of history are opened to say whether anything in them is due."""


class Fields:
    """The values of a field in its register and in the history."""

    def about(self, work: Work, code: str) -> tuple[Mapping[str, str], str]:
        """The field's labels and its steward."""
        known = dictionary(work.connection)
        field = known.fields.get(code)
        if field is None:
            raise NotFound
        return field.labels, field.steward

    def codes(self, work: Work) -> list[str]:
        """Fields that tell who somebody is or are protected, but for keys: those go with the person."""
        known = dictionary(work.connection)
        return [one.code for one in known.fields.values() if _has_period(one, known)]

    def due(self, work: Work, code: str, before: str) -> int:
        """How many values are due; entries of history where no value is."""
        known = dictionary(work.connection)
        field = known.field(code)
        target = table(known, field.subject, period=field.periodic)
        query = select(func.count()).select_from(target).where(_due(work, known, field, before))
        number = int(work.connection.execute(query).scalar_one())
        number += len(disputes.about_field(work, code, before))
        return number or sum(1 for _ in _past_due(work, field, before))

    def turn(self, work: Work, turn: Turn) -> Turned:
        """Blank some values, then some entries of history."""
        known = dictionary(work.connection)
        field = known.field(turn.code)
        phase, *after = turn.after or (VALUES,)
        if phase == VALUES:
            said = 0 if after else disputes.of_field(work, field.code, turn.before, turn.held)
            done = _values(work, turn, known, field, after)
            return replace(done, changed=done.changed + said)
        return _past(work, turn, field, int(after[0]) if after else 0)


def _has_period(field: Field, known: Dictionary) -> bool:
    kind = known.subjects.get(field.subject)
    if kind is None or field.name in kind.keys or field.compute:
        return False
    return erased(field, known)


def _due(work: Work, known: Dictionary, field: Field, before: str) -> ColumnElement[bool]:
    target = table(known, field.subject, period=field.periodic)
    filled = target.c[column_name(field)].is_not(None)
    if field.periodic:
        return and_(filled, target.c.period.in_(_ended(work, target, before)))
    old = select(ORIGIN.c.id).where(ORIGIN.c.at < before)
    origin = source_of(target.c.sources, field.name)
    needed = [not_(func.coalesce(one, false())) for one in _needed(work, known, field)]
    return and_(filled, origin.in_(old), *needed)


def _needed(work: Work, known: Dictionary, field: Field) -> Iterator[ColumnElement[bool]]:
    """Who stands in a ledger that shows the field: the purpose lasts as long as they do."""
    for form in ledger.forms(work.connection):
        lens = ledger.lens(work.connection, form)
        if any(one.field.code == field.code for one in lens.columns) and lens.subject == field.subject:  # fmt: skip
            register = table(known, lens.subject)
            yield Ground(lens, known, register, None, {}, ("",), work.today).members()


def _ended(work: Work, target: Table, before: str) -> list[str]:
    """The periods that ended before a moment."""
    found = work.connection.execute(select(target.c.period).distinct()).scalars()
    return [
        one
        for one in found
        if clock.stamp(clock.begin(Period.parse(one).bounds()[1] + clock.DAY)) <= before
    ]


def _values(
    work: Work, turn: Turn, known: Dictionary, field: Field, after: Sequence[Any]
) -> Turned:
    target = table(known, field.subject, period=field.periodic)
    keys = list(target.primary_key)
    query = select(target).where(_due(work, known, field, turn.before))
    if after:
        query = query.where(_beyond(keys, after))
    rows = work.connection.execute(query.order_by(*keys).limit(turn.limit)).mappings().all()
    mine = [one for one in rows if one[keys[0].name] not in turn.held.subjects]
    totals.keep(work, turn.run, KIND, turn.code, _gone(known, field, target, mine, work))
    gone: dict[str, Any] = {column_name(field): None}
    if field.secret:
        gone[blind_name(field)] = None
    for row in mine:
        said = row[absent.COLUMN]
        left = {name: one for name, one in said.items() if name != field.name} if said else None
        this = [key == row[key.name] for key in keys]
        change = update(target).where(*this)
        work.connection.execute(change.values(**gone, **{absent.COLUMN: left or None}))
    if not field.periodic:
        named = ledger_files_gone.of_field(field, mine, keys[0].name)
        ledger_files_gone.release(work, field.subject, named)
    more = len(rows) == turn.limit
    next_ = [VALUES, *(rows[-1][key.name] for key in keys)] if more else [PAST]
    kept = {one[keys[0].name] for one in rows} - {one[keys[0].name] for one in mine}
    return Turned(next_, len(rows), len(mine), kept)


def _beyond(keys: Sequence[Any], after: Sequence[Any]) -> ColumnElement[bool]:
    first: ColumnElement[bool] = keys[0] > after[0]
    if len(keys) == 1:
        return first
    return or_(first, and_(keys[0] == after[0], keys[1] > after[1]))


def _gone(
    known: Dictionary, field: Field, target: Table, rows: Sequence[Mapping[Any, Any]], work: Work
) -> Iterable[Gone]:
    """What reports count: sums of amounts, numbers by code, by place and period."""
    if field.secret:
        return
    kind = known.subjects[field.subject]
    home = known.fields.get(f"{field.subject}.{kind.home}")
    places = _places(work, known, field, rows) if home is not None and not home.secret else {}
    for row in rows:
        value = row[column_name(field)]
        own = row[next(iter(target.primary_key)).name]
        place, period = places.get(own, ""), row.get("period") or ""
        if field.adds_up and isinstance(value, int | Decimal):
            yield Gone(place, field.name, period, amount=Decimal(value))
        elif field.codelist or isinstance(value, bool):
            said = str(value).lower() if isinstance(value, bool) else str(value)
            yield Gone(place, field.name, period, value=said)


def _places(
    work: Work, known: Dictionary, field: Field, rows: Sequence[Mapping[Any, Any]]
) -> dict[str, str]:
    kind = known.subjects[field.subject]
    register = table(known, field.subject)
    ids = {row["subject_id" if field.periodic else "id"] for row in rows}
    query = select(register.c.id, register.c[f"f_{kind.home}"]).where(register.c.id.in_(ids))
    return {row[0]: str(row[1] or "") for row in work.connection.execute(query)}


def _past(work: Work, turn: Turn, field: Field, after: int) -> Turned:
    query = _entries(field, turn.before).where(HISTORY.c.id > after)
    rows = work.connection.execute(query.limit(turn.limit)).mappings().all()
    names = frozenset((field.name,))
    changed, kept = 0, set()
    for row in rows:
        own = row["target"].partition("@")[0]
        if own in turn.held.subjects:
            kept.add(own)
            continue
        changed += blank_entry(work, row, names)
    last = [PAST, rows[-1]["id"]] if len(rows) == turn.limit else None
    return Turned(last, len(rows), changed, kept)


def _past_due(work: Work, field: Field, before: str) -> Iterator[int]:
    """Entries of history that hold a value of before, of those since the last run."""
    since = _swept(work, field)
    query = _entries(field, before).where(HISTORY.c.at >= since).limit(LOOKED_AT)
    for row in work.connection.execute(query).mappings():
        if entry_holds(work, row, field.name):
            yield row["id"]


def _entries(field: Field, before: str) -> Any:
    kind = f"{'per' if field.periodic else 'reg'}_{field.subject}"
    query = select(HISTORY).where(HISTORY.c.kind == kind, HISTORY.c.at < before)
    return query.order_by(HISTORY.c.id)


def _swept(work: Work, field: Field) -> str:
    """Up to when the history was swept by a run before."""
    told = work.connection.execute(select(RUN.c.parts).where(RUN.c.state == DONE)).scalars()
    return max(
        (one["before"] for run in told for one in run if (one["kind"], one["code"]) == (KIND, field.code)),
        default="",
    )  # fmt: skip


parts.register(KIND, Fields())
