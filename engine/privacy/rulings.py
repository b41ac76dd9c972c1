"""Access rules as the security administrator makes and ends them; none is changed or removed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from engine.access.rules import (
    CLEAR_FIELD,
    EFFECTS,
    PURPOSES,
    REFUSE_PURPOSE,
    RULE,
    WITHHOLD_FIELD,
    WITHHOLD_ROWS,
)
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound, Problem
from engine.formula.parse import parse_members
from engine.identity.actor import ROLES
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION
from engine.registers import limits
from engine.storage.database import advisory_lock
from engine.work import Work

LONGEST = timedelta(days=366)
"""No rule gives anything for longer; it can be made again."""
SHORTEST_REASON = 5


class RuleWrong(Problem):
    """An access rule cannot be so; `reason` says what is wrong, `detail` where."""

    code, status = "privacy.rule-wrong", 422
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A rule as it is asked for."""

    effect: str
    role: str = ""
    organisation: str = ""
    scope: str = ""
    field: str = ""
    condition: str = ""
    purpose: str = ""
    since: str = ""
    until: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule as it stands, with how many people fall under it today."""

    id: str
    wish: Wish
    made_by: str
    made_at: str
    ended_by: str
    ended_at: str | None
    people: int


def add(work: Work, wish: Wish, *, scopes: Collection[str]) -> str:
    """Make a rule, in force from its first day; gives its id. `scopes` are the ledgers and forms
    there are. Raises Forbidden, RuleWrong.
    """
    work.require("account.manage")
    known = dictionary(work.connection)
    _check(work, wish, known, scopes)
    if wish.field:
        wish = replace(wish, field=known.fields[wish.field].code)
    since, until = _days(work, wish)
    _refuse_second(work, wish)
    number = work.new_id()
    row = {name: getattr(wish, name) for name in Wish.__slots__}
    row |= {"id": number, "since": since, "until": until, "reason": wish.reason.strip()[:400]}
    row |= {"made_by": work.actor.id, "made_at": work.at, "ended_by": "", "ended_at": None}
    work.connection.execute(insert(RULE), row)
    told = {name: row[name] for name in ("effect", "role", "organisation", "scope", "field")}
    told |= {name: row[name] for name in ("condition", "purpose", "since", "until")}
    work.note("access.rule-made", number, **told)
    return number


def _refuse_second(work: Work, wish: Wish) -> None:
    """The same rule twice would have to be ended twice."""
    advisory_lock(work.connection, "access rules")
    same = [
        RULE.c[name] == getattr(wish, name)
        for name in ("effect", "role", "organisation", "scope", "field", "condition", "purpose")
    ]
    today = work.today.isoformat()
    lasts = or_(RULE.c.until.is_(None), RULE.c.until >= today)
    query = select(RULE.c.id).where(*same, RULE.c.ended_at.is_(None), lasts)
    if work.connection.execute(query).first() is not None:
        raise RuleWrong(reason="twice")


def end(work: Work, number: str) -> None:
    """End a rule now. Raises Forbidden, NotFound for one that is not there or ended already."""
    work.require("account.manage")
    ended = work.connection.execute(
        update(RULE)
        .where(RULE.c.id == number, RULE.c.ended_at.is_(None))
        .values(ended_at=work.at, ended_by=work.actor.id)
    )
    if ended.rowcount != 1:
        raise NotFound
    work.note("access.rule-ended", number)


def listed(work: Work, *, over: bool = False, limit: int = 500) -> list[Ruling]:
    """Rules in force or to come, or those that are over; the newest first. Raises Forbidden."""
    work.require("access.read")
    today = work.today.isoformat()
    past = or_(RULE.c.ended_at.is_not(None), and_(RULE.c.until.is_not(None), RULE.c.until < today))
    query = select(RULE).where(past if over else ~past).order_by(RULE.c.made_at.desc()).limit(limit)
    rows = work.connection.execute(query).mappings().all()
    return [_ruling(work, row) for row in rows]


def _ruling(work: Work, row: Mapping[Any, Any]) -> Ruling:
    wish = Wish(**{name: row[name] or "" for name in Wish.__slots__})
    return Ruling(
        row["id"], wish, row["made_by"], row["made_at"], row["ended_by"], row["ended_at"],
        _people(work, wish),
    )  # fmt: skip


def _people(work: Work, wish: Wish) -> int:
    today = work.today.isoformat()
    query = (
        select(func.count(POSITION.c.account_id.distinct()))
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .where(
            ACCOUNT.c.active.is_(True),
            POSITION.c.valid_from <= today,
            or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
        )
    )
    if wish.role:
        query = query.where(POSITION.c.role == wish.role)
    if wish.organisation:
        above = select(ORGANISATION.c.path).where(ORGANISATION.c.code == wish.organisation)
        path = work.connection.execute(above).scalar() or "\0"
        query = query.where(ORGANISATION.c.path.startswith(path, autoescape=True))
    return int(work.connection.execute(query).scalar_one())


def _check(work: Work, wish: Wish, known: Dictionary, scopes: Collection[str]) -> None:
    if wish.effect not in EFFECTS:
        raise RuleWrong(reason="effect")
    if wish.role and wish.role not in ROLES:
        raise RuleWrong(reason="role")
    place = select(ORGANISATION.c.code).where(ORGANISATION.c.code == wish.organisation)
    if wish.organisation and work.connection.execute(place).first() is None:
        raise RuleWrong(reason="organisation", detail=wish.organisation)
    if wish.scope and wish.scope not in scopes:
        raise RuleWrong(reason="scope", detail=wish.scope)
    if len(wish.reason.strip()) < SHORTEST_REASON:
        raise RuleWrong(reason="reason")
    needs = {
        WITHHOLD_FIELD: ("field",),
        WITHHOLD_ROWS: ("condition",),
        REFUSE_PURPOSE: ("purpose",),
        CLEAR_FIELD: ("field", "until"),
    }[wish.effect]
    for name in needs:
        if not getattr(wish, name):
            raise RuleWrong(reason=f"no-{name}")
    may = {*needs, "until"} | ({"field"} if wish.effect == REFUSE_PURPOSE else set())
    for name in ("field", "condition", "purpose"):
        if getattr(wish, name) and name not in may:
            raise RuleWrong(reason="too-much")
    _check_what(work, wish, known)


def _check_what(work: Work, wish: Wish, known: Dictionary) -> None:
    if wish.field:
        field = known.fields.get(wish.field)
        if field is None:
            raise RuleWrong(reason="field", detail=wish.field)
        if wish.effect == CLEAR_FIELD and field.sensitivity == "L4":
            raise RuleWrong(reason="l4", detail=field.label())
    if wish.purpose and wish.purpose not in PURPOSES:
        raise RuleWrong(reason="purpose")
    if wish.condition:
        if wish.scope.startswith("form:"):
            raise RuleWrong(reason="form-rows")
        try:
            members = parse_members(wish.condition)
            if members.subject not in known.subjects or members.where is None:
                raise RuleWrong(reason="subject")
            limits.condition(known, members, work.today)
        except RuleWrong:
            raise
        except Problem as problem:
            raise RuleWrong(reason="condition", detail=problem.text("zh")) from problem


def _days(work: Work, wish: Wish) -> tuple[str, str | None]:
    try:
        since = date.fromisoformat(wish.since) if wish.since else work.today
        until = date.fromisoformat(wish.until) if wish.until else None
    except ValueError as error:
        raise RuleWrong(reason="date") from error
    if until is not None and (until < since or until < work.today):
        raise RuleWrong(reason="period")
    if wish.effect == CLEAR_FIELD and until is not None and until - since > LONGEST:
        raise RuleWrong(reason="too-long")
    return since.isoformat(), until.isoformat() if until else None
