"""The totals that reports need, kept before the values go that they are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.retention.tables import RetainedTotalRow
from engine.work import Work

TOTAL = RetainedTotalRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
_KEY = ("run_id", "kind", "code", "place", "period", "name", "value")
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Gone:
    """One value that goes: where it belongs, and what it counts as."""

    place: str
    name: str
    period: str = ""
    value: str = ""
    amount: Decimal | None = None


def keep(work: Work, run: str, kind: str, code: str, gone: Iterable[Gone]) -> None:
    """Add values that go to the totals of a run."""
    sums: dict[tuple[str, ...], tuple[int, Decimal | None]] = {}
    for one in gone:
        key: tuple[str, ...] = (run, kind, code, one.place, one.period, one.name, one.value)
        number, total = sums.get(key, (0, None))
        added = one.amount if total is None else total + (one.amount or 0)
        sums[key] = (number + 1, added)
    for key, (number, total) in sums.items():
        this = [TOTAL.c[name] == part for name, part in zip(_KEY, key, strict=True)]
        query = select(TOTAL.c.number, TOTAL.c.total).where(*this).with_for_update()
        was: Any = work.connection.execute(query).first()
        if was is None:
            row = {**dict(zip(_KEY, key, strict=True)), "number": number, "total": _text(total)}
            work.connection.execute(insert(TOTAL), row)
            continue
        whole = total if not was.total else Decimal(was.total) + (total or 0)
        change = update(TOTAL).where(*this)
        work.connection.execute(change.values(number=was.number + number, total=_text(whole)))


def sums(connection: Connection, places: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """What was kept of some documents: by document, by column, the sum of what is gone."""
    found: dict[str, dict[str, Decimal]] = {}
    for start in range(0, len(places), CHUNK):
        query = select(TOTAL.c.place, TOTAL.c.name, TOTAL.c.total).where(
            TOTAL.c.kind == "form",
            TOTAL.c.total != "",
            TOTAL.c.place.in_(places[start : start + CHUNK]),
        )
        for place, name, total in connection.execute(query):
            mine = found.setdefault(place, {})
            mine[name] = mine.get(name, Decimal(0)) + Decimal(total)
    return found


def kept(work: Work, run: str, *, most: int = 2_000) -> list[Any]:
    """The totals of a run, for whoever looks at it: by column, place and period."""
    query = select(TOTAL).where(TOTAL.c.run_id == run).order_by(*(TOTAL.c[name] for name in _KEY))
    return list(work.connection.execute(query.limit(most)).mappings())


def _text(total: Decimal | None) -> str:
    return "" if total is None else format(total, "f")
