"""The to-do list of a person, by key and not by number: a page costs the same wherever it begins.

What a person may do stands in several places: under their name, with each of their positions, in
pools. Each place is a range of an index in which tasks stand in the order of the list, so that a
page reads its own rows and no others, however many tasks there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from engine import clock
from engine.identity.store import ORGANISATION
from engine.storage.prepared import Prepared
from engine.work import Work
from workflows import numbers, sealing, standing
from workflows.store import TASK, TaskRecord

TABS = ("all", "today", "late", "returned")
MOST_PLACES = 16
"""Beyond so many places one statement with all of them is better than a part for each."""
RETURNED, DATED, UNDATED = 0, 1, 2
"""The list's order: what was returned first, then by due date, then what has none."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some tasks of the list, and the key to ask for what follows: empty at the end."""

    tasks: Sequence[TaskRecord]
    after: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person's tasks stand, as values of statements; `parts` counts positions and names.

    None for more places than a part for each is worth.
    """

    parts: tuple[int, int] | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement depends on, its values apart: it is built once for each."""

    places: int
    people: int
    tab: str
    words: bool
    kind: bool
    rank: int
    """Of the key after which the page begins; -1 at the beginning."""
    limit: int


def place(work: Work) -> Place:
    """Where the actor's tasks stand: asked for once, then used for the counters and a page."""
    people, held, pools = standing.places(work)
    values: dict[str, Any] = {
        "at": work.at,
        "day_end": clock.end(work.today).isoformat(timespec="microseconds"),
    }
    if pools or len(held) + len(people) > MOST_PLACES:
        return Place(None, values)
    values |= {f"person_{n}": one for n, one in enumerate(people)}
    for number, (organisation, role) in enumerate(held):
        values[f"organisation_{number}"] = organisation
        values[f"role_{number}"] = role
    return Place((len(held), len(people)), values)


def page(
    work: Work,
    tab: str = "all",
    *,
    words: str = "",
    kind: str = "",
    after: str = "",
    limit: int = PAGE,
    at: Place | None = None,
) -> Page:
    """Open tasks of the actor, the most urgent first: of a tab, of a kind of step.

    `words` stand in the title or in the unit's name.
    """
    rank, due, key = _key(after)
    where = at or place(work)
    values = dict(where.values)
    if words:
        values["words"] = f"%{numbers.literally(words)}%"
    if kind:
        values["kind"] = kind
    if rank >= 0:
        values["id_key"] = key
    if rank in (RETURNED, DATED):
        values["due_key"] = due
    shape = Shape(
        *(where.parts or (0, 0)),
        tab if tab in TABS else "all",
        bool(words),
        bool(kind),
        rank,
        limit + 1,
    )
    if where.parts is None:
        query = _pages([and_(standing.mine(work), TASK.c.status == "open")], shape)
        rows: list[dict[str, Any]] = [
            dict(row) for row in work.connection.execute(query, values).mappings()
        ]
    else:
        rows = _listed(shape).all(work.connection, **values)
    found = [_task(work, row) for row in rows[:limit]]
    return Page(found, _key_of(found[-1]) if len(rows) > limit else "")


def counters(work: Work, *, at: Place | None = None) -> dict[str, int]:
    """How many open tasks of the actor stand under each tab: read from the index alone."""
    where = at or place(work)
    if where.parts is None:
        query = _counted([and_(standing.mine(work), TASK.c.status == "open")])
        row: Mapping[str, Any] = dict(work.connection.execute(query, where.values).mappings().one())
    else:
        row = _counters(*where.parts).first(work.connection, **where.values) or {}
    return {tab: int(row[tab] or 0) for tab in TABS}


def count(work: Work, *, kind: str, at: Place | None = None) -> int:
    """How many open tasks of a kind of step the actor has."""
    where = at or place(work)
    mine = _parts(*where.parts) if where.parts else [standing.mine(work)]
    parts = [
        select(func.count().label("n")).where(one, TASK.c.status == "open", TASK.c.kind == kind)
        for one in mine
    ]
    rows: Any = union_all(*parts).subquery("counted")
    return int(work.connection.execute(select(func.sum(rows.c.n)), where.values).scalar() or 0)


