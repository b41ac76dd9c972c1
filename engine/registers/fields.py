"""Adding and changing fields of the dictionary together with the registers that keep their values."""

from dataclasses import replace

from sqlalchemy import BigInteger, ColumnElement, Numeric, cast, func, or_, select, type_coerce

from engine.dictionary.field import Field, FieldInvalid
from engine.dictionary.store import Dictionary, dictionary, history, save_field
from engine.errors import Conflict, Problem
from engine.formats.validator import build_validator
from engine.registers import schema, store
from engine.work import Work


class ValuesMisfit(Problem):
    """Values are kept that the field's rules would not take any more."""

    code, status = "dictionary.values-misfit", 409
    field: str
    count: int


class NothingToUndo(Problem):
    """The field has its first version; there is none before it. It can be retired."""

    code, status = "dictionary.nothing-to-undo", 409
    field: str


def add(work: Work, field: Field) -> Field:
    """Add a field; the register of its subject gets a column. Raises Forbidden, FieldInvalid."""
    known = dictionary(work.connection)
    _refuse_unknown(known, field)
    if field.code in known.fields:
        raise FieldInvalid(where=field.code, reason="duplicate")
    saved = save_field(work, field)
    schema.migrate(work.connection, dictionary(work.connection))
    return saved


def change(work: Work, field: Field, seen: int) -> Field:
    """Give a field a new version, if it still has the version that was seen.

    Raises Forbidden, FieldUnknown, Conflict, FieldInvalid if kept values would mean something else,
    and ValuesMisfit if whole numbers are asked for and others are kept.
    """
    known = dictionary(work.connection)
    now = known.field(field.code)
    if now.version != seen:
        raise Conflict(what=now.label())
    _refuse_unknown(known, field)
    narrower = now.schema.get("type") == "number" and field.schema.get("type") == "integer"
    if narrower and (count := _misfits(work, known, replace(now, schema={"type": "integer"}))):
        raise ValuesMisfit(field=now.label(), count=count)
    return save_field(work, field, fits=True)


def undo(work: Work, code: str, seen: int) -> Field:
    """Give a field back the rules of the version before, as a version of its own.

    Raises Forbidden, FieldUnknown, Conflict, NothingToUndo for its first version, and ValuesMisfit if
    values kept since do not fit those rules: widening is undone only while nothing needs it.
    """
    work.require("dictionary.change")
    known = dictionary(work.connection)
    now = known.field(code)
    if now.version != seen:
        raise Conflict(what=now.label())
    versions = history(work.connection, code)
    if len(versions) < 2:
        raise NothingToUndo(field=now.label())
    before = versions[1][0]
    _refuse_unknown(known, before)
    if count := _misfits(work, known, before):
        raise ValuesMisfit(field=now.label(), count=count)
    saved = save_field(work, before, fits=True)
    work.note("dictionary.field-undone", code, version=saved.version, back_to=before.version)
    return saved


def retire(work: Work, code: str, seen: int) -> Field:
    """Close a field for new forms, or open a closed one again; published forms go on with it."""
    now = dictionary(work.connection).field(code)
    status = "standard" if now.status == "retired" else "retired"
    return change(work, replace(now, status=status), seen)


def _misfits(work: Work, known: Dictionary, field: Field) -> int:
    """How many kept values a field's rules would not take. Counted by the database where it can read
    them; sealed ones are opened one after the other.
    """
    if field.compute:
        return 0
    target = schema.table(known, field.subject, period=field.periodic)
    column = target.c[schema.column_name(field)]
    if field.secret:
        return _sealed_misfits(work, known, field)
    rules: list[ColumnElement[bool]] = []
    kind = field.schema.get("type")
    if kind == "integer":
        whole = (
            cast(column, BigInteger)
            if work.connection.dialect.name == "sqlite"
            else func.trunc(column)
        )
        rules.append(type_coerce(column, Numeric) != type_coerce(whole, Numeric))
    low, high, longest = (field.schema.get(name) for name in ("minimum", "maximum", "maxLength"))
    if kind in schema.NUMERIC:
        rules += [column < low] if low is not None else []
        rules += [column > high] if high is not None else []
    if kind == "string" and longest is not None:
        rules.append(func.length(column) > longest)
    if kind == "string" and field.codelist:
        rules.append(column.not_in(known.codes()[field.codelist]))
    if not rules:
        return 0
    query = select(func.count()).select_from(target).where(column.is_not(None), or_(*rules))
    return work.connection.execute(query).scalar_one()


def _sealed_misfits(work: Work, known: Dictionary, field: Field) -> int:
    target = schema.table(known, field.subject, period=field.periodic)
    column = target.c[schema.column_name(field)]
    judge = build_validator({**field.schema})
    query = select(*target.primary_key, column).where(column.is_not(None))
    count = 0
    for row in work.connection.execute(query.execution_options(yield_per=2_000)):
        place = store.place_of(row[0], row[1] if field.periodic else None)
        count += not judge.is_valid(store.opened(work, field, place, row[-1]))
    return count


def _refuse_unknown(known: Dictionary, field: Field) -> None:
    if field.subject not in known.subjects:
        raise FieldInvalid(where=field.code, reason="subject")
    if field.codelist and field.codelist not in known.codelists:
        raise FieldInvalid(where=field.code, reason="codelist")
