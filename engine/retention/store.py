"""Periods and runs: set by whoever answers, asked by one person, decided by a second; what falls due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, true, update

from engine.access import policy
from engine.errors import Forbidden, NotFound, Problem
from engine.notices import administrators
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.retention import parts
from engine.retention.tables import RetentionRuleRow, RetentionRunRow
from engine.storage.database import advisory_lock
from engine.work import Work

RULE = RetentionRuleRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
RUN = RetentionRunRow.__table__  # type: ignore[attr-defined]  # as above
ASKED, REFUSED, WITHDRAWN, RUNNING, DONE = "asked", "refused", "withdrawn", "running", "done"
SET, ASK, DECIDE, READ = "retention.set", "retention.ask", "retention.decide", "retention.read"
KIND = "retention.sweep"
LEAST, MOST = 1, 1_200
SHORTEST_REASON = 4


class RetentionWrong(Problem):
    """A period cannot be set so; `reason` says why."""

    code, status = "retention.wrong", 422
    reason: str


class RetentionNothingDue(Problem):
    """Nothing is due that the asker answers for."""

    code, status = "retention.nothing-due", 409


class RetentionOpen(Problem):
    """Something of this waits to be decided already, or is being deleted."""

    code, status = "retention.open", 409


@dataclass(frozen=True, slots=True)
class Rule:
    """How long something is kept."""

    id: str
    kind: str
    code: str
    owner: str
    months: int
    basis: str
    made_at: str
    made_name: str


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due by a period: now, and by the end of the month."""

    rule: Rule
    titles: Mapping[str, str]
    now: int
    month: int
    before: str


@dataclass(frozen=True, slots=True)
class Run:
    """One carrying out, and what came of it."""

    id: str
    state: str
    parts: list[dict[str, Any]]
    asked_at: str
    asked_by: str
    asked_by_name: str
    decided_at: str | None
    decided_by_name: str
    answer: str
    progress: dict[str, Any]
    generation: int
    done_at: str | None
    signature: str

    def certificate(self) -> str:
        """What is signed: what was deleted, up to when, how much, what a hold kept; no values."""
        told = " ".join(
            f"{one['kind']}:{one['code']}<{one['before'][:10]}={one.get('changed', 0)}"
            for one in self.parts
        )
        kept = len(self.progress.get("kept", ()))
        return f"retention {self.id} {self.done_at} {told} kept={kept} key={self.generation}"


def set_period(work: Work, kind: str, code: str, months: int, basis: str) -> str:
    """Say how long something is kept; what held until now is ended. Gives the rule's id.

    Raises Forbidden, NotFound, RetentionWrong.
    """
    if not policy.reaches(work.actor, SET):
        raise Forbidden
    _, owner = parts.part(kind).about(work, code)
    work.require(SET, owner=owner)
    if not LEAST <= months <= MOST:
        raise RetentionWrong(reason="months")
    if len(basis.strip()) < SHORTEST_REASON:
        raise RetentionWrong(reason="basis")
    if code not in parts.part(kind).codes(work):
        raise RetentionWrong(reason="not-personal")
    advisory_lock(work.connection, "retention")
    _end(work, RULE.c.kind == kind, RULE.c.code == code)
    own = work.new_id()
    work.connection.execute(
        insert(RULE),
        {
            "id": own, "kind": kind, "code": code, "owner": owner, "months": months,
            "basis": basis.strip()[:400], "made_at": work.at, "made_by": work.actor.id,
            "made_name": work.actor.name, "ended_at": None, "ended_name": "",
        },
    )  # fmt: skip
    work.note("retention.set", own, kind=kind, code=code, months=months)
    return own


def end_period(work: Work, rule: str) -> None:
    """Nothing is deleted by this period any more. Raises Forbidden, NotFound."""
    if not policy.reaches(work.actor, SET):
        raise Forbidden
    query = select(RULE.c.owner).where(RULE.c.id == rule, RULE.c.ended_at.is_(None))
    owner = work.connection.execute(query).scalar()
    if owner is None:
        raise NotFound
    work.require(SET, owner=owner)
    _end(work, RULE.c.id == rule)
    work.note("retention.ended", rule)


def rules(work: Work) -> list[Rule]:
    """The periods in force that the actor may see, by kind and code. Raises Forbidden."""
    names = [RULE.c[name] for name in Rule.__slots__]
    query = select(*names).where(RULE.c.ended_at.is_(None), _mine(work, READ))
    return [Rule(*row) for row in work.connection.execute(query.order_by(RULE.c.kind, RULE.c.code))]


def due(work: Work) -> list[Due]:
    """What falls due by each period in sight: today, and by the end of the month."""
    found = []
    last = _last_of_month(work.today)
    for rule in rules(work):
        part = parts.part(rule.kind)
        try:
            titles, _ = part.about(work, rule.code)
        except NotFound:
            continue
        before = parts.cutoff(work.today, rule.months)
        now = part.due(work, rule.code, before)
        month = part.due(work, rule.code, parts.cutoff(last, rule.months))
        found.append(Due(rule, titles, now, month, before))
    return found