def waiting_for_others(work: Work, *, after: str = "", limit: int = PAGE) -> Page:
    """Open tasks of others in what the actor has done a step of, or asked them about; the newest first."""
    mine = TASK.alias("mine")
    through = (mine.c.status == "done") | mine.c.outcome.in_(("delegated", "held"))
    done = exists().where(
        mine.c.case_id == TASK.c.case_id,
        mine.c.closed_by == work.actor.id,
        through,
    )
    recent = (
        select(mine.c.case_id)
        .where(mine.c.closed_by == work.actor.id, through)
        .order_by(mine.c.closed_at.desc())
        .limit(1000)
    )
    query = (
        select(TASK)
        .where(
            TASK.c.case_id.in_(recent),
            TASK.c.status == "open",
            done,
            standing.mine(work).is_not(True),
        )
        .order_by(TASK.c.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(TASK.c.id < after)
    found = [TaskRecord(**row) for row in sealing.tasks(work.connection, query)]
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else "")


def _key(after: str) -> tuple[int, str, str]:
    """Where a page begins; anything that is no key of ours begins at the top."""
    rank, _, rest = after.partition("~")
    due, _, key = rest.partition("~")
    if rank not in ("0", "1", "2") or not key:
        return -1, "", ""
    return int(rank), due, key


def _key_of(task: TaskRecord) -> str:
    rank = UNDATED if task.due_at is None else RETURNED if task.returned else DATED
    return f"{rank}~{task.due_at or ''}~{task.id}"


def _parts(places: int, people: int) -> list[ColumnElement[bool]]:
    named = [TASK.c.account_id == bindparam(f"person_{n}") for n in range(people)]
    placed = [
        and_(
            TASK.c.organisation_code == bindparam(f"organisation_{n}"),
            TASK.c.role == bindparam(f"role_{n}"),
            TASK.c.account_id.is_(None),
        )
        for n in range(places)
    ]
    return [and_(one, TASK.c.status == "open") for one in (*named, *placed)]


@lru_cache(maxsize=512)
def _listed(shape: Shape) -> Prepared:
    """A page as parts of the index, each in order and no longer than the page, put together."""
    return Prepared(_pages(_parts(shape.places, shape.people), shape))


@lru_cache(maxsize=64)
def _counters(places: int, people: int) -> Prepared:
    return Prepared(_counted(_parts(places, people)))


def _pages(places: Sequence[ColumnElement[bool]], shape: Shape) -> Select[Any]:
    parts = [
        _segment(one, rank, shape)
        for one in places
        for rank in _ranks(shape.tab)
        if rank >= shape.rank
    ]
    rows: Any = union_all(*[select(one) for one in parts]).subquery("listed")
    return select(rows).order_by(rows.c.rank, rows.c.due_at, rows.c.id).limit(shape.limit)


def _ranks(tab: str) -> tuple[int, ...]:
    """Which stretches of the list a tab has."""
    return {"all": (RETURNED, DATED, UNDATED), "returned": (RETURNED, UNDATED)}.get(
        tab, (RETURNED, DATED)
    )


def _segment(place: ColumnElement[bool], rank: int, shape: Shape) -> Subquery:
    conditions = [place, *_tab(shape.tab)]
    if rank == UNDATED:
        conditions += [
            or_(TASK.c.returned.is_(True), TASK.c.returned.is_(False)),
            TASK.c.due_at.is_(None),
        ]
    else:
        conditions += [TASK.c.returned.is_(rank == RETURNED), TASK.c.due_at.is_not(None)]
    if shape.words:
        conditions.append(_named())
    if shape.kind:
        conditions.append(TASK.c.kind == _text("kind"))
    if rank == shape.rank and rank == UNDATED:
        conditions.append(TASK.c.id > _text("id_key"))
    elif rank == shape.rank:
        key = tuple_(_text("due_key"), _text("id_key"))
        conditions.append(tuple_(TASK.c.due_at, TASK.c.id) > key)
    query = select(literal(rank).label("rank"), TASK).where(*conditions)
    return query.order_by(TASK.c.due_at, TASK.c.id).limit(shape.limit).subquery()


def _tab(tab: str) -> list[ColumnElement[bool]]:
    at, end = _text("at"), _text("day_end")
    match tab:
        case "today":
            return [TASK.c.due_at >= at, TASK.c.due_at <= end]
        case "late":
            return [TASK.c.due_at < at]
        case "returned":
            return [TASK.c.returned.is_(True)]
        case _:
            return []


def _counted(parts: Sequence[ColumnElement[bool]]) -> Select[Any]:
    each = [select(*[_count(tab).label(tab) for tab in TABS]).where(place) for place in parts]
    rows: Any = union_all(*each).subquery("counted")
    return select(*[func.sum(rows.c[tab]).label(tab) for tab in TABS])


def _count(tab: str) -> ColumnElement[int]:
    conditions = _tab(tab)
    return func.count() if not conditions else func.count(case((and_(*conditions), 1)))


def _named() -> ColumnElement[bool]:
    """The words stand in the title, in the name of the organisation that it is about, or in its number."""
    words = _text("words")
    place = ORGANISATION.c
    return or_(
        TASK.c.title.like(words, escape="\\"),
        exists().where(place.code == TASK.c.subject_code, place.name.like(words, escape="\\")),
        numbers.like(TASK.c.case_id, words),
    )


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String())


def _task(work: Work, row: dict[str, Any]) -> TaskRecord:
    del row["rank"]
    if row["cells"] is not None:
        row = sealing.opened_task(work.connection, row)
    return TaskRecord(**row)
