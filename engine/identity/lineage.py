"""The tree of organisations and its changes in the database; what units were before, and who stands in
their place today. The only SQL on changes, their effects and former units.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from engine.errors import NotFound
from engine.formula.divisions import lies_within
from engine.formula.sql import within_area
from engine.identity import reform
from engine.identity.reform import Former, Kept, Reform, Step, Unit, Wish
from engine.identity.store import ORGANISATION
from engine.identity.tables import OrganisationChange, OrganisationEffect, OrganisationFormer
from engine.json_text import Json

CHANGE = OrganisationChange.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
EFFECT = OrganisationEffect.__table__  # type: ignore[attr-defined]  # as above
FORMER = OrganisationFormer.__table__  # type: ignore[attr-defined]  # as above
WAITING, DONE, UNDONE, CANCELLED, FAILED = "waiting", "done", "undone", "cancelled", "failed"
ADDED, ENDED = "+", "end"
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is kept."""

    id: str
    kind: str
    state: str
    effective: str
    number: str
    title: str
    wish: Wish
    steps: tuple[Step, ...]
    problem: Json
    carrying: bool
    asked_at: str
    asked_by: str
    asked_name: str
    done_at: str | None
    ended_at: str | None
    ended_name: str

    @property
    def begun(self) -> tuple[str, ...]:
        """The codes it gave for the first time."""
        known = {one.before.code for one in self.steps if one.before}
        kept = {unit.code for one in self.steps for unit in one.after} - known
        merged = {self.wish.into} if self.wish.into else set()
        return tuple(sorted(kept - merged))


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a change does beside the tree."""

    what: str
    row: str
    cell: str
    before: Json
    after: Json


def tree(connection: Connection) -> dict[str, Unit]:
    """The organisations in force."""
    query = select(ORGANISATION).where(ORGANISATION.c.valid_to.is_(None))
    return {
        row.code: Unit(row.code, row.name, row.kind, row.parent_code or "", row.path)
        for row in connection.execute(query)
    }


def used(connection: Connection) -> dict[str, str]:
    """Every code there is or was, with the name."""
    return {
        row.code: row.name
        for row in connection.execute(select(ORGANISATION.c.code, ORGANISATION.c.name))
    }


def write(connection: Connection, found: Reform, effective: str) -> None:
    """Let the tree be what a change makes of it."""
    before = {one.before.code: one.before for one in found.steps if one.before}
    for unit in found.ended:
        _set(connection, unit.code, valid_to=effective)
    new = set(found.begun)
    for unit in (unit for step in found.steps for unit in step.after):
        if unit.code in new:
            new.discard(unit.code)
            connection.execute(insert(ORGANISATION), _row(unit, effective))
        elif unit.code in before and unit != before[unit.code]:
            _set(connection, unit.code, **_cells(unit))


def unwrite(connection: Connection, steps: Sequence[Step], begun: Sequence[str]) -> None:
    """Let the tree be what it was before a change."""
    for start in range(0, len(begun), CHUNK):
        codes = begun[start : start + CHUNK]
        connection.execute(delete(ORGANISATION).where(ORGANISATION.c.code.in_(codes)))
    for step in steps:
        if step.before is not None:
            _set(connection, step.before.code, valid_to=None, **_cells(step.before))


def _set(connection: Connection, code: str, **cells: Any) -> None:
    connection.execute(update(ORGANISATION).where(ORGANISATION.c.code == code).values(**cells))


def _cells(unit: Unit) -> dict[str, Any]:
    return {
        "name": unit.name,
        "parent_code": unit.parent or None,
        "path": unit.path,
        "division_code": unit.parent if unit.is_office else unit.code,
    }


def _row(unit: Unit, effective: str) -> dict[str, Any]:
    return {
        "code": unit.code, "kind": unit.kind, "valid_from": effective, "valid_to": None, **_cells(unit)
    }  # fmt: skip


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a change."""
    connection.execute(insert(CHANGE), dict(row))