def ask(work: Work, chosen: list[str]) -> str:
    """Ask that what is due today by these periods be deleted. Gives the run's id.

    Raises Forbidden, NotFound, RetentionNothingDue, RetentionOpen.
    """
    if not policy.reaches(work.actor, ASK):
        raise Forbidden
    advisory_lock(work.connection, "retention")
    known = {one.rule.id: one for one in due(work)}
    told: list[dict[str, Any]] = []
    for rule in chosen:
        if rule not in known:
            raise NotFound
        one = known[rule]
        work.require(ASK, owner=one.rule.owner)
        if one.now:
            told.append({"kind": one.rule.kind, "code": one.rule.code, "rule": one.rule.id,
                         "months": one.rule.months, "before": one.before, "due": one.now})  # fmt: skip
    if not told:
        raise RetentionNothingDue
    _refuse_open(work, {(one["kind"], one["code"]) for one in told})
    own = work.new_id()
    work.connection.execute(
        insert(RUN),
        {
            "id": own, "state": ASKED, "parts": told, "asked_at": work.at,
            "asked_by": work.actor.id, "asked_by_name": work.actor.name, "decided_by_name": "",
            "answer": "", "progress": {}, "generation": 0, "signature": "",
        },
    )  # fmt: skip
    work.note("retention.asked", own, due=sum(one["due"] for one in told))
    administrators.tell(
        work, ("security", "system"), "retention.notice.asked", detail={"retention": own}, key=own
    )
    return own


def decide(work: Work, own: str, *, agreed: bool, answer: str = "") -> None:
    """The second person's word; what is approved is deleted by a job.

    Raises Forbidden, NotFound, RetentionWrong without a reason for a refusal.
    """
    work.require(DECIDE)
    run = _waiting(work, own)
    if run.asked_by == work.actor.id:
        raise Forbidden(reason="account.second-person")
    if not agreed and len(answer.strip()) < SHORTEST_REASON:
        raise RetentionWrong(reason="answer")
    change = update(RUN).where(RUN.c.id == own, RUN.c.state == ASKED)
    work.connection.execute(
        change.values(
            state=RUNNING if agreed else REFUSED, decided_at=work.at, decided_by=work.actor.id,
            decided_by_name=work.actor.name, answer=answer.strip()[:400],
        )
    )  # fmt: skip
    about = "retention.approved" if agreed else "retention.refused"
    work.note(about, own)
    if agreed:
        work.later(KIND, {"run": own})
    detail = {"retention": own, "answer": answer.strip()[:400]}
    notices.tell(work, [Notice(about, account_id=run.asked_by, detail=detail)])


def withdraw(work: Work, own: str) -> None:
    """Whoever asked takes it back before it is decided. Raises NotFound."""
    if _waiting(work, own).asked_by != work.actor.id:
        raise NotFound
    change = update(RUN).where(RUN.c.id == own)
    work.connection.execute(change.values(state=WITHDRAWN, decided_at=work.at))
    work.note("retention.withdrawn", own)


def runs(work: Work, *, limit: int = 100) -> list[Run]:
    """The runs that the actor may see, the newest first. Raises Forbidden."""
    query = select(RUN).where(_seen(work)).order_by(RUN.c.asked_at.desc()).limit(limit)
    return [read(row) for row in work.connection.execute(query).mappings()]


def get(work: Work, own: str) -> Run:
    """One run. Raises Forbidden, NotFound."""
    query = select(RUN).where(RUN.c.id == own, _seen(work))
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return read(row)


def read(row: Mapping[Any, Any]) -> Run:
    """A row as a value."""
    values = {name: row[name] for name in Run.__slots__}
    return Run(**{**values, "progress": row["progress"] or {}})


def _mine(work: Work, verb: str) -> ColumnElement[bool]:
    if not policy.reaches(work.actor, verb):
        raise Forbidden
    return policy.sees(work.actor, verb, owner=RULE.c.owner)


def _seen(work: Work) -> ColumnElement[bool]:
    reaches = policy.reaches(work.actor, READ)
    if not reaches:
        raise Forbidden
    if any(one.kind == "all" for one in reaches):
        return true()
    mine: ColumnElement[bool] = RUN.c.asked_by == work.actor.id
    return mine


def _waiting(work: Work, own: str) -> Run:
    query = select(RUN).where(RUN.c.id == own, RUN.c.state == ASKED).with_for_update()
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return read(row)


def _refuse_open(work: Work, wanted: set[tuple[str, str]]) -> None:
    query = select(RUN.c.parts).where(RUN.c.state.in_((ASKED, RUNNING)))
    for told in work.connection.execute(query).scalars():
        if wanted & {(one["kind"], one["code"]) for one in told}:
            raise RetentionOpen


def _end(work: Work, *which: ColumnElement[bool]) -> None:
    change = update(RULE).where(and_(*which), RULE.c.ended_at.is_(None))
    work.connection.execute(change.values(ended_at=work.at, ended_name=work.actor.name))


def _last_of_month(day: date) -> date:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)
