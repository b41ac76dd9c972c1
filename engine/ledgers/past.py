"""A ledger as it was on a day: who belonged to it then, and what was known of them then.

The registers hold what is; the history holds every change. So the present is taken, and what was
changed since is undone: rows that nobody touched are judged in SQL, the few others one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from engine import clock
from engine.errors import NotFound, Problem
from engine.formula.divisions import lies_within
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.json_text import Json
from engine.ledgers import page
from engine.ledgers.filters import Ask, FilterInvalid
from engine.ledgers.ground import Ground, staying
from engine.ledgers.lens import LOCAL, OWN, Column
from engine.ledgers.page import Page
from engine.ledgers.rows import Cell, Row
from engine.registers import query, store
from engine.registers.store import KnownValue
from engine.storage import sealed
from engine.work import HISTORY, Work

MOST_CHANGES = 20_000
_NOWHERE = store.Origin("", "", "")


class TooLongAgo(Problem):
    """More was changed since that day than can be undone while somebody waits."""

    code, status = "ledger.too-long-ago", 422
    day: str
    changes: int


@dataclass(frozen=True)
class Past:
    """What was different on a day: by table and row, the values that fields had then."""

    day: date
    end: str
    undone: Mapping[str, Mapping[str, Mapping[str, Json]]]

    def of(self, table: str, row: str) -> Mapping[str, Json]:
        """Values by field name that were other than now."""
        return self.undone.get(table, {}).get(row, {})


def page_on(work: Work, ground: Ground, ask: Ask, *, after: str = "") -> Page:
    """A page of the ledger as it was on the ask's day. Raises TooLongAgo, FilterInvalid.

    Filters and searches would look at today's values, so they are refused here.
    """
    if ask.filters or ask.words.strip() or ask.sort:
        raise FilterInvalid(column="on", reason="past")
    assert ask.on is not None
    past = _past(work, ground, ask.on)
    found = page.page(work, ground, Ask(), after=after, only=_belonged(work, ground, past))
    return Page(tuple(_as_it_was(work, ground, past, row) for row in found.rows), found.next)


def count_on(work: Work, ground: Ground, day: date) -> int:
    """How many rows the ledger had on a day. Raises TooLongAgo."""
    condition = _belonged(work, ground, _past(work, ground, day))
    return page.count(work, ground, Ask(), only=condition)


def row_on(work: Work, ground: Ground, row_id: str, day: date) -> Row:
    """One row as it was on a day, also of somebody who has left the ledger since.

    Raises NotFound for one that was not of the ledger then, or out of the looker's reach as it was.
    """
    row = page.by_ids(work, ground, [row_id], only=true()).get(row_id)
    if row is None:
        raise NotFound
    past = _past(work, ground, day, row)
    register = ground.register
    there = select(register.c.id).where(register.c.id == row_id, register.c.created_at <= past.end)
    if work.connection.execute(there).first() is None:
        raise NotFound
    if not _matched(work, ground, past, _everything(work, ground, [row_id])[0]):
        raise NotFound
    return _as_it_was(work, ground, past, row)


def _past(work: Work, ground: Ground, day: date, of: Row | None = None) -> Past:
    """What was changed since a day, of the whole ledger or of one row and what it shows."""
    end = clock.end(day).isoformat(timespec="microseconds")
    tables = [ground.register.name]
    tables += [ground.local.name] if ground.local is not None else []
    tables += [f"reg_{subject}" for subject, _ in ground.related]
    later = [HISTORY.c.kind.in_(tables), HISTORY.c.at > end]
    if of is not None:
        later.append(HISTORY.c.target.in_({of.id, *of.subjects.values()}))
    undone: dict[str, dict[str, dict[str, Json]]] = {}
    rows = work.connection.execute(
        select(HISTORY.c.kind, HISTORY.c.target, HISTORY.c.at, HISTORY.c.before)
        .where(*later)
        .order_by(HISTORY.c.id.desc())
        .limit(MOST_CHANGES + 1)
    ).all()
    if len(rows) > MOST_CHANGES:
        raise TooLongAgo(day=day.isoformat(), changes=MOST_CHANGES)
    for row in rows:
        before: Any = sealed.unseal(work.connection, row.before, _place(row)) or {}
        undone.setdefault(row.kind, {}).setdefault(row.target, {}).update(before)
    return Past(day, end, undone)


def _place(row: Any) -> str:
    return f"history:{row.kind}:{row.target}:{row.at}"


def _belonged(work: Work, ground: Ground, past: Past) -> ColumnElement[bool]:
    register = ground.register
    there = register.c.created_at <= past.end
    touched = past.undone.get(register.name, {})
    if not touched:
        return and_(there, ground.members())
    ids = sorted(touched)
    held = {row.id: row for row in _everything(work, ground, ids)}
    matched = [one for one in ids if one in held and _matched(work, ground, past, held[one])]
    return and_(
        there,
        or_(
            and_(ground.members(), register.c.id.not_in(ids)),
            register.c.id.in_(matched),
        ),
    )


def _everything(work: Work, ground: Ground, ids: Sequence[str]) -> list[Row]:
    """Subjects with all their fields, whether or not they belong to the ledger now."""
    own = [one for one in ground.dictionary.of(ground.lens.subject) if not one.periodic]
    fields = [one for one in own if not one.compute and not one.secret]
    found = store.fetch(work, ground.dictionary, ground.lens.subject, ids, fields)
    return [
        Row(one, {code.partition(".")[2]: Cell(value.value) for code, value in values.items()}, {})
        for one, values in found.items()
    ]


def _matched(work: Work, ground: Ground, past: Past, row: Row) -> bool:
    """Whether a subject that changed since belonged to the ledger, within the looker's area."""
    values: dict[str, Json] = {name: cell.value for name, cell in row.cells.items()}
    home = ground.dictionary.subjects[ground.lens.subject].home or ""
    now = str(values.get(home) or "")
    values |= past.of(ground.register.name, row.id)
    here = _here(ground, now, str(values.get(home) or ""))
    if not here:
        return False
    if ground.lens.by_hand:
        return _stayed(work, ground, past, row.id)
    for field in ground.dictionary.of(ground.lens.subject):
        if field.compute:
            values[field.name] = _derived(ground, past, field, values)
    condition = ground.lens.members.where
    if condition is None:
        return True
    values = query.spoken(ground.dictionary, ground.lens.subject, values)
    return any(
        evaluate(condition, Document(values, today=past.day, this=code or ground.lens.owner))
        is True
        for code in here
    )


