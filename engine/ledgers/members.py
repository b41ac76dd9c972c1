"""Entering a ledger that is kept by hand, and leaving it; both with a day and a reason, both kept."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from engine.errors import NotFound, Problem
from engine.ledgers.ground import MEMBER
from engine.ledgers.lens import Lens
from engine.work import Work


class MemberTwice(Problem):
    """The subject stands in the ledger already."""

    code, status = "ledger.member-twice", 409
    since: str


class MembersByRule(Problem):
    """Who belongs to this ledger follows from its rule; nobody is entered or taken out by hand."""

    code, status = "ledger.by-rule", 409
    rule: str


class ReasonMissing(Problem):
    """Entering and leaving a ledger need a reason."""

    code, status = "ledger.reason-missing", 422


class DayWrong(Problem):
    """A day that is none, or leaving before entering."""

    code, status = "ledger.day", 422
    day: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A subject's time in a ledger."""

    entered_on: str
    entry_reason: str
    entered_by: str
    left_on: str | None
    exit_reason: str
    left_by: str


def enter(work: Work, lens: Lens, subject_id: str, *, on: str, reason: str) -> None:
    """Put a subject into a ledger. Raises MembersByRule, ReasonMissing, MemberTwice."""
    _by_hand(lens, reason)
    since = work.connection.execute(
        select(MEMBER.c.entered_on).where(
            MEMBER.c.ledger == lens.code,
            MEMBER.c.subject_id == subject_id,
            MEMBER.c.left_on.is_(None),
        )
    ).scalar()
    if since is not None:
        raise MemberTwice(since=since)
    work.connection.execute(
        insert(MEMBER),
        {
            "id": work.new_id(),
            "ledger": lens.code,
            "subject_id": subject_id,
            "entered_on": on,
            "entry_reason": reason,
            "entered_at": work.at,
            "entered_by": work.actor.name,
            "exit_reason": "",
            "left_by": "",
        },
    )
    work.note("ledger.entered", lens.code, row=subject_id)


def leave(work: Work, lens: Lens, subject_id: str, *, on: str, reason: str) -> None:
    """Take a subject out of a ledger from a day on. Raises MembersByRule, ReasonMissing, NotFound, DayWrong."""
    _by_hand(lens, reason)
    row = work.connection.execute(
        select(MEMBER.c.id, MEMBER.c.entered_on).where(
            MEMBER.c.ledger == lens.code,
            MEMBER.c.subject_id == subject_id,
            MEMBER.c.left_on.is_(None),
        )
    ).first()
    if row is None:
        raise NotFound
    if on < row.entered_on:
        raise DayWrong(day=on)
    work.connection.execute(
        update(MEMBER)
        .where(MEMBER.c.id == row.id)
        .values(left_on=on, exit_reason=reason, left_at=work.at, left_by=work.actor.name)
    )
    work.note("ledger.left", lens.code, row=subject_id)


def stays(work: Work, lens: Lens, subject_id: str) -> list[Stay]:
    """When a subject was in a ledger, the newest first."""
    query = (
        select(
            MEMBER.c.entered_on, MEMBER.c.entry_reason, MEMBER.c.entered_by,
            MEMBER.c.left_on, MEMBER.c.exit_reason, MEMBER.c.left_by,
        )
        .where(MEMBER.c.ledger == lens.code, MEMBER.c.subject_id == subject_id)
        .order_by(MEMBER.c.entered_at.desc())
    )  # fmt: skip
    return [Stay(*row) for row in work.connection.execute(query)]


def _by_hand(lens: Lens, reason: str) -> None:
    if not lens.by_hand:
        raise MembersByRule(rule=lens.rule)
    if not reason.strip():
        raise ReasonMissing
