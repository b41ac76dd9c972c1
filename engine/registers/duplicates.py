"""Looking through a whole register for subjects that may be one: a search of many short turns.

First every key is read, for those written another way than they are looked for. Then subjects that have
two facts in common (name and day of birth, name and village …) are compared with each other, and only
those: so a million rows cost a few passes, never a million times a million. Each turn is a job of its
own; one that is cut off is done again, and the search goes on from there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import Column, Table, func, insert, select, update

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.jobs.registry import JOBS
from engine.registers import likeness, pairs, store
from engine.registers.likeness import LEAST, Card, Facet
from engine.registers.pairs import Likely
from engine.registers.schema import blind_name, column_name, table
from engine.registers.tables import SearchRow
from engine.registers.variants import canonical_key
from engine.storage.database import advisory_lock
from engine.work import System, Work

SEARCH = SearchRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
KIND = "register.duplicates"
KEYS_A_TURN = 50_000
AT_ONCE = 5_000
"""Subjects whose facts are held in memory at once."""
CROWD = 40
"""Larger groups tell nothing: everybody called 王伟 in a district."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search and how far it is."""

    id: str
    subject: str
    state: str
    turn: int
    turns: int
    after: str
    rows: int
    done: int
    found: int
    crowded: int
    begun_at: str
    begun_by_name: str
    ended_at: str | None

    @property
    def percent(self) -> int:
        """How much of it is done."""
        if self.state == "done":
            return 100
        within = min(1.0, self.done / self.rows) if self.rows and not self.turn else 0.0
        return int(100 * (self.turn + within) / self.turns)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a turn came to; nothing is written yet."""

    likely: tuple[Likely, ...]
    after: str
    """Where the keys go on; empty when this way of looking is done."""
    looked: int
    crowded: int = 0


def begin(work: Work, subject: str, *, job: bool = True) -> str:
    """Begin to search a register, or join the search that is under way; gives its id.

    Raises NotFound for no such register.
    """
    known = dictionary(work.connection)
    if subject not in known.subjects:
        raise NotFound
    advisory_lock(work.connection, f"duplicates {subject}")
    under_way = newest(work, subject)
    if under_way is not None and under_way.state == "running":
        return under_way.id
    number = work.new_id()
    target = table(known, subject)
    rows = work.connection.execute(select(func.count()).select_from(target)).scalar_one()
    work.connection.execute(
        insert(SEARCH),
        {
            "id": number, "subject": subject, "state": "running", "after": "", "rows": rows,
            "turns": 1 + len(likeness.ways(likeness.facets(known, subject))),
            "begun_at": work.at, "begun_by_name": work.actor.name,
        },
    )  # fmt: skip
    work.note("register.duplicates-sought", subject, rows=rows)
    if job:
        work.later(KIND, {"search": number})
    return number


def newest(work: Work, subject: str) -> Search | None:
    """The last search of a register."""
    query = select(SEARCH).where(SEARCH.c.subject == subject).order_by(SEARCH.c.begun_at.desc())
    row = work.connection.execute(query.limit(1)).mappings().first()
    return None if row is None else _search(row)


def read(work: Work, number: str) -> Search:
    """One search. Raises NotFound."""
    row = work.connection.execute(select(SEARCH).where(SEARCH.c.id == number)).mappings().first()
    if row is None:
        raise NotFound
    return _search(row)


def look(work: Work, found: Search) -> Seen:
    """The next turn of a search: looks, writes nothing."""
    known = dictionary(work.connection)
    some = likeness.facets(known, found.subject)
    if found.turn == 0:
        return _look_at_keys(work, known, found.subject, some, found.after)
    ways = likeness.ways(some)
    if found.turn > len(ways):
        return Seen((), "", 0)
    return _look_at_groups(work, known, found.subject, some, ways[found.turn - 1])


def settle(work: Work, number: str, seen: Seen) -> Search:
    """Keep what a turn found, and go on to the next; gives the search as it is then."""
    found = read(work, number)
    fresh = pairs.keep(work, found.subject, seen.likely)
    turn = found.turn if seen.after else found.turn + 1
    ended = turn >= found.turns
    work.connection.execute(
        update(SEARCH)
        .where(SEARCH.c.id == number)
        .values(
            turn=turn,
            after=seen.after,
            done=found.done + seen.looked if found.turn == 0 else found.done,
            found=found.found + fresh,
            crowded=found.crowded + seen.crowded,
            state="done" if ended else "running",
            ended_at=work.at if ended else None,
        )
    )
    return read(work, number)


def whole(
    system: System, actor: Actor, subject: str, *, say: Callable[[Search], None] = lambda _: None
) -> Search:
    """A whole search, turn by turn, here and now; one that is under way is gone on with."""
    number = system.write(actor, lambda work: begin(work, subject, job=False))
    with system.read(actor) as work:
        found = read(work, number)
    while found.state == "running":
        with system.read(actor) as work:
            seen = look(work, found)
        found = system.write(actor, partial(settle, number=number, seen=seen))
        say(found)
    return found


def _glance(work: Work, payload: Mapping[str, Any]) -> Seen:
    return look(work, read(work, str(payload["search"])))


@JOBS.job(KIND, look=_glance, lease=timedelta(minutes=15))
def take_turn(work: Work, payload: Mapping[str, Any]) -> dict[str, int]:
    """One turn of a search; asks for the next."""
    found = settle(work, str(payload["search"]), payload["seen"])
    if found.state == "running":
        work.later(KIND, {"search": found.id})
    return {"turn": found.turn, "found": found.found}


def _look_at_keys(
    work: Work, known: Dictionary, subject: str, some: Sequence[Facet], after: str
) -> Seen:
    key = next((one.field for one in some if one.role == "key"), None)
    if key is None:
        return Seen((), "", 0)
    target = table(known, subject)
    column = target.c[column_name(key)]
    query = select(target.c.id, column).where(target.c.id > after)
    rows = work.connection.execute(query.order_by(target.c.id).limit(KEYS_A_TURN)).all()
    others: dict[str, list[str]] = {}
    for own, stored in rows:
        value = store.opened(work, key, own, stored)
        other = canonical_key(key.schema.get("format"), value) if isinstance(value, str) else None
        if other is not None and other != value:
            others.setdefault(other, []).append(own)
    owners = store.find(work, known, key, sorted(others))
    likely = []
    for value, own_ids in others.items():
        same = sorted({*own_ids, *([owners[value]] if value in owners else [])})
        likely += [Likely(a, b, 100, {key.name: 100}) for a, b in combinations(same, 2)]
    mark = rows[-1][0] if len(rows) == KEYS_A_TURN else ""
    return Seen(tuple(likely), mark, len(rows))


def _look_at_groups(
    work: Work, known: Dictionary, subject: str, some: Sequence[Facet], way: Sequence[Facet]
) -> Seen:
    target = table(known, subject)
    shared: list[Column[Any]] = [target.c[_grouped_by(one.field)] for one in way]
    filled = [column.is_not(None) for column in shared]
    large = select(*shared).where(*filled).group_by(*shared).having(func.count() > CROWD)
    crowded = work.connection.execute(
        select(func.count()).select_from(large.subquery())
    ).scalar_one()
    # counted over a window: joined with its own groups the whole table would be read once a group
    together = func.count().over(partition_by=shared).label("together")
    counted = select(target.c.id, *shared, together).where(*filled).subquery()
    query = (
        select(*(counted.c[column.name] for column in shared), counted.c.id)
        .where(counted.c.together.between(2, CROWD))
        .order_by(*(counted.c[column.name] for column in shared), counted.c.id)
    )
    rows = work.connection.execute(query.execution_options(yield_per=AT_ONCE))
    likely: list[Likely] = []
    for groups in _some_groups(rows):
        cards = _cards(work, target, some, [own for group in groups for own in group])
        for group in groups:
            likely += _compared(some, [(own, cards[own]) for own in group])
    return Seen(tuple(likely), "", 0, crowded)


def _some_groups(rows: Iterable[Sequence[Any]]) -> Iterator[list[list[str]]]:
    """Whole groups, as many together as are held in memory at once: a city's cards never are."""
    groups: list[list[str]] = []
    held = 0
    for _, group in groupby(rows, key=lambda row: tuple(row[:-1])):
        groups.append([row[-1] for row in group])
        held += len(groups[-1])
        if held >= AT_ONCE:
            yield groups
            groups, held = [], 0
    if groups:
        yield groups


def _grouped_by(field: Field) -> str:
    return blind_name(field) if field.secret else column_name(field)


def _cards(work: Work, target: Table, some: Sequence[Facet], ids: Sequence[str]) -> dict[str, Card]:
    columns = [target.c[column_name(one.field)] for one in some]
    found: dict[str, Card] = {}
    for start in range(0, len(ids), store.CHUNK):
        part = target.c.id.in_(ids[start : start + store.CHUNK])
        for own, *stored in work.connection.execute(select(target.c.id, *columns).where(part)):
            values = (
                (one.field.name, store.opened(work, one.field, own, value))
                for one, value in zip(some, stored, strict=True)
            )
            found[own] = {name: value for name, value in values if isinstance(value, str) and value}
    return found


def _compared(some: Sequence[Facet], cards: Sequence[tuple[str, Card]]) -> Iterator[Likely]:
    for (own, card), (other, its) in combinations(cards, 2):
        score, why = likeness.compare(some, card, its)
        if score >= LEAST:
            yield Likely(own, other, score, why)


def _search(row: Mapping[Any, Any]) -> Search:
    return Search(**{name: row[name] for name in Search.__slots__})