def _here(ground: Ground, now: str, then: str) -> list[str]:
    """Which of the looker's areas somebody belonged to, by where they belong now and belonged then. Of a
    place that was parted since, its people are seen by whoever has them today.
    """
    here = [code for code in ground.areas if not code or lies_within(then, code)]
    if not here and any(lies_within(now, code) for code in ground.areas):
        here = [code for code in sorted(ground.parted) if lies_within(then, code)]
    return here


def _stayed(work: Work, ground: Ground, past: Past, row_id: str) -> bool:
    query_ = select(ground.register.c.id).where(
        ground.register.c.id == row_id, staying(ground.lens, ground.register.c.id, past.day)
    )
    return work.connection.execute(query_).first() is not None


def _as_it_was(work: Work, ground: Ground, past: Past, row: Row) -> Row:
    cells = dict(row.cells)
    own = past.of(ground.register.name, row.id)
    for one in ground.lens.columns:
        if one.computed:
            known: dict[str, Json] = {
                other.field.name: row.cell(other.name).value
                for other in ground.lens.columns
                if other.kind == OWN and not other.computed
            }
            missing = [
                code
                for code in query.needs(one.field, ground.dictionary)
                if code.partition(".")[2] not in known
            ]
            known |= _fetched(work, ground, row.id, missing)
            cells[one.name] = Cell(_derived(ground, past, one.field, {**known, **own}))
            continue
        then = _then(ground, past, row, one)
        if one.field.name in then:
            cells[one.name] = Cell(then[one.field.name])
    return Row(row.id, cells, row.subjects)


def _then(ground: Ground, past: Past, row: Row, column: Column) -> Mapping[str, Json]:
    if column.kind == OWN:
        return past.of(ground.register.name, row.id)
    if column.kind == LOCAL:
        return past.of(ground.local.name, row.id) if ground.local is not None else {}
    return past.of(f"reg_{column.field.subject}", row.subjects.get(column.name, ""))


def _fetched(work: Work, ground: Ground, row_id: str, codes: Sequence[str]) -> dict[str, Json]:
    fields = [ground.dictionary.fields[code] for code in codes if code in ground.dictionary.fields]
    found = store.fetch(work, ground.dictionary, ground.lens.subject, [row_id], fields)
    return {code.partition(".")[2]: known.value for code, known in found.get(row_id, {}).items()}


def _derived(ground: Ground, past: Past, field: Any, values: Mapping[str, Json]) -> Json:
    known = {
        f"{ground.lens.subject}.{name}": KnownValue(name, value, _NOWHERE)
        for name, value in values.items()
    }
    where = query.RegisterScope(ground.dictionary, "", past.day)
    return query.derive(where, field, known)
