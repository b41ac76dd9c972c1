"""A sheet brought into a ledger: every effect is planned and shown first, then applied, and can be undone.

Whoever reads sheets hands over lines of valid values by column. Applying and undoing go on a few
hundred lines at a time, each its own transaction: cut off anywhere, they go on where they stopped.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, true, update

from engine import rotation
from engine.absence import kind_of
from engine.errors import Conflict, NotFound, Problem
from engine.formula.divisions import lies_within
from engine.json_text import Json
from engine.ledgers import reach, taking
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import OWN, Lens
from engine.ledgers.page import by_ids
from engine.ledgers.rows import Row
from engine.ledgers.tables import ImportLineRow, ImportRow
from engine.registers import store
from engine.storage import sealed
from engine.work import Work

IMPORT = ImportRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LINE = ImportLineRow.__table__  # type: ignore[attr-defined]  # as above
NEW, CHANGED, ENTERED, SAME, REJECTED = "new", "changed", "entered", "same", "rejected"
DOES = (NEW, CHANGED, ENTERED)
PREVIEWED, APPLYING, APPLIED, UNDOING, UNDONE = (
    "previewed", "applying", "applied", "undoing", "undone",
)  # fmt: skip
MOST_LINES, TURN = 20_000, 500
rotation.declare(
    LINE, "detail", "register", lambda row: _place(row["import_id"], row["number"], "detail")
)
rotation.declare(
    LINE, "undo", "register", lambda row: _place(row["import_id"], row["number"], "undo")
)


class SheetTooLong(Problem):
    """More rows than one import takes."""

    code, status = "ledger.sheet-too-long", 413
    rows: int
    limit: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet: valid values by column, and what is wrong with the others."""

    number: int
    values: Mapping[str, Json]
    problems: tuple[tuple[str, str], ...] = ()
    """(column, why), in words."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a line will do."""

    line: Line
    kind: str
    subject_id: str = ""
    changes: tuple[tuple[str, Json, Json, int], ...] = ()
    """(column, old, new, stamp seen)"""
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands."""

    id: str
    ledger: str
    file: str
    blob_id: str
    account_id: str
    account_name: str
    state: str
    columns: Any
    counts: Mapping[str, int]
    total: int
    done: int
    created_at: str
    applied_at: str | None
    undone_at: str | None


@dataclass
class _Known:
    """What the register holds of the subjects of some lines."""

    subjects: Mapping[str, str]
    rows: Mapping[str, Row]
    members: frozenset[str]
    seen: dict[str, int] = field(default_factory=dict)


def plan(work: Work, lens: Lens, lines: Sequence[Line], why: Mapping[str, str]) -> list[Effect]:
    """What each line would do, without doing it; `why` has the words for what is refused here.

    Raises Forbidden, NotFound, SheetTooLong.
    """
    if len(lines) > MOST_LINES:
        raise SheetTooLong(rows=len(lines), limit=MOST_LINES)
    here = ground(work, lens, verb="ledger.edit")
    key = key_of(here)
    found: list[Effect] = []
    seen: dict[str, int] = {}
    for start in range(0, len(lines), TURN):
        part = lines[start : start + TURN]
        known = _known(work, here, key, part)
        known.seen = seen
        found += [_effect(here, key, one, known, why) for one in part]
    return found


def key_of(here: Ground) -> str:
    """The column by which rows are recognised. Raises NotFound for a ledger without it."""
    for name in here.dictionary.subjects[here.lens.subject].keys:
        for one in here.lens.columns:
            if one.kind == OWN and one.field.name == name:
                return one.name
    raise NotFound


def keep(
    work: Work, lens: Lens, *, file: str, blob: str, columns: Json, effects: Sequence[Effect]
) -> str:
    """Keep a plan for somebody to look at; gives its id."""
    number = work.new_id()
    counts = Counter(one.kind for one in effects)
    work.connection.execute(
        insert(IMPORT),
        {
            "id": number,
            "ledger": lens.code,
            "file": file[:200],
            "blob_id": blob,
            "account_id": work.actor.id,
            "account_name": work.actor.name,
            "state": PREVIEWED,
            "columns": columns,
            "counts": dict(counts),
            "total": sum(counts[kind] for kind in DOES),
            "done": 0,
            "created_at": work.at,
        },
    )
    rows = [
        {
            "import_id": number,
            "number": one.line.number,
            "kind": one.kind,
            "subject_id": one.subject_id,
            "detail": _sealed(work, number, one.line.number, "detail", _detail(one)),
            "state": "",
            "undo": None,
        }
        for one in effects
    ]
    if rows:
        work.connection.execute(insert(LINE), rows)
    work.note("ledger.import-previewed", number, ledger=lens.code, rows=len(rows))
    return number


def get(work: Work, lens: Lens, number: str) -> Import:
    """An import of a ledger, of the actor's own. Raises NotFound."""
    query = select(IMPORT).where(
        IMPORT.c.id == number, IMPORT.c.ledger == lens.code, IMPORT.c.account_id == work.actor.id
    )
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return Import(**row)