def change(connection: Connection, change_id: str, *, hold: bool = False) -> Change:
    """One change, held until the transaction ends if asked for. Raises NotFound."""
    query = select(CHANGE).where(CHANGE.c.id == change_id)
    row = connection.execute(query.with_for_update() if hold else query).mappings().first()
    if row is None:
        raise NotFound
    return _change(row)


def changes(connection: Connection, *, state: str = "", limit: int = 200) -> list[Change]:
    """Changes, the newest first."""
    query = select(CHANGE).order_by(CHANGE.c.asked_at.desc(), CHANGE.c.id.desc()).limit(limit)
    if state:
        query = query.where(CHANGE.c.state == state)
    return [_change(row) for row in connection.execute(query).mappings()]


def save(connection: Connection, change_id: str, **columns: Any) -> None:
    """Note what became of a change."""
    connection.execute(update(CHANGE).where(CHANGE.c.id == change_id).values(**columns))


def _change(row: Mapping[Any, Any]) -> Change:
    wish = Wish.read(row["wish"])
    steps = tuple(Step.load(one) for one in row["steps"] or ())
    return Change(**{**row, "wish": wish, "steps": steps})


def add_effects(connection: Connection, change_id: str, found: Sequence[Effect]) -> None:
    """Keep what a change did, after what is kept already."""
    most = select(func.max(EFFECT.c.number)).where(EFFECT.c.change_id == change_id)
    first = (connection.execute(most).scalar() or 0) + 1
    rows = [
        {
            "change_id": change_id, "number": number, "what": one.what, "row": one.row,
            "cell": one.cell, "before": one.before, "after": one.after,
        }
        for number, one in enumerate(found, first)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(EFFECT), rows)


def effects(connection: Connection, change_id: str) -> list[Effect]:
    """What a change did, in order."""
    query = select(EFFECT).where(EFFECT.c.change_id == change_id).order_by(EFFECT.c.number)
    return [
        Effect(row.what, row.row, row.cell, row.before, row.after)
        for row in connection.execute(query)
    ]


def counted(connection: Connection, change_id: str) -> dict[tuple[str, str], int]:
    """How many effects of which kind, by table and cell."""
    query = (
        select(EFFECT.c.what, EFFECT.c.cell, func.count())
        .where(EFFECT.c.change_id == change_id)
        .group_by(EFFECT.c.what, EFFECT.c.cell)
    )
    return {(what, cell): count for what, cell, count in connection.execute(query)}


def remember(connection: Connection) -> None:
    """Make anew what units were before, from the changes that stand."""
    query = (
        select(CHANGE.c.id, CHANGE.c.effective, CHANGE.c.steps)
        .where(CHANGE.c.state == DONE)
        .order_by(CHANGE.c.done_at, CHANGE.c.id)
    )
    kept = [
        Kept(row.id, row.effective, tuple(Step.load(one) for one in row.steps))
        for row in connection.execute(query)
    ]
    paths = {code: unit.path for code, unit in tree(connection).items()}
    connection.execute(delete(FORMER))
    rows = [
        {name: getattr(one, name) for name in Former.__slots__}
        for one in reform.former(kept, paths)
    ]
    if rows:
        connection.execute(insert(FORMER), rows)


