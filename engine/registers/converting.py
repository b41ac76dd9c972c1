"""Kept values turned into another kind that means the same: words into the codes of a list, days into
the months or years they lie in. First what would become of each, then all in the transaction that
changes the field; every value that changes stands in its history, and undoing puts it back from there.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.registers import misfits, schema
from engine.registers.misfits import Misfits
from engine.registers.store import place_of
from engine.storage import sealed
from engine.work import HISTORY, Work

CHUNK = 1_000
GRAINS = {"year": 4, "month": 7}
"""How much of `2026-11-05` is left."""
Way = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What would become of the kept values; those that have no counterpart hold it up."""

    misfits: Misfits = misfits.NONE
    changes: tuple[tuple[str, str, int], ...] = ()
    """The most frequent values that become others, and how often each stands."""
    count: int = 0
    """How many values become others."""
    loses: str = ""
    """What the new values do not tell any more: day, or month."""


@dataclass(slots=True)
class _Sorted:
    """Values by what becomes of them."""

    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: Counter[Json] = field(default_factory=Counter)


def way(known: Dictionary, now: Field, wanted: Field, grain: str = "month") -> Way | None:
    """How a value of a field becomes one that means the same under other rules; None where there is
    no such way, or nothing has to be turned. None of the way's answers: it means nothing there.
    """
    texts = now.schema.get("type") == wanted.schema.get("type") == "string"
    if not texts or now.secret or wanted.secret or now.compute:
        return None
    if wanted.codelist and wanted.codelist != now.codelist:
        return _to_codes(known, now, wanted.codelist)
    if wanted.schema.get("format") == "period" and now.schema.get("format") == "date":
        length = GRAINS.get(grain, GRAINS["month"])
        return lambda day: day[:length]
    return None


def found(work: Work, known: Dictionary, now: Field, wanted: Field, grain: str) -> Conversion:
    """What a conversion would do, without doing it."""
    turn = way(known, now, wanted, grain)
    if turn is None:
        return Conversion()
    told = _Sorted()
    for value, number in _counted(work.connection, known, now):
        after = turn(value)
        if after is None:
            told.wrong[value] += number
        elif after != value:
            told.changes[value, after] += number
    most = tuple((*pair, n) for pair, n in told.changes.most_common(misfits.MOST))
    wrong = Misfits(told.wrong.total(), tuple(told.wrong.most_common(misfits.MOST)))
    days = wanted.schema.get("format") == "period" and bool(told.changes)
    loses = ("month" if grain == "year" else "day") if days else ""
    return Conversion(wrong, most, told.changes.total(), loses)


def turned(work: Work, known: Dictionary, now: Field, turn: Way, reason: str) -> int:
    """Turn every kept value, with its history; where it came from stays. Gives how many."""
    each = ((key, value, turn(value)) for key, value in _each(work.connection, known, now))
    changes = [(key, old, new) for key, old, new in each if new is not None and new != old]
    _write(work, known, now, changes, reason)
    return len(changes)


def undone(work: Work, known: Dictionary, now: Field, before: Field) -> None:
    """Put back what a conversion turned and nobody changed since; what came since is turned the other
    way where that can be: a code into its word. The rest stays, for the check of what does not fit.
    """
    was = _before(work, known, now, reason_of(now))
    if not was:
        return
    back = _to_words(known, now, before)
    changes = []
    for key, value in _each(work.connection, known, now):
        old, new = was.get(_place(now, key), (None, None))
        put = old if new == value and old is not None else back(value)
        if put is not None and put != value:
            changes.append((key, value, put))
    _write(work, known, now, changes, f"撤销：{reason_of(now)}")


def reason_of(saved: Field) -> str:
    """The reason that the history of a conversion's values tells, of this field and version alone."""
    return f"换算为「{saved.label()}」第 {saved.version} 版的规定（{saved.code}）"


def _to_codes(known: Dictionary, now: Field, wanted: str) -> Way:
    """A code stays; a word becomes the code it is the label of, in any language; a code of the list
    before goes by its label.
    """
    codes: dict[str, str] = {}
    for one in known.codelists[wanted].values:
        for word in one.labels.values():
            codes.setdefault(_plain(word), one.code)
    codes |= {_plain(one.code): one.code for one in known.codelists[wanted].values}
    before = known.codelists.get(now.codelist or "")

    def turn(value: str) -> str | None:
        if before is not None:
            words = next((one.labels for one in before.values if one.code == value), {})
            return next((codes[w] for w in map(_plain, words.values()) if w in codes), None)
        return codes.get(_plain(value))

    return turn