def listed(work: Work, lens: Lens, *, limit: int = 20) -> list[Import]:
    """The actor's imports into a ledger, the newest first."""
    query = select(IMPORT).where(IMPORT.c.ledger == lens.code, IMPORT.c.account_id == work.actor.id)
    rows = work.connection.execute(query.order_by(IMPORT.c.created_at.desc()).limit(limit))
    return [Import(**row) for row in rows.mappings()]


def lines(
    work: Work, number: str, *, kind: str = "", after: int = 0, limit: int = 100
) -> list[tuple[Any, Any]]:
    """Lines of an import with their details opened."""
    query = select(LINE).where(LINE.c.import_id == number, LINE.c.number > after)
    if kind:
        query = query.where(LINE.c.kind == kind)
    rows = work.connection.execute(query.order_by(LINE.c.number).limit(limit)).mappings().all()
    return [(row, _opened(work, row, "detail")) for row in rows]


def start(work: Work, lens: Lens, number: str, *, undo: bool = False) -> None:
    """Have a plan applied, or what was applied taken back, by a job in the actor's name.

    Raises NotFound, Conflict if it is not in a state for it.
    """
    ground(work, lens, verb="ledger.edit")
    found = get(work, lens, number)
    before, after = (APPLIED, UNDOING) if undo else (PREVIEWED, APPLYING)
    changed = work.connection.execute(
        update(IMPORT)
        .where(IMPORT.c.id == number, IMPORT.c.state == before)
        .values(state=after, done=0)
    )
    if not changed.rowcount:
        raise Conflict(what=found.file)
    work.note("ledger.import-undone" if undo else "ledger.imported", number, ledger=lens.code)


def turn(work: Work, lens: Lens, number: str) -> bool:
    """Apply or take back some lines; gives whether any are left."""
    found = get(work, lens, number)
    undoing = found.state == UNDOING
    if found.state not in (APPLYING, UNDOING):
        return False
    query = (
        select(LINE)
        .where(
            LINE.c.import_id == number,
            LINE.c.kind.in_(DOES),
            LINE.c.state == ("applied" if undoing else ""),
        )
        .order_by(LINE.c.number)
        .limit(TURN)
    )
    rows = work.connection.execute(query).mappings().all()
    if rows:
        (_take_back if undoing else _apply)(work, lens, found, rows)
    left = len(rows) == TURN
    values: dict[str, Any] = {"done": IMPORT.c.done + len(rows)}
    if not left:
        values |= (
            {"state": UNDONE, "undone_at": work.at}
            if undoing
            else {"state": APPLIED, "applied_at": work.at}
        )
    work.connection.execute(update(IMPORT).where(IMPORT.c.id == number).values(**values))
    return left


def outcome(work: Work, number: str) -> dict[str, int]:
    """What became of the applied lines' cells: saved, proposed, and clashes that were left alone; of lines
    that were taken back, only what was left alone.
    """
    found: Counter[str] = Counter()
    rows = work.connection.execute(
        select(LINE).where(LINE.c.import_id == number, LINE.c.undo.is_not(None))
    ).mappings()
    for row in rows:
        undo = _opened(work, row, "undo")
        if row["state"] == "applied":
            found.update(undo.get("outcomes", ()))
        found.update({"kept": undo.get("kept", 0)})
    return dict(found)


def _known(work: Work, here: Ground, key: str, part: Sequence[Line]) -> _Known:
    column = here.lens.by_name[key]
    keys = [str(one.values[key]) for one in part if _is_key(one.values.get(key))]
    subjects = store.find(work, here.dictionary, column.field, sorted(set(keys)))
    area = reach.within(here.home, here.areas)
    ids = sorted(set(subjects.values()))
    rows = by_ids(work, here, ids, only=true() if area is None else area)
    return _Known(subjects, rows, frozenset(by_ids(work, here, ids)))