def today(connection: Connection, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Who stands today in the place of units that changed, by the code they had; none for one that
    ended without a successor. Units that are still what they were are absent.
    """
    found: dict[str, list[str]] = {}
    for row in _former(connection, codes):
        now = found.setdefault(row.code, [])
        if row.now and row.now not in now:
            now.append(row.now)
    return {code: tuple(now) for code, now in found.items() if tuple(now) != (code,)}


def before(connection: Connection, codes: Sequence[str]) -> dict[str, dict[str, str]]:
    """Which units went into these, by the code of today, each with the day until which it stood alone;
    those that several follow are not among them: what they reported belongs to none alone.
    """
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(codes), CHUNK):
        query = select(FORMER.c.now, FORMER.c.code, FORMER.c.until).where(
            FORMER.c.now.in_(codes[start : start + CHUNK]), FORMER.c.code != FORMER.c.now
        )
        for row in connection.execute(query.order_by(FORMER.c.until, FORMER.c.code)):
            found.setdefault(row.now, {})[row.code] = row.until
    shared = parted(connection, {one for was in found.values() for one in was}) if found else set()
    return {
        code: {one: until for one, until in was.items() if one not in shared}
        for code, was in found.items()
    }


def apart(connection: Connection, codes: Sequence[str], moment: str) -> dict[str, tuple[str, ...]]:
    """Which units went into these as a whole after a moment, by the code of today; the last first."""
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(codes), CHUNK):
        query = (
            select(FORMER.c.now, FORMER.c.code)
            .join(CHANGE, CHANGE.c.id == FORMER.c.change_id)
            .where(
                FORMER.c.now.in_(codes[start : start + CHUNK]),
                FORMER.c.code != FORMER.c.now,
                CHANGE.c.done_at > moment,
            )
            .order_by(CHANGE.c.done_at.desc(), CHANGE.c.id.desc(), FORMER.c.code)
        )
        for row in connection.execute(query):
            if row.code not in found.get(row.now, ()):
                found[row.now] = (*found.get(row.now, ()), row.code)
    some = parted(connection, {one for was in found.values() for one in was}) if found else set()
    whole = {code: tuple(one for one in was if one not in some) for code, was in found.items()}
    return {code: was for code, was in whole.items() if was}


def came_from(connection: Connection, areas: Sequence[str]) -> tuple[set[str], set[str]]:
    """The codes outside these areas that places within them had before: those that are wholly within
    them today, and those of which only a part is. Offices have no place of their own.
    """
    if not areas:
        return set(), set()
    here = or_(*(within_area(FORMER.c.now, code) for code in areas))
    query = select(FORMER.c.code).where(here, FORMER.c.code.not_like("%-%")).distinct()
    found = {
        code
        for code in connection.execute(query).scalars()
        if not any(lies_within(code, one) for one in areas)
    }
    some = {
        row.code
        for row in _former(connection, found)
        if not any(lies_within(row.now, one) for one in areas)
    }
    return found - some, some


def parted(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Those of some former units that several stand for today: their numbers belong to none alone."""
    found: dict[str, set[str]] = {}
    for row in _former(connection, codes):
        found.setdefault(row.code, set()).add(row.now)
    return {code for code, now in found.items() if len(now) > 1}


def shared(connection: Connection, code: str) -> dict[str, str]:
    """Former units of which a unit is only one part, by code, with the day until which each stood."""
    query = select(FORMER.c.code, FORMER.c.until).where(FORMER.c.now == code)
    was = {row.code: row.until for row in connection.execute(query.order_by(FORMER.c.until))}
    several = parted(connection, was)
    return {one: until for one, until in was.items() if one in several}


def names_on(connection: Connection, days: Mapping[str, str]) -> dict[str, str]:
    """What units were called, each on its day, where that is not what they are called today."""
    found: dict[str, tuple[str, str]] = {}
    for row in _former(connection, days):
        if row.until > days[row.code] and row.until < found.get(row.code, ("9999", ""))[0]:
            found[row.code] = (row.until, row.name)
    return {code: name for code, (_, name) in found.items()}


def begun_since(connection: Connection, codes: Sequence[str], moment: str) -> set[str]:
    """The codes that changes after a moment gave for the first time, among those that led to these."""
    ids = select(FORMER.c.change_id).where(FORMER.c.now.in_(codes))
    query = select(CHANGE).where(CHANGE.c.id.in_(ids), CHANGE.c.done_at > moment)
    rows = connection.execute(query).mappings()
    return {code for row in rows for code in _change(row).begun}


def changed(connection: Connection) -> bool:
    """Whether any unit ever changed."""
    return connection.execute(select(FORMER.c.code).limit(1)).first() is not None


def _former(connection: Connection, codes: Iterable[str]) -> Iterator[Any]:
    wanted = sorted(set(codes))
    if len(wanted) > CHUNK and not changed(connection):
        return
    for start in range(0, len(wanted), CHUNK):
        query = select(FORMER).where(FORMER.c.code.in_(wanted[start : start + CHUNK]))
        yield from connection.execute(query.order_by(FORMER.c.until, FORMER.c.change_id))
