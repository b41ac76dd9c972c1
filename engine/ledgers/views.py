"""Kept views: filters and an order under a name, one's own or for everybody who sees the ledger."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select

from engine.errors import NotFound, Problem
from engine.ledgers import filters
from engine.ledgers.filters import Ask
from engine.ledgers.tables import ViewRow
from engine.work import Work

VIEW = ViewRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MOST = 50


class ViewUntitled(Problem):
    """A view is kept without a name."""

    code, status = "ledger.view-untitled", 422


class TooManyViews(Problem):
    """One person keeps more views of one ledger than anybody finds again."""

    code, status = "ledger.too-many-views", 409
    limit: int


@dataclass(frozen=True, slots=True)
class View:
    """A kept view."""

    id: str
    title: str
    account_id: str
    shared: bool
    ask: Ask


def keep(work: Work, ledger: str, title: str, ask: Ask, *, shared: bool) -> str:
    """Keep a view; gives its id. Raises ViewUntitled, TooManyViews."""
    if not title:
        raise ViewUntitled
    mine = [one for one in listed(work, ledger) if one.account_id == work.actor.id]
    if len(mine) >= MOST:
        raise TooManyViews(limit=MOST)
    number = work.new_id()
    work.connection.execute(
        insert(VIEW),
        {
            "id": number,
            "ledger": ledger,
            "title": title,
            "account_id": work.actor.id,
            "shared": shared,
            "ask": filters.to_json(ask),
            "created_at": work.at,
        },
    )
    return number


def listed(work: Work, ledger: str) -> list[View]:
    """The views that the actor sees: their own, and what others share."""
    query = (
        select(VIEW)
        .where(
            VIEW.c.ledger == ledger,
            or_(VIEW.c.account_id == work.actor.id, VIEW.c.shared.is_(True)),
        )
        .order_by(VIEW.c.title, VIEW.c.id)
    )
    return [
        View(row.id, row.title, row.account_id, row.shared, filters.from_json(row.ask))
        for row in work.connection.execute(query)
    ]


def forget(work: Work, ledger: str, number: str) -> None:
    """Forget one of one's own views. Raises NotFound."""
    done = work.connection.execute(
        delete(VIEW).where(
            VIEW.c.id == number, VIEW.c.ledger == ledger, VIEW.c.account_id == work.actor.id
        )
    )
    if not done.rowcount:
        raise NotFound