def _to_words(known: Dictionary, now: Field, before: Field) -> Way:
    """A code becomes what it says, if the field was text before; there is no way back to a day."""
    codelist = known.codelists.get(now.codelist or "")
    if codelist is None:
        return lambda _: None
    words = {one.code: codelist.label(one.code) for one in codelist.values}
    if before.codelist:
        return _to_codes(known, now, before.codelist)
    return words.get


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _counted(connection: Connection, known: Dictionary, one: Field) -> Iterator[tuple[str, int]]:
    target = schema.table(known, one.subject, period=one.periodic)
    column = target.c[schema.column_name(one)]
    query = select(column, func.count()).where(column.is_not(None)).group_by(column)
    for row in connection.execute(query.execution_options(yield_per=2_000)):
        yield row[0], row[1]


def _each(
    connection: Connection, known: Dictionary, one: Field
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every kept value with the key of its row."""
    target = schema.table(known, one.subject, period=one.periodic)
    column = target.c[schema.column_name(one)]
    query = select(*target.primary_key, column).where(column.is_not(None)).with_for_update()
    for row in connection.execute(query):
        yield tuple(row[:-1]), row[-1]


def _place(one: Field, key: tuple[str, ...]) -> str:
    return place_of(key[0], key[1] if one.periodic else None)


def _write(
    work: Work,
    known: Dictionary,
    one: Field,
    changes: list[tuple[tuple[str, ...], str, str]],
    reason: str,
) -> None:
    target = schema.table(known, one.subject, period=one.periodic)
    keys = list(target.primary_key)
    this = [column == bindparam(f"k{at}") for at, column in enumerate(keys)]
    statement = update(target).where(*this).values({schema.column_name(one): bindparam("new")})
    for start in range(0, len(changes), CHUNK):
        part = changes[start : start + CHUNK]
        bound = [{**{f"k{at}": k for at, k in enumerate(key)}, "new": new} for key, _, new in part]
        work.connection.execute(statement, bound)
        for key, old, new in part:
            names = ({one.name: old}, {one.name: new})
            work.record(
                target.name, _place(one, key), before=names[0], after=names[1], reason=reason
            )


def _before(
    work: Work, known: Dictionary, one: Field, reason: str
) -> Mapping[str, tuple[str, str]]:
    """What a conversion turned: what stood there and what it made of it, by row."""
    kind = schema.table(known, one.subject, period=one.periodic).name
    query = select(HISTORY).where(HISTORY.c.kind == kind, HISTORY.c.reason == reason)
    told: dict[str, tuple[str, str]] = {}
    for row in work.connection.execute(query.order_by(HISTORY.c.id)).mappings():
        place = f"history:{row['kind']}:{row['target']}:{row['at']}"
        old: Any = sealed.unseal(work.connection, row["before"], place) or {}
        new: Any = sealed.unseal(work.connection, row["after"], place) or {}
        if one.name in old and one.name in new:
            told.setdefault(row["target"], (old[one.name], new[one.name]))
    return told


def into(known: Dictionary, written: Field, value: Json) -> Json:
    """A value of a form that was published under a field's rules of then, as it is kept now."""
    now = known.fields.get(written.code)
    if now is None or not isinstance(value, str) or _alike(now, written):
        return value
    turn = way(known, written, now)
    return value if turn is None else turn(value) or value


def out_of(known: Dictionary, written: Field, value: Json) -> Json:
    """A kept value as a form published under a field's rules of then takes it; None if it has none."""
    now = known.fields.get(written.code)
    if now is None or not isinstance(value, str) or way(known, written, now) is None:
        return value
    return _to_words(known, now, written)(value)


def turned_since(known: Dictionary, written: Mapping[str, Field]) -> frozenset[str]:
    """Those fields of a published form whose values are kept in another way by now."""
    pairs = ((code, then, known.fields.get(code)) for code, then in written.items())
    return frozenset(code for code, then, now in pairs if now is not None and not _alike(now, then))


def _alike(one: Field, other: Field) -> bool:
    return one.codelist == other.codelist and one.schema.get("format") == other.schema.get("format")
