"""Adding and changing fields of the dictionary together with the registers that keep their values."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from engine.dictionary.field import CODE, Field, FieldInvalid
from engine.dictionary.store import Dictionary, dictionary, history, save_field
from engine.errors import Conflict, Problem
from engine.json_text import Json
from engine.privacy import masks
from engine.registers import converting, misfits, schema
from engine.registers.converting import Conversion
from engine.registers.misfits import Misfits
from engine.storage.database import advisory_lock
from engine.work import Work

COMMON = 5
"""A value of a personal field that so many share tells nobody apart."""


class ValuesMisfit(Problem):
    """Values are kept that the field's rules would not take any more."""

    code, status = "dictionary.values-misfit", 409
    field: str
    count: int
    values: str
    """The most frequent of them, with how often each stands; of a protected field masked."""


class NothingToUndo(Problem):
    """The field has its first version; there is none before it. It can be retired."""

    code, status = "dictionary.nothing-to-undo", 409
    field: str


def add(work: Work, field: Field) -> Field:
    """Add a field; the register of its subject gets a column. Raises Forbidden, FieldInvalid."""
    advisory_lock(work.connection, "dictionary")
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
    and ValuesMisfit if the rules before took values that these would not.
    """
    known = dictionary(work.connection)
    now = known.field(field.code)
    if now.version != seen:
        raise Conflict(what=now.label())
    _refuse_unknown(known, field)
    if (told := misfits_of(work, now, field)).count:
        raise _misfit(now, told)
    return save_field(work, field, fits=True)


def misfits_of(work: Work, now: Field, field: Field) -> Misfits:
    """Which kept values a change of a field's rules would not take, without making it.

    None where the rules stay, or where the change is refused anyway because values would mean
    something else.
    """
    alike = {now.schema.get("type"), field.schema.get("type")}
    kept = len(alike) == 1 or alike <= schema.NUMERIC
    same = now.secret == field.secret and now.temporal == field.temporal
    if not (kept and same and misfits.changed(now, field)):
        return misfits.NONE
    known = dictionary(work.connection)
    _refuse_unknown(known, field)
    return misfits.found(work, known, replace(field, compute=now.compute), now)


def conversion_of(work: Work, now: Field, field: Field, grain: str = "month") -> Conversion:
    """What would become of the kept values if a change of rules turned them: see `converting`."""
    known = dictionary(work.connection)
    _refuse_unknown(known, field)
    return converting.found(work, known, now, field, grain)


def convert(work: Work, field: Field, seen: int, grain: str = "month") -> Field:
    """Give a field another kind of value and turn every kept value into what means the same there.

    Raises what `change` raises: ValuesMisfit as long as a value has no counterpart.
    """
    work.require("dictionary.change")
    known = dictionary(work.connection)
    now = known.field(field.code)
    if now.version != seen:
        raise Conflict(what=now.label())
    _refuse_unknown(known, field)
    turn = converting.way(known, now, field, grain)
    if turn is None:
        return change(work, field, seen)
    if (told := converting.found(work, known, now, field, grain).misfits).count:
        raise _misfit(now, told)
    saved = save_field(work, field, fits=True)
    turned = converting.turned(work, known, now, turn, converting.reason_of(saved))
    if (told := misfits.found(work, dictionary(work.connection), saved)).count:
        raise _misfit(saved, told)
    work.note("dictionary.field-converted", saved.code, version=saved.version, values=turned)
    return saved


def told_changes(field: Field, found: Conversion) -> list[tuple[str, str, int]]:
    """What becomes of values, as it may be told (see `told_values`)."""
    told: Counter[tuple[str, str]] = Counter()
    for before, after, number in found.changes:
        ((shown, _),) = told_values(field, Misfits(number, ((before, number),)))
        told[shown, after if shown == before else "***"] += number
    return [(*pair, number) for pair, number in told.most_common()]


def told_values(field: Field, found: Misfits) -> list[tuple[str, int]]:
    """Values that do not fit, as they may be told, with how often each stands: whoever designs forms
    sees nobody's data, so that of a person only what many have is told whole.
    """
    told: Counter[str] = Counter()
    for value, number in found.values:
        common = field.sensitivity == "L1" or (number >= COMMON and not masks.is_masked(field))
        shown = plain(value) if common else masks.masked(field, value)
        told[str(shown or "***")] += number
    return told.most_common()


def plain(value: Json) -> str:
    """A value as text: a number without the noughts of its column."""
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)).normalize(), "f")
    return str(value)


def _misfit(now: Field, found: Misfits) -> ValuesMisfit:
    told = [f"{value} ×{number}" for value, number in told_values(now, found)]
    more = ["…"] if found.count > sum(number for _, number in found.values) else []
    return ValuesMisfit(field=now.label(), count=found.count, values="、".join([*told, *more]))


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
    versions = history(work.connection, now.code)
    if len(versions) < 2:
        raise NothingToUndo(field=now.label())
    before = versions[1][0]
    _refuse_unknown(known, before)
    converting.undone(work, known, now, before)
    if (told := misfits.found(work, known, before)).count:
        raise _misfit(now, told)
    saved = save_field(work, _with_its_codes(before, now), fits=True)
    work.note("dictionary.field-undone", code, version=saved.version, back_to=before.version)
    return saved


def rename(work: Work, code: str, name: str, seen: int) -> Field:
    """Give a field another name within its subject: another code from now on.

    What is kept does not move, whatever the number of rows: columns, sealed values, histories and
    sources stay under the code it had first, and published forms, formulas and views that say one of
    its codes go on with it. So no code that a field ever had can become another's.
    Raises Forbidden, FieldUnknown, Conflict, and FieldInvalid for a name that is none or is taken.
    """
    work.require("dictionary.change")
    advisory_lock(work.connection, "dictionary")
    known = dictionary(work.connection)
    now = known.field(code)
    if now.version != seen:
        raise Conflict(what=now.label())
    wanted = f"{now.subject}.{name}"
    if not CODE.fullmatch(wanted):
        raise FieldInvalid(where=wanted, reason="code")
    if wanted == now.called or known.fields.get(wanted, now).code != now.code:
        raise FieldInvalid(where=wanted, reason="taken")
    saved = save_field(work, _called(now, wanted), fits=True)
    work.note("dictionary.field-renamed", now.code, before=now.called, after=wanted)
    return saved


def _called(field: Field, code: str) -> Field:
    return replace(field, renamed=(*(one for one in field.renamed if one != code), code))


def _with_its_codes(before: Field, now: Field) -> Field:
    """A version before with every code that leads to the field; the one it had then is in force."""
    kept = replace(before, renamed=now.renamed)
    return kept if before.called == now.called else _called(kept, before.called)


def retire(work: Work, code: str, seen: int) -> Field:
    """Close a field for new forms, or open a closed one again; published forms go on with it."""
    now = dictionary(work.connection).field(code)
    status = "standard" if now.status == "retired" else "retired"
    return change(work, replace(now, status=status), seen)


def _refuse_unknown(known: Dictionary, field: Field) -> None:
    if field.subject not in known.subjects:
        raise FieldInvalid(where=field.code, reason="subject")
    if field.codelist and field.codelist not in known.codelists:
        raise FieldInvalid(where=field.code, reason="codelist")
