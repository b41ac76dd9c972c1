"""Rows of a register that an access rule withholds from the actor, as a condition and one by one."""

from datetime import date

from sqlalchemy import ColumnElement, and_, not_, select

from engine.dictionary.store import Dictionary
from engine.errors import NotFound
from engine.formula import sql
from engine.formula.parse import parse_members
from engine.formula.tree import Members
from engine.registers.query import RegisterScope
from engine.registers.schema import table
from engine.work import Work


def open_rows(
    work: Work, known: Dictionary, subject: str, *, scope: str = "", on: date | None = None
) -> ColumnElement[bool] | None:
    """The rows of a register that no rule withholds there; None where nothing is withheld."""
    day = on or work.today
    parts = [
        condition(known, members, day)
        for members in map(parse_members, work.rules.conditions(scope))
        if members.subject == subject
    ]
    return and_(*(not_(one) for one in parts)) if parts else None


def condition(known: Dictionary, members: Members, day: date) -> ColumnElement[bool]:
    """Which rows a rule means. Raises what the formula raises where the database cannot answer it."""
    return sql.members_condition(members, RegisterScope(known, "", day))


def require_open(work: Work, known: Dictionary, subject: str, own: str, *, scope: str = "") -> None:
    """Go on only if no rule withholds a subject. Raises NotFound."""
    allowed = open_rows(work, known, subject, scope=scope)
    if allowed is None:
        return
    register = table(known, subject)
    query = select(register.c.id).where(register.c.id == own, allowed)
    if work.connection.execute(query).first() is None:
        raise NotFound


def open_ids(work: Work, known: Dictionary, subject: str, ids: list[str]) -> set[str]:
    """Those of these subjects that no rule withholds."""
    allowed = open_rows(work, known, subject)
    if allowed is None:
        return set(ids)
    register = table(known, subject)
    query = select(register.c.id).where(register.c.id.in_(ids), allowed)
    return set(work.connection.execute(query).scalars())