def _effect(here: Ground, key: str, line: Line, known: _Known, why: Mapping[str, str]) -> Effect:
    value = line.values.get(key)
    problems = list(line.problems)
    if not _is_key(value):
        value = None
    if value is None and not any(name == key for name, _ in problems):
        problems.append((key, why["no-key"]))
    if value is not None and value in known.seen:
        problems.append((key, why["twice"].format(row=known.seen[str(value)])))
    if problems:
        return Effect(line, REJECTED, problems=tuple(problems))
    known.seen[str(value)] = line.number
    subject = known.subjects.get(str(value))
    if subject is None:
        return _new(here, key, line, why)
    row = known.rows.get(subject)
    if row is None:
        return Effect(line, REJECTED, problems=((key, why["out-of-reach"]),))
    changes = tuple(_changes(here, line, row))
    if subject in known.members:
        return Effect(line, CHANGED if changes else SAME, subject, changes)
    if here.lens.by_hand:
        return Effect(line, ENTERED, subject, changes)
    return Effect(line, REJECTED, subject, problems=((key, why["not-member"]),))


def _is_key(value: Json) -> bool:
    return value is not None and kind_of(value) is None


def _new(here: Ground, key: str, line: Line, why: Mapping[str, str]) -> Effect:
    """Somebody the register does not know: taken in if it is told where they belong, within one's area."""
    home = here.dictionary.subjects[here.lens.subject].home
    column = next(
        (one for one in here.lens.columns if one.kind == OWN and one.field.name == home), None
    )
    place = line.values.get(column.name) if column else None
    if column is not None and place is None:
        return Effect(line, REJECTED, problems=((column.name, why["no-home"]),))
    if not any(not code or lies_within(str(place), code) for code in here.areas):
        return Effect(line, REJECTED, problems=((key, why["out-of-reach"]),))
    able = {one.name for one in here.lens.columns if one.kind != "related" and not one.computed}
    changes = tuple(
        (name, None, value, 0)
        for name, value in line.values.items()
        if name in able and value is not None
    )
    return Effect(line, NEW, "", changes)


def _changes(here: Ground, line: Line, row: Row) -> Iterator[tuple[str, Json, Json, int]]:
    for name, value in line.values.items():
        column = here.lens.by_name[name]
        about_nobody = column.kind == "related" and name not in row.subjects
        cell = row.cell(name)
        if value is None or column.computed or about_nobody or cell.value == value:
            continue  # an empty cell of a sheet asks for nothing
        yield name, cell.value, value, cell.stamp


def _detail(one: Effect) -> Json:
    return {
        "changes": [list(change) for change in one.changes],
        "problems": [list(problem) for problem in one.problems],
        "title": next((str(v) for k, v in one.line.values.items() if k == "name"), ""),
    }


def _place(number: str, line: int, column: str) -> str:
    return f"ledger_import:{number}:{line}.{column}"


def _sealed(work: Work, number: str, line: int, column: str, value: Json) -> Json:
    return sealed.seal(work.connection, value, _place(number, line, column), "register")


def _opened(work: Work, row: Mapping[Any, Any], column: str) -> Any:
    place = _place(row["import_id"], row["number"], column)
    return sealed.unseal(work.connection, row[column], place) or {}


def _apply(work: Work, lens: Lens, found: Import, rows: Sequence[Mapping[Any, Any]]) -> None:
    for row, undo, subject in taking.apply(
        work, lens, found.file, [(dict(row), _opened(work, row, "detail")) for row in rows]
    ):
        _mark(work, row, "applied", undo, subject)


def _take_back(work: Work, lens: Lens, found: Import, rows: Sequence[Mapping[Any, Any]]) -> None:
    for row, undo, subject in taking.back(
        work, lens, found.file, [(dict(row), _opened(work, row, "undo")) for row in rows]
    ):
        _mark(work, row, "undone", undo, subject)


def _mark(work: Work, row: Mapping[Any, Any], state: str, undo: Json, subject: str) -> None:
    kept = _sealed(work, row["import_id"], row["number"], "undo", undo)
    work.connection.execute(
        update(LINE)
        .where(LINE.c.import_id == row["import_id"], LINE.c.number == row["number"])
        .values(state=state, undo=kept, subject_id=subject)
    )
